import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SettingsError
from bot.settings import Settings, read_settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
README = EXAMPLE.with_name("README.md")
NAMES = [name.upper() for name in Settings.model_fields]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without .env, and no variable of ours."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_example_lists_every_setting_with_a_comment_and_nothing_else():
    example = EXAMPLE.read_text(encoding="utf-8")
    assert re.findall(r"^([A-Z_]+)=", example, re.MULTILINE) == NAMES
    assert re.findall(r"^#.*\n([A-Z_]+)=", example, re.MULTILINE) == NAMES


def test_the_readme_tells_every_setting_and_no_other():
    table = README.read_text(encoding="utf-8").partition("\n## Settings\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)) == sorted(NAMES)


def test_the_example_as_it_stands_gives_the_defaults(nowhere: Path):
    defaults = read_settings()
    (nowhere / ".env").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    assert read_settings() == defaults


def test_empty_variables_count_as_unset(monkeypatch: pytest.MonkeyPatch):
    defaults = read_settings()
    for name in NAMES:
        monkeypatch.setenv(name, "  ")
    assert read_settings() == defaults


def test_the_environment_wins_over_the_file(nowhere: Path, monkeypatch: pytest.MonkeyPatch):
    (nowhere / ".env").write_text("DEVICE=cuda\nQUEUE_LIMIT=3\n")
    monkeypatch.setenv("DEVICE", "CPU")
    settings = read_settings()
    assert (settings.device, settings.queue_limit) == ("cpu", 3)


@pytest.mark.parametrize(
    ("name", "value", "may_hold"),
    [
        ("DEVICE", "gpu", "auto, cpu or cuda"),
        ("TORCH_THREADS", "0", "a number from 1 to 1024"),
        ("TORCH_THREADS", "many", "a number from 1 to 1024"),
        ("RAY_ADDRESS", "somewhere", "auto, local, or a Ray cluster's address"),
        ("RAY_ADDRESS", "http://host:6379", "auto, local, or a Ray cluster's address"),
        ("REPLICAS", "0", "a number from 1 to 1024"),
        ("QUEUE_LIMIT", "-1", "a number from 1 to 10000"),
        ("WISH_TIMEOUT", "inf", "seconds, more than 0"),
        ("WISH_TIMEOUT", "nan", "seconds, more than 0"),
        ("LOG_LEVEL", "loud", "debug, info, warning or error"),
        ("LOG_TEXT", "some", "1 or 0"),
        ("SHUTDOWN_TIMEOUT", "0", "seconds, from 1 to 600"),
        ("DATABASE_URL", "lanting.db", "sqlite:/// and the path of a file"),
        ("DATABASE_URL", "sqlite://", "sqlite:/// and the path of a file"),
        ("DATABASE_URL", "sqlite:///:memory:", "sqlite:/// and the path of a file"),
        ("DATABASE_URL", "sqlite:///a.db?mode=ro", "sqlite:/// and the path of a file"),
        ("DATABASE_URL", "mysql://host/lanting", "sqlite:/// and the path of a file"),
        ("DATABASE_URL", "postgres://host", "sqlite:/// and the path of a file"),
        ("DATABASE_URL", "postgresql://host/two words", "sqlite:/// and the path of a file"),
    ],
)
def test_a_wrong_value_is_named_with_what_it_holds_and_may_hold(
    name: str, value: str, may_hold: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert str(caught.value).startswith(f"{name} is '{value}'; it must be {may_hold}")


@pytest.mark.parametrize(
    ("text", "ids"),
    [("0", (0,)), ("0,1", (0, 1)), ("0-1", (0, 1)), (" 3 , 0 - 1,2", (3, 0, 1, 2)), ("3-3", (3,)), ("", None)],
)
def test_shards_are_listed_or_given_from_to(text: str, ids: tuple[int, ...] | None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHARD_IDS", text)
    monkeypatch.setenv("SHARD_COUNT", "4")
    settings = read_settings()
    assert (settings.shard_ids, settings.shard_count) == (ids, 4)
    assert settings.all_shards is (ids is None or len(ids) == 4)


@pytest.mark.parametrize("text", ["4", "0,0", "0-2,1", "2-1", "-1", "0,", "0;1", "[0]", "all", "0-99999", "1" * 99])
def test_shards_that_there_cannot_be_are_refused(text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHARD_IDS", text)
    monkeypatch.setenv("SHARD_COUNT", "4")
    with pytest.raises(SettingsError, match=r"^SHARD_IDS is '.*'; it must be .* less than SHARD_COUNT, which"):
        read_settings()


def test_shards_of_an_unknown_number_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHARD_IDS", "0,1")
    with pytest.raises(SettingsError, match=r"^SHARD_IDS is '0,1'; .* SHARD_COUNT, which must be set\.$"):
        read_settings()
    monkeypatch.setenv("SHARD_COUNT", "0")
    with pytest.raises(
        SettingsError, match=r"^SHARD_COUNT is '0'; it must be the number of the bot's shards"
    ) as caught:
        read_settings()
    assert "SHARD_IDS" not in str(caught.value)  # nothing may be wrong with them


@pytest.mark.parametrize("address", ["auto", "local", "10.0.0.5:6379", "ray://head:10001", "[::1]:6379"])
def test_a_ray_cluster_has_an_address(address: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RAY_ADDRESS", address)
    assert read_settings().ray_address == address


def test_all_wrong_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DEVICE", "gpu")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(SettingsError, match=r"DEVICE is 'gpu'.*LOG_LEVEL is 'loud'"):
        read_settings()


@pytest.mark.parametrize("token", ["two words", "ａｂｃ", "line\nbreak", "café"])
def test_a_token_is_never_shown(token: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DISCORD_TOKEN", token)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert "DISCORD_TOKEN" in str(caught.value)
    assert token not in str(caught.value)
    monkeypatch.setenv("DISCORD_TOKEN", "abc.def")
    assert "abc.def" not in repr(read_settings())


def test_a_password_in_the_url_of_a_database_is_never_shown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://me:secret@host/lanting")
    with pytest.raises(SettingsError, match=r"mysql://\*\*\*@host/lanting") as caught:
        read_settings()
    assert "secret" not in str(caught.value)


def test_an_unreadable_file_is_told(nowhere: Path):
    (nowhere / ".env").write_bytes(b"DEVICE=\xff\xfe")
    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        read_settings()


@given(st.text(st.characters(exclude_characters="?#\0", exclude_categories=["Cs"]), min_size=1).map(str.strip))
def test_a_database_url_names_its_file(path: str):
    if path in ("", ":memory:"):
        return
    for prefix in ("sqlite:///", "sqlite+aiosqlite:///"):
        assert Settings(database_url=prefix + path).database == Path(path)
        assert Settings(database_url=prefix + "/" + path).database == Path("/" + path)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_a_database_url_may_name_a_server_as_hosts_hand_it_out(scheme: str):
    url = f"{scheme}://me:secret@host:5432/lanting?sslmode=require"
    assert Settings(database_url=url).database == url
