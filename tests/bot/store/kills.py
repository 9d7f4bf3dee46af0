"""Kills a program that writes, again and again, and looks at what it left: `python -m tests.bot.store.kills FOLDER 200`.

Each child says on a pipe what was acknowledged to it, and is killed at a random moment while it goes on.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
import traceback
from contextlib import closing
from pathlib import Path

from bot.store import Store
from tests.bot.poems import a_poem

WRITERS = 6
BATCH = 3


def main(folder: Path, times: int) -> None:
    path = folder / "lanting.db"
    chance = random.Random(times)
    acknowledged: list[list[int]] = []
    for life in range(times):
        told, teller = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(told)
            live(path, life, teller)
        os.close(teller)
        with os.fdopen(told, "rb") as lines:
            heard = [lines.readline() for _ in range(chance.randint(1, 80))]
            assert all(heard), "the child ended by itself"
            os.kill(child, signal.SIGKILL)
            heard += lines.readlines()
        os.waitpid(child, 0)
        acknowledged += [json.loads(line) for line in heard if line.endswith(b"\n")]
        look(path, acknowledged)
    sys.stdout.write(json.dumps({"kills": times, "acknowledged": len(acknowledged)}) + "\n")


def live(path: Path, life: int, teller: int) -> None:
    """The child: never returns."""
    try:
        asyncio.run(write(path, life, teller))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


async def write(path: Path, life: int, teller: int) -> None:
    store = await Store.open(path)

    async def one(writer: int) -> None:
        for turn in range(1_000_000):
            person = 1 + writer + WRITERS * (turn + 10_000 * life)
            numbers = await store.add_poems([a_poem()] * BATCH, author_id=person)
            await store.add_favourite(person, numbers[0])
            os.write(teller, f"{json.dumps([0, person, numbers[0]])}\n".encode())
            stars = 1 + turn % 5
            await store.rate(person + 1, numbers[1], stars)
            os.write(teller, f"{json.dumps([stars, person + 1, numbers[1]])}\n".encode())

    await asyncio.gather(*(one(writer) for writer in range(WRITERS)))


def look(path: Path, acknowledged: list[list[int]]) -> None:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        kept = set(database.execute("SELECT person_id, poem_id FROM favourites"))
        rated = {row[:2]: row[2] for row in database.execute("SELECT person_id, poem_id, stars FROM ratings")}
        for stars, person, number in acknowledged:
            assert rated.get((person, number)) == stars if stars else (person, number) in kept
        halves = "SELECT author_id FROM poems GROUP BY author_id HAVING count(*) <> ?"
        assert database.execute(halves, (BATCH,)).fetchall() == []
        summed = "SELECT ratings.poem_id, sum(stars), count(*) FROM ratings JOIN poems ON poems.id = ratings.poem_id "
        summed += "WHERE author_id <> person_id GROUP BY 1 ORDER BY 1"
        standing = "SELECT poem_id, stars, ratings FROM standings ORDER BY poem_id"
        assert database.execute(summed).fetchall() == database.execute(standing).fetchall()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
