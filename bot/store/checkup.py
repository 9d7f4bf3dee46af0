"""A look at the database and its disk that leaves both as they were."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from statistics import median

from bot.errors import StoreUnwritable
from bot.store.database import sqlite_file
from bot.store.faults import told_plainly
from bot.store.migrate import recognized
from bot.store.postgres import server

WRITES = 20


async def version(where: Path | str) -> str | None:
    """The version of a database, None where there is none or nothing in it. Raises StoreError."""
    if isinstance(where, Path) and not await asyncio.to_thread(where.exists):
        return None
    database = sqlite_file(where) if isinstance(where, Path) else server(where)
    try:
        async with database.reading() as connection:
            return await connection.run_sync(recognized, database.name)
    finally:
        await database.close()


def seconds_a_write(folder: Path) -> float:
    """The median time until a small change in a database of this folder outlives a power cut. Raises StoreError."""
    try:
        with (
            tempfile.TemporaryDirectory(prefix="lanting-", dir=folder) as scratch,
            told_plainly(str(folder)),
            closing(sqlite3.connect(Path(scratch) / "scratch.db", isolation_level=None)) as connection,
        ):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("CREATE TABLE scratch (line TEXT)")
            return median(_write(connection) for _ in range(WRITES))
    except OSError as error:
        raise StoreUnwritable(path=folder, reason=error.strerror) from error


def _write(connection: sqlite3.Connection) -> float:
    began = time.perf_counter()
    connection.execute("INSERT INTO scratch VALUES (?)", ("床前明月光" * 20,))
    return time.perf_counter() - began
