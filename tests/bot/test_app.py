"""The program as a process: what it prints, how it ends."""

import asyncio
import os
import pty
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from bot import app
from bot.errors import PoetGone
from bot.settings import Settings
from bot.worker import Worker
from tests.bot.worker.clerk import Clerk, comes_once
from vae.poem import WriteRequest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The program runs in tmp_path, with the defaults, on the processor."""
    kept = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    return {**kept, "PYTHONPATH": str(ROOT), "DEVICE": "cpu", "TERM": "xterm"}


def lanting(environment: dict[str, str], cwd: Path, *arguments: str, **pipes: object) -> subprocess.Popen[bytes]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **pipes}
    return subprocess.Popen([sys.executable, "-m", "bot", *arguments], cwd=cwd, env=environment, **pipes)


def ended(process: subprocess.Popen[bytes], typed: bytes = b"") -> tuple[int, str, str]:
    out, err = process.communicate(typed, timeout=120)
    return process.returncode, (out or b"").decode(), (err or b"").decode()


def test_a_poem_and_a_path_from_a_pipe(environment: dict[str, str], tmp_path: Path):
    typed = "/poem 床前明月光\n/blend 大漠孤煙直 小橋流水人家\n".encode()
    code, out, err = ended(lanting(environment, tmp_path), typed)
    assert (code, err) == (0, "")
    assert out.startswith("床前明月光，\n")
    with closing(sqlite3.connect(tmp_path / "data" / "lanting.db")) as database:
        assert database.execute("SELECT count(*) FROM poems").fetchone() == (6,)


@pytest.mark.parametrize(
    ("variables", "code", "told"),
    [
        ({"DEVICE": "gpu"}, 2, "DEVICE is 'gpu'"),
        ({"DATABASE_URL": "sqlite:////dev/null/lanting.db"}, 4, "/dev/null/lanting.db cannot be written"),
        ({"DATABASE_URL": f"sqlite:///{__file__}"}, 4, "is not a sound SQLite database"),
        ({"WEIGHTS": __file__}, 5, "test_app.py"),
    ],
)
def test_what_stops_the_program_is_one_line_and_an_exit_code_of_its_own(
    variables: dict[str, str], code: int, told: str, environment: dict[str, str], tmp_path: Path
):
    ended_with, out, err = ended(lanting({**environment, **variables}, tmp_path), b"/poem\n")
    assert (ended_with, out, err.count("\n")) == (code, "", 1), err
    assert err.startswith("lanting: ")
    assert told in err


async def test_a_poet_that_cannot_be_had_any_more_ends_the_program(monkeypatch: pytest.MonkeyPatch):
    """With an exit code at which a host starts it again."""
    broken = RuntimeError("CUDA error: unspecified launch failure")
    monkeypatch.setattr(app, "loader_of", lambda settings: comes_once(Clerk(), broken))
    monkeypatch.setattr(app, "Worker", partial(Worker, pauses=(0.0,)))

    async def job() -> None:
        async with app.open_worker(Settings(_env_file=None)) as worker:
            worker.ask(WriteRequest(seed="break the device"))
            await asyncio.Event().wait()

    with pytest.raises(PoetGone) as gone:
        await job()
    assert gone.value.exit_code == 1


def test_usage_is_told(environment: dict[str, str], tmp_path: Path):
    code, _, err = ended(lanting(environment, tmp_path, "dance"))
    assert code == 2
    assert "migrate" in err


def test_migrating_makes_the_database_and_needs_no_poet(environment: dict[str, str], tmp_path: Path):
    for _ in range(2):
        assert ended(lanting({**environment, "WEIGHTS": "none"}, tmp_path, "migrate")) == (0, "", "")
    with closing(sqlite3.connect(tmp_path / "data" / "lanting.db")) as database:
        assert database.execute("SELECT count(*) FROM poems").fetchone() == (0,)


def test_a_database_that_is_destroyed_comes_back_from_its_backup(environment: dict[str, str], tmp_path: Path):
    """And what is written next gets the next number."""
    database = tmp_path / "data" / "lanting.db"

    def poems_after(*job: str, typed: bytes = b"") -> list[tuple[object, ...]]:
        code, _, err = ended(lanting(environment, tmp_path, *job), typed)
        assert (code, err) == (0, "")
        with closing(sqlite3.connect(database)) as opened:
            return opened.execute("SELECT id, lines, recipe FROM poems").fetchall()

    written = poems_after(typed="/poem form:couplet 明月\n/poem form:couplet 清風\n".encode())
    assert poems_after("backup", "poems.backup") == written
    shutil.rmtree(database.parent)
    assert poems_after("restore", "poems.backup") == written
    database.write_bytes(b"?" * 9000)
    assert ended(lanting(environment, tmp_path, "migrate"))[0] == 4
    database.unlink()
    assert poems_after("restore", "poems.backup") == written
    more = poems_after(typed=b"/poem form:couplet\n")
    assert (more[:2], [number for number, _, _ in more]) == (written, [1, 2, 3])


def test_sigterm_ends_it_cleanly_while_it_starts(environment: dict[str, str], tmp_path: Path):
    ours, theirs = pty.openpty()
    process = lanting(environment, tmp_path, stderr=theirs)
    os.close(theirs)
    Terminal(ours).until("Waking the poet")
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    assert ended(process)[:2] == (0, "")
    os.close(ours)


def test_sigint_ends_it_cleanly_while_it_waits(environment: dict[str, str], tmp_path: Path):
    process = lanting(environment, tmp_path)
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"/help\n")
    process.stdin.flush()
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    code, _, err = ended(process)
    assert (code, err) == (0, "")


STUBBORN = """
import asyncio
from bot.cli.process import carry_out

async def job(settings):
    print("begun", flush=True)
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            print("told", flush=True)

carry_out(job)
"""


def test_what_will_not_end_is_ended_within_the_time_that_is_set(environment: dict[str, str], tmp_path: Path):
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN],
        cwd=tmp_path,
        env={**environment, "SHUTDOWN_TIMEOUT": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stdout.readline() == b"begun\n"
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == b"told\n"
    process.send_signal(signal.SIGTERM)
    code, out, err = ended(process)
    assert (code, out) == (1, "")
    assert "SHUTDOWN_TIMEOUT" in err
    assert 1 <= time.monotonic() - began < 10


def test_a_reader_that_goes_away_is_no_fault(environment: dict[str, str], tmp_path: Path):
    process = lanting(environment, tmp_path)
    assert process.stdout
    process.stdout.close()
    process.stdout = None
    code, _, err = ended(process, b"/help\n/help\n")
    assert (code, err) == (0, "")


def test_a_terminal_gets_a_prompt_and_colours(environment: dict[str, str], tmp_path: Path):
    ours, theirs = pty.openpty()
    process = lanting(environment, tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    try:
        terminal = Terminal(ours)
        assert "Waking the poet" in terminal.until("›")
        os.write(ours, "/poem 床前明月光\r".encode())
        assert "\x1b[1m床前明月光，" in terminal.until("#1")
        terminal.until("›")
        os.write(ours, b"/frob\r")
        assert "\x1b[31m" in terminal.until("Choose one of")
        terminal.until("›")
        os.write(ours, b"\x04")
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)


class Terminal:
    """The other end of a pseudo-terminal, read as far as was asked for."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._unread = b""

    def until(self, text: str) -> str:
        """What is shown up to and with `text`."""
        end = time.monotonic() + 60
        while text.encode() not in self._unread:
            assert time.monotonic() < end, self._unread
            if select.select([self._descriptor], [], [], 1)[0]:
                self._unread += os.read(self._descriptor, 1 << 16)
        shown, _, self._unread = self._unread.partition(text.encode())
        return shown.decode()
