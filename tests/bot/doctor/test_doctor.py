"""Each thing that can be wrong with a host is found, and told with what to do."""

from __future__ import annotations

import asyncio
import base64
import copy
import hashlib
import io
import random
import shutil
import sqlite3
from collections import namedtuple
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hypothesis import example, given
from hypothesis import strategies as st

import bot.doctor.examination
from bot.chat.sizes import breaches, command_text, told_offline
from bot.cli import cli
from bot.doctor import Finding, State, examine
from bot.doctor.examination import LOOKS
from bot.locales import HANS, HANT, parity
from bot.settings import Settings
from bot.store import Store
from tests.fake_discord import command_limits
from vae import integrity

SHAPED = f"{base64.urlsafe_b64encode(b'1234567890123456789').decode().rstrip('=')}.GabcdE.{'x' * 38}"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/lanting.db")


async def found(part: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Finding:
    """What the whole examination says of one part."""
    monkeypatch.setattr(bot.doctor.examination, "LOOKS", {part: LOOKS[part]})
    (finding,) = [finding async for finding in examine(settings)]
    assert finding.part == part
    assert finding.state is State.WELL or finding.remedy or finding.said.endswith(".")
    return finding


def test_the_shipped_tables_and_weights_are_those_of_the_list():
    """After a change of them: `make sums`."""
    folder = integrity.FOLDER
    shipped = sorted(folder.glob("data/*")) + sorted(folder.glob("weights/*.safetensors"))
    sums = {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in shipped}
    assert integrity.listed() == sums
    assert integrity.altered() == []


async def test_a_damaged_or_missing_file_is_named(settings, tmp_path, monkeypatch):
    shutil.copytree(integrity.FOLDER / "data", tmp_path / "data")
    lines = [
        line for line in (integrity.FOLDER / integrity.LIST).read_text().splitlines(keepends=True) if "data/" in line
    ]
    (tmp_path / integrity.LIST).write_text("".join(lines))
    monkeypatch.setattr(integrity, "FOLDER", tmp_path)
    assert (await found("weights", settings, monkeypatch)).state is State.WELL
    (tmp_path / "data" / "words.xz").unlink()
    with (tmp_path / "data" / "lines.bloom").open("r+b") as file:
        file.write(b"?")
    finding = await found("weights", settings, monkeypatch)
    assert finding.state is State.FAULT
    assert "data/lines.bloom, data/words.xz" in finding.said
    (tmp_path / integrity.LIST).unlink()
    assert (await found("weights", settings, monkeypatch)).state is State.FAULT


async def test_weights_of_one_s_own_that_are_none_are_a_fault_of_the_poet(settings, monkeypatch):
    own = settings.model_copy(update={"weights": Path(__file__)})
    assert (await found("weights", own, monkeypatch)).state is State.NOTE
    finding = await found("poet", own, monkeypatch)
    assert finding.state is State.FAULT
    assert __file__ in finding.said


@pytest.mark.parametrize(
    ("token", "state"),
    [
        (None, State.WELL),
        (SHAPED, State.WELL),
        ("fake.bot.token", State.FAULT),
        (SHAPED.replace(".", ""), State.FAULT),
        (SHAPED.rpartition(".")[0], State.FAULT),
        (base64.urlsafe_b64encode(b"not a number at all").decode() + SHAPED[SHAPED.index(".") :], State.FAULT),
        ("Bot" + SHAPED, State.FAULT),
    ],
)
async def test_a_token_is_known_by_its_shape_and_never_shown(token, state, settings, monkeypatch):
    finding = await found("token", Settings(_env_file=None, discord_token=token), monkeypatch)
    assert finding.state is state
    assert token is None or token not in str(finding)
    assert ("1234567890123456789" in finding.said) == (token == SHAPED)


async def test_the_commands_are_within_discord_s_limits(settings, monkeypatch):
    assert (await found("commands", settings, monkeypatch)).state is State.WELL


@pytest.fixture(scope="module")
def commands():
    return asyncio.run(told_offline())


def places(thing: object):
    """Where a text stands in a command: the mapping and the key."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            if isinstance(value, str) and key not in ("type",):
                yield thing, key
            yield from places(value)
    elif isinstance(thing, list):
        for inner in thing:
            yield from places(inner)


@given(st.integers(0, 10**6), st.sampled_from([0, 1, 32, 33, 100, 101, 7000]))
@example(77, 1)  # two options of one name
def test_it_finds_a_fault_wherever_discord_would(commands, number: int, length: int):
    """The fake Discord's own limits, written apart from these, are the judge; it leaves some lengths to its schemas."""

    commands = copy.deepcopy(commands)
    thing, key = random.Random(number).choice(list(places(commands)))
    thing[key] = "a" * length
    assert [command_text(c) for c in commands] == [command_limits.command_text(c) for c in commands]
    if list(command_limits.check_commands(commands)):
        assert list(breaches(commands))
    if length in (1, 32):
        assert {breach for breach in breaches(commands) if "characters, not" in breach} == set()


async def test_too_many_commands_options_and_choices_are_found(commands):
    (poem,) = [command for command in commands if command["name"] == "poem"]
    menu = next(command for command in commands if command["type"] == 3)
    assert list(breaches([poem] * 100 + [menu] * 15)) == []
    assert len(list(breaches([poem] * 101))) == 1
    assert len(list(breaches([menu] * 16))) == 1
    options = [poem["options"][0] | {"name": f"option-{i}", "name_localizations": {}} for i in range(26)]
    assert len(list(breaches([poem | {"options": options}]))) == 1
    assert len(list(breaches([poem | {"options": [options[0], options[0]]}]))) == 1
    choice = {"name": "a", "value": "a"}
    assert len(list(breaches([poem | {"options": [poem["options"][0] | {"choices": [choice] * 26}]}]))) == 1


async def test_a_catalogue_that_is_behind_is_named_with_a_text_it_lacks(settings, tmp_path, monkeypatch):
    assert (await found("translations", settings, monkeypatch)).state is State.WELL
    monkeypatch.setattr(parity, "FOLDER", tmp_path)
    for path in (HANS, HANT):
        catalogue = read_po(io.BytesIO(path.read_bytes()), charset="utf-8")
        if path == HANT:
            catalogue.delete("The poem's form")
            catalogue.add("About {seconds} s", "{minutes}")
        with (tmp_path / path.with_suffix(".mo").name).open("wb") as file:
            write_mo(file, catalogue)
    parity._catalogue.cache_clear()
    finding = await found("translations", settings, monkeypatch)
    parity._catalogue.cache_clear()
    assert finding.state is State.FAULT
    assert 'zh-Hant lacks 1 texts, such as "The poem\'s form"' in finding.said
    assert "zh-Hans lacks 1 texts, such as 'About {seconds} s'" in finding.said
    assert "zh-Hant has other particulars in 1 texts, such as 'About {seconds} s'" in finding.said


async def test_the_fonts_are_there_or_their_absence_is_told(settings, tmp_path, monkeypatch):
    from bot.pictures import typeface

    assert (await found("font", settings, monkeypatch)).state is State.WELL
    monkeypatch.setattr(typeface, "FOLDER", tmp_path)
    typeface.Typeface.shipped.cache_clear()
    assert (await found("font", settings, monkeypatch)).state is State.FAULT
    typeface.Typeface.shipped.cache_clear()


@pytest.mark.parametrize(("free", "state"), [(10**6, State.FAULT), (10**8, State.NOTE), (10**10, State.WELL)])
async def test_a_disk_that_is_nearly_full_is_told(free, state, settings, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: namedtuple("Usage", "free")(free))
    monkeypatch.setattr("bot.doctor.host.why_it_will_not_last", lambda _: None)
    assert (await found("disk", settings, monkeypatch)).state is state


@pytest.mark.parametrize(("token", "state"), [(None, State.NOTE), (SHAPED, State.FAULT)])
async def test_a_disk_that_forgets_is_a_fault_once_people_are_served(token, state, settings, monkeypatch):
    monkeypatch.setattr("bot.doctor.host.why_it_will_not_last", lambda _: "it is kept in memory")
    served = Settings(_env_file=None, discord_token=token, database_url=settings.database_url)
    assert (await found("disk", served, monkeypatch)).state is state


async def test_how_fast_the_disk_writes_is_judged_and_nothing_is_left_on_it(settings, tmp_path, monkeypatch):
    monkeypatch.setattr("bot.doctor.host.SLOW", 60.0)
    assert (await found("writing", settings, monkeypatch)).state is State.WELL
    monkeypatch.setattr("bot.doctor.host.SLOW", 0.0)
    monkeypatch.setattr("bot.doctor.host.TOO_SLOW", 60.0)
    assert (await found("writing", settings, monkeypatch)).state is State.NOTE
    monkeypatch.setattr("bot.doctor.host.TOO_SLOW", 0.0)
    assert (await found("writing", settings, monkeypatch)).state is State.FAULT
    assert list(tmp_path.iterdir()) == []


async def test_a_folder_that_cannot_be_written_is_told(monkeypatch):
    nowhere = Settings(_env_file=None, database_url="sqlite:////proc/poems/lanting.db")
    assert "/proc cannot be written" in (await found("writing", nowhere, monkeypatch)).said


async def test_a_clock_that_is_wrong_or_jumps_is_told(settings, monkeypatch):
    assert (await found("clock", settings, monkeypatch)).state is State.WELL
    with monkeypatch.context() as patched:
        patched.setattr("bot.doctor.host.APART", -1.0)
        assert "jumped" in (await found("clock", settings, patched)).said
    monkeypatch.setattr("bot.doctor.host.MADE", datetime(2999, 1, 1, tzinfo=UTC))
    assert "before this program was made" in (await found("clock", settings, monkeypatch)).said


async def test_the_database_s_version_is_told_and_nothing_is_made(settings, tmp_path, monkeypatch):
    assert "none yet" in (await found("database", settings, monkeypatch)).said
    assert list(tmp_path.iterdir()) == []
    await (await Store.open(tmp_path / "lanting.db")).close()
    assert (await found("database", settings, monkeypatch)).state is State.WELL
    for version, state, said in (("0001", State.NOTE, "its version is 0001"), ("9999", State.FAULT, "newer Lanting")):
        with closing(sqlite3.connect(tmp_path / "lanting.db", isolation_level=None)) as database:
            database.execute("UPDATE alembic_version SET version_num = ?", (version,))
        finding = await found("database", settings, monkeypatch)
        assert (finding.state, said in finding.said) == (state, True)
    (tmp_path / "lanting.db").write_bytes(b"Dear friend, " * 1000)
    assert (await found("database", settings, monkeypatch)).state is State.FAULT


def test_a_fault_is_an_exit_code_of_1_and_the_rest_is_still_told(settings, monkeypatch, capsys):
    monkeypatch.setattr(bot.doctor.examination, "LOOKS", {part: LOOKS[part] for part in ("token", "clock")})
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    for token, code, last in ((None, 0, "All is well."), ("no-token-at-all", 1, "1 to be mended.")):
        if token is not None:
            monkeypatch.setenv("DISCORD_TOKEN", token)
        with pytest.raises(SystemExit) as ended:
            cli(["doctor"])
        lines = capsys.readouterr().out.splitlines()
        assert ended.value.code == code
        assert [line[:7] for line in lines[:-1]] == [f"{'✗' if code else '✓'} token", "✓ clock"]
        assert lines[-1] == last
        assert "no-token-at-all" not in "".join(lines)
