"""Killed, cut off, full, crowded, doubled: what was acknowledged is there. `pytest --full-scale` for the stated sizes."""

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import StoreFull
from bot.store import Guild, Ratings, Store, bench
from tests.bot.poems import a_poem
from tests.bot.store import rival
from vae.poem import WriteRequest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def full_scale(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--full-scale"))


def program(module: str, *arguments: str, **how: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"tests.bot.store.{module}", *arguments]
    how = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT, **how}
    return subprocess.Popen(command, **how)


def test_killed_at_any_moment_nothing_acknowledged_is_missing(tmp_path: Path, full_scale: bool):
    times = 200 if full_scale else 8
    with program("kills", str(tmp_path), str(times)) as killer:
        out, _ = killer.communicate()
    assert killer.returncode == 0
    told = json.loads(out)
    assert told["kills"] == times
    assert told["acknowledged"] > times
    print(told)


@pytest.fixture(scope="module")
def power(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that sets aside what fsync promised."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("no C compiler here to build what stands for a power cut")
    library = tmp_path_factory.mktemp("power") / "power.so"
    source = Path(__file__).parent / "power.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    return library


POWER_CUT = """
import asyncio, os, sys
from pathlib import Path
from bot.store import Store
from tests.bot.poems import a_poem

async def main(path):
    store = await Store.open(path)
    for turn in range(20):
        numbers = await store.add_poems([a_poem()], author_id=1)
        await store.add_favourite(2, numbers[0])
        await store.rate(3, numbers[0], 4)
    await store.erase_person(3)
    await store.rate(4, 1, 5)
    (number,) = await store.add_poems([a_poem()], author_id=1)
    assert await store.poem(number) is not None
    os._exit(9)

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_after_a_power_cut_what_was_judged_kept_and_erased_is_as_it_was_told(power: Path, tmp_path: Path):
    (tmp_path / "before").mkdir()
    command = [sys.executable, "-c", POWER_CUT, str(tmp_path / "before" / "lanting.db")]
    program = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env={**os.environ, "LD_PRELOAD": str(power)})
    assert await program.wait() == 9
    for name in ("lanting.db", "lanting.db-wal"):  # the journal that made the first page is deleted by then
        (tmp_path / "before" / f"{name}.synced").rename(tmp_path / name)
    store = await Store.open(tmp_path / "lanting.db")
    assert (await store.favourites(2)).total == 20
    assert await store.ratings(1) == Ratings(5, 1)
    assert await store.rating_of(3, 1) is None
    # The last poem was left to the system: it may be lost, and here, where nothing unpromised survives, it is.
    assert (await store.poems_of(1)).total == 20
    await store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """3 MB in all."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk cannot be mounted here (root may)")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_full_disk_is_told_loses_nothing_and_is_got_over_without_a_restart(small_disk: Path):
    store = await Store.open(small_disk / "lanting.db")
    numbers = await store.add_poems([a_poem()] * 20, author_id=1)
    for number in numbers[:10]:
        await store.add_favourite(2, number)
        await store.rate(2, number, 4)
    ballast = small_disk / "ballast"
    _fill(ballast)
    told = 0
    for _ in range(300):
        try:
            await store.add_poems([a_poem(WriteRequest(seed="月" * 300))] * 5, author_id=3)
        except StoreFull as full:
            told += 1
            assert "is full" in str(full)
    assert told
    before = (await store.poems_of(3)).total
    assert (await store.favourites(2)).total == 10
    assert [await store.ratings(number) for number in numbers[:10]] == [Ratings(4, 1)] * 10
    ballast.unlink()
    assert await store.add_favourite(2, numbers[10])
    assert await store.rate(2, numbers[10], 5) == Ratings(5, 1)
    assert (await store.poems_of(3)).total == before
    assert before % 5 == 0
    await store.close()
    with closing(sqlite3.connect(small_disk / "lanting.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as written:
        for size in (1 << 16, 1 << 12):
            try:
                while True:
                    written.write(b"\0" * size)
            except OSError:
                continue


async def test_fifty_writers_at_once_all_get_their_turn(tmp_path: Path, full_scale: bool):
    done = await bench.crowded(tmp_path / "lanting.db", 50, 30 if full_scale else 1)
    assert done.writes >= 50
    print(done)


async def test_two_programs_claim_a_day_once_and_a_double_press_counts_once(where: Path | str):
    store = await Store.open(where)
    await store.save_guild(Guild(id=rival.GUILD, daily_channel_id=5))
    assert await store.add_poems([a_poem()], author_id=1) == [1]
    rivals = [program("rival", str(where)) for _ in range(2)]
    for each in rivals:
        assert each.stdout.readline() == "ready\n"
    for each in rivals:
        each.stdin.write("go\n")
        each.stdin.flush()
    told = [json.loads(each.communicate()[0]) for each in rivals]
    for got in ("claims", "presses"):
        assert all(sum(pair) == 1 for pair in zip(told[0][got], told[1][got], strict=True))
    assert sum(got["draws"].count(0) for got in told) == rival.DRAWS  # as many as one program alone
    assert await store.ratings(1) == Ratings(4, len(rival.PEOPLE))
    assert await store.favourite_count(1) == len(rival.PEOPLE)
    await store.close()
