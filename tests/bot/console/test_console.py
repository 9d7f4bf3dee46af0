"""The console with the shipped poet, in this process; standard input is a real pipe."""

import os
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot import console
from bot.console.lines import LINE_LIMIT
from bot.errors import OutputError, StoreError
from bot.service.desk import Desk
from bot.store import Store
from bot.worker import Worker

Run = Callable[[str | bytes], Awaitable[tuple[int, str, str]]]


@contextmanager
def typed(text: str | bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Standard input is a pipe that holds the text."""
    reading, writing = os.pipe()

    def type_in() -> None:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(text.encode() if isinstance(text, str) else text)

    typist = threading.Thread(target=type_in)
    typist.start()
    with os.fdopen(reading) as pipe:
        monkeypatch.setattr("sys.stdin", pipe)
        yield
        typist.join()


@pytest.fixture
def run(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Pipes text into the console; what it ended with, and what it said on standard output and standard error."""

    async def run(text: str | bytes) -> tuple[int, str, str]:
        with typed(text, monkeypatch):
            code = await console.run(desk)
        return code, *capsys.readouterr()

    return run


async def test_a_whole_line_stands_first_in_its_poem(run: Run, store: Store):
    code, out, err = await run("/poem 床前明月光\n")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "床前明月光，"
    stored = await store.poem(1)
    assert stored is not None
    assert stored.poem.text.splitlines() == lines[: stored.poem.form.lines]
    assert stored.author_id == 0
    assert stored.poem_id in lines[stored.poem.form.lines]


async def test_a_path_has_as_many_poems_as_asked_and_all_are_stored(run: Run, store: Store):
    code, out, err = await run("/blend 大漠孤煙直 小橋流水人家 steps:3 form:couplet\n")
    assert (code, err) == (0, "")
    stored = [await store.poem(number) for number in (1, 2, 3)]
    assert [poem.poem.recipe.t for poem in stored if poem] == [0, 0.5, 1]
    assert all(poem.poem.text in out for poem in stored if poem)
    assert await store.poem(4) is None


async def test_a_random_seed_gives_the_poem_again(run: Run):
    _, first, _ = await run("/poem 明月 random-seed:7 form:couplet\n")
    _, again, _ = await run("明月 form:couplet random-seed:7\n")
    assert first.splitlines()[:2] == again.splitlines()[:2]


async def test_a_line_that_fails_says_so_in_one_line_and_the_rest_goes_on(run: Run):
    code, out, err = await run("/frob\n\n/poem form:haiku\n/blend 明月\n明月 form:couplet\n")
    assert code == 1
    assert [line.partition(":")[0] for line in err.splitlines()] == ["line 1", "line 3", "line 4"]
    assert out.count("#1") == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('/poem ""', "seed is empty"),
        ("/poem " + "月" * 5000, "5000 characters"),
        ("😀🎉", "no Chinese characters"),
        ("hello", "glossary knows none of the words"),
        ("/poem 𰻝𰻝𪚥", "poet has never met"),
        ("/blend 明月 流水 steps:1", "2 to 25"),
        ("/blend 明月 流水 steps:0", "steps is 0; it must be from 2 to 25"),
        ("/blend 明月 流水 steps:-3", "steps is -3; it must be from 2 to 25"),
        (b"\xff\xfe\x00\x1b[2J", "glossary knows none of the words"),
        (b"/frob\x1b[2J", "no command called /frob"),
        (b"x" * (LINE_LIMIT + 1), f"more than {LINE_LIMIT} bytes"),
        (b"\x00" * 1_000_000, f"more than {LINE_LIMIT} bytes"),
    ],
)
async def test_what_cannot_be_read_gets_one_clear_line(run: Run, line: str | bytes, told: str):
    code, out, err = await run(line)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert told in err
    assert "\x1b" not in err


async def test_quitting_leaves_the_rest_of_the_input_alone(run: Run):
    assert await run("/quit\n/frob\n") == (0, "", "")


async def test_no_input_is_no_fault(run: Run):
    assert await run("") == (0, "", "")


async def test_without_standard_input_there_is_nothing_to_do(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", None)
    assert await console.run(desk) == 0


async def test_the_help_tells_the_commands(run: Run):
    code, out, _ = await run("/help\n")
    assert code == 0
    assert "/blend a b" in out


async def test_a_store_that_fails_ends_the_console(run: Run, store: Store, tmp_path: Path):
    await store.close()
    (tmp_path / "lanting.db").write_text("no database any more")
    with pytest.raises(StoreError):
        await run("明月 form:couplet\n/help\n")


async def test_a_poet_that_falls_is_told_and_the_console_goes_on(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    class Dying:
        def prepare(self, request: object) -> None:
            raise SystemExit

        grant = prepare

    worker = Worker(Dying, limit=1, timeout=30)
    await worker.start()
    with typed("明月\n/help\n", monkeypatch):
        assert await console.run(Desk(worker, store)) == 1
    out, err = capsys.readouterr()
    assert "woken again" in err
    assert "/blend a b" in out
    await worker.stop()


@contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Standard output goes to a device that is always full."""
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr("sys.stdout", full)
        yield


async def test_a_full_disk_under_the_output_is_told(run: Run, monkeypatch: pytest.MonkeyPatch):
    with full_disk(monkeypatch), pytest.raises(OutputError, match="No space left"):
        await run("/help\n")
