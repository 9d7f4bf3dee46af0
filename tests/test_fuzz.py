"""Every entry where outside text comes in, under whatever hypothesis thinks of: only errors of our own may come out.

Some two thousand cases as a rule; `pytest tests/test_fuzz.py --full-scale` runs 100,000.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.chat import ids
from bot.chat.text import plain
from bot.console import commands
from bot.errors import BotError, SettingsError
from bot.settings import Settings, read_settings
from bot.store import Store
from bot.store.transfer import import_all
from vae import glossary, vernacular
from vae.errors import PoetError
from vae.poem import BlendRequest, Form, Script, WriteRequest
from vae.prosody.check import check
from vae.script import in_script, printable, script_of, sound, to_simplified, to_traditional

CASES = {
    "ids": 25_000,
    "plain": 25_000,
    "check": 15_000,
    "console": 15_000,
    "script": 10_000,
    "words": 5_000,
    "write": 2_000,
    "blend": 1_000,
    "settings": 1_500,
    "import": 500,
}
"""Of 100,000, by entry; a fiftieth of each as a rule."""

VERSE = "明月春江花夜思故鄉白日依山盡黃河入海流乾干发發床前光"
HOSTILE = "\0\x1b\u202e\u2067\u200b\u3000\ud800\U0010fffe𠀀豈́̂@#`*[]()<>:/\\'\";%{}$&|-_=+.,，。！？「」\n\r\t"
letters = st.one_of(st.sampled_from(VERSE), st.sampled_from(HOSTILE), st.characters())
texts = st.one_of(
    st.text(letters, max_size=120),
    st.text(st.sampled_from(VERSE + "，。\n"), max_size=70),
    st.text(letters, min_size=1, max_size=3).map(lambda part: part * 700),  # longer than any limit
    st.sampled_from(
        ["", " ", "the moon", "'; DROP TABLE poems; --", "../../etc/passwd", "{0.__class__}", "%s%n", "@everyone"]
    ),
)
rarely = st.one_of(st.none(), st.none(), st.none(), st.none(), texts)
verses = st.text(st.sampled_from(VERSE + "，。"), min_size=1, max_size=30)


def fuzzed(name: str, **strategies: st.SearchStrategy) -> Callable:
    """Runs a law over many cases, more under --full-scale."""

    def decorate(law: Callable) -> Callable:
        def test(request: pytest.FixtureRequest, poet, tmp_path) -> None:
            count = CASES[name] if request.config.getoption("--full-scale") else CASES[name] // 50
            relaxed = settings(
                max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck)
            )
            wanted = {"poet": poet, "tmp_path": tmp_path}
            known = {key: wanted[key] for key in law.__code__.co_varnames[: law.__code__.co_argcount] if key in wanted}
            relaxed(given(**strategies)(lambda **drawn: law(**known, **drawn)))()

        return test

    return decorate


@fuzzed("ids", text=st.one_of(st.from_regex(r"\A[a-z][0-9]:[a-z]{1,9}(:[0-9a-z]{0,12}){0,9}\Z"), texts))
def test_an_id_is_read_or_is_none_of_ours(text):
    found = ids.Id.parse(text)
    if found is not None:
        assert str(found) == text
        for place in range(len(found.arguments) + 1):
            with contextlib.suppress(LookupError, ValueError):  # what `number` promises
                assert found.number(place) >= 0


@fuzzed("plain", text=texts)
def test_text_of_others_holds_no_bare_punctuation(text):
    said = plain(text)
    assert len(said) <= 2 * 1000 + 2 + 1000  # each character escaped, and a zero-width space after each @
    assert not any(char in said.replace("\\" + char, "") for char in "*_~`<>[]()|#")
    assert "@everyone" not in said


@fuzzed("check", text=texts)
def test_any_text_is_checked(text):
    report = check(text.split("\n"))
    assert not report.complies or report.regular


@fuzzed("console", line=st.one_of(texts, texts.map(lambda t: "/poem " + t), texts.map(lambda t: "/blend a b " + t)))
def test_a_line_at_the_console_is_read_or_refused(line):
    try:
        commands.parse(line)
    except (PoetError, BotError) as error:
        assert str(error)


@fuzzed("script", text=texts.map(sound))
def test_any_text_is_turned_into_either_script(text):
    for turned in (to_traditional(text), to_simplified(text), in_script(text, Script.HANS)):
        assert len(turned) == len(text)
    assert script_of(text) in (None, *Script)
    assert printable(text).isprintable()


@fuzzed("words", text=texts.map(sound))
def test_any_text_is_looked_up(text):
    glossary.images(text)
    glossary.gloss(text.split("\n"))
    vernacular.is_prose(text)


@fuzzed(
    "write",
    seed=st.one_of(st.none(), verses, texts),
    form=st.sampled_from([None, *Form]),
    rhyme=st.one_of(rarely, st.sampled_from("東冬江")),
    scheme=st.one_of(rarely, st.sampled_from([None, "S1", "s4"])),
    acrostic=st.one_of(rarely, verses),
    answer=rarely,
    place=st.one_of(st.just(1), st.integers(-2, 12)),
)
def test_a_wish_is_planned_or_refused_with_a_sentence(poet, **wish):
    try:
        prepared = poet.prepare(WriteRequest(**wish, candidates=1, random_seed=1))
    except PoetError as error:
        assert str(error)
        assert len(str(error)) < 1000
    else:
        assert prepared.rows == 1


@fuzzed(
    "blend",
    a=st.one_of(verses, texts),
    b=st.one_of(verses, texts),
    form=st.sampled_from([None, *Form]),
    steps=st.integers(-1, 30),
)
def test_a_walk_is_planned_or_refused_with_a_sentence(poet, **wish):
    try:
        assert poet.prepare(BlendRequest(**wish, candidates=1, random_seed=1)).rows == wish["steps"]
    except PoetError as error:
        assert str(error)
        assert len(str(error)) < 1000


_NAMES = sorted(name.upper() for name in Settings.model_fields)
_values = texts.filter(lambda value: "\0" not in value and value.isprintable())  # what an environment can hold


@fuzzed("settings", told=st.dictionaries(st.sampled_from(_NAMES), _values, max_size=4))
def test_settings_are_read_or_named(told):
    with patch.dict(os.environ, told):
        try:
            read_settings()
        except SettingsError as error:
            assert any(name in str(error) for name in told)
            token = told.get("DISCORD_TOKEN", "").strip()
            others = " ".join(value for name, value in told.items() if name != "DISCORD_TOKEN")
            assert len(token) < 8 or token in others or token not in str(error)


@fuzzed(
    "import",
    lines=st.lists(st.one_of(texts, st.sampled_from(['["poems", {}]', '{"rows": {}}', "[" * 5000])), max_size=4),
)
def test_what_is_no_export_is_refused_and_leaves_nothing(tmp_path: Path, lines):
    async def tried() -> None:
        file, database = tmp_path / "export.jsonl", tmp_path / "imported.db"
        file.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
        with pytest.raises(BotError):
            await import_all(database, file)
        store = await Store.open(database)
        await store.close()

    asyncio.run(tried())
