"""The engines on one database: who writes, who reads, and how soon a write is safe."""

from __future__ import annotations

import logging
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.store.faults import told_plainly

log = logging.getLogger(__name__)

BUSY_TIMEOUT_MS = 10_000
WAL_PATIENCE_MS = (20, 200)
WAIT_FOR_A_CONNECTION_S = 60
SLOW_S = 2.0
"""What takes longer is worth a line in the log."""


@dataclass(frozen=True, slots=True)
class Database:
    """name: how messages call it, without a password. file: where it lies, None for a server's."""

    name: str
    file: Path | None
    writes: AsyncEngine
    reads: AsyncEngine

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that cannot write, and that no writer makes wait. Raises StoreError."""
        with told_plainly(self.name), _timed("read"):
            async with self.reads.connect() as connection:
                yield connection

    @asynccontextmanager
    async def reading_one_moment(self) -> AsyncIterator[AsyncConnection]:
        """As `reading`, and every question is answered as of the same moment. Raises StoreError."""
        level = {} if self.file else {"isolation_level": "REPEATABLE READ"}  # SQLite knows nothing less
        with told_plainly(self.name), _timed("read"):
            async with self.reads.execution_options(**level).connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: all of it or nothing; once left, it outlives a power cut. Raises StoreError."""
        with told_plainly(self.name), _timed("written"):
            async with self.writes.begin() as connection:
                yield connection

    @asynccontextmanager
    async def writing_soon(self) -> AsyncIterator[AsyncConnection]:
        """As `writing`, but SQLite leaves it to the system when the disk gets it.

        What is written outlives the program however it ends; a power cut may take the last of it, and never half.
        """
        with told_plainly(self.name), _timed("written"):
            async with self.writes.execution_options(soon=True).begin() as connection:
                yield connection

    async def close(self) -> None:
        await self.reads.dispose()
        await self.writes.dispose()


@contextmanager
def _timed(what: str) -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    finally:
        seconds = time.monotonic() - began
        log.log(logging.WARNING if seconds > SLOW_S else logging.DEBUG, "%s in %.1f ms", what, 1000 * seconds)


def sqlite_file(path: Path) -> Database:
    return Database(str(path), path, sqlite_writer(path), sqlite_reader(path))


def sqlite_writer(path: Path) -> AsyncEngine:
    """One connection for all writes; each transaction takes SQLite's write lock when it begins.

    A transaction that began by reading could not take the lock later without failing at once, however long the timeout.
    """

    def begin(connection: Connection) -> None:
        level = "NORMAL" if connection.get_execution_options().get("soon") else "FULL"
        if connection.info.get("synchronous") != level:  # it cannot change once the transaction has begun
            connection.exec_driver_sql(f"PRAGMA synchronous = {level}")
            connection.info["synchronous"] = level
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return _sqlite(path, begin, pool_size=1, last_pragma="PRAGMA secure_delete = ON")


def sqlite_reader(path: Path) -> AsyncEngine:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return _sqlite(path, begin, pool_size=2, last_pragma="PRAGMA query_only = ON")


def _sqlite(path: Path, begin: Callable[[Connection], None], *, pool_size: int, last_pragma: str) -> AsyncEngine:
    url = URL.create("sqlite+aiosqlite", database=str(path))
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=WAIT_FOR_A_CONNECTION_S,
        hide_parameters=True,  # they hold what people typed, and errors would tell them
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        _turn_to_wal(cursor)
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(last_pragma)
        cursor.close()

    event.listen(engine.sync_engine, "begin", begin)
    return engine


def _turn_to_wal(cursor: DBAPICursor) -> None:
    """Programs that turn a new file to WAL at once each hold a lock that the others wait for, and would all wait in vain:
    so each lets go soon, at a time of its own, and tries again."""
    began = time.monotonic()
    while True:
        cursor.execute(f"PRAGMA busy_timeout = {random.randint(*WAL_PATIENCE_MS)}")
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() - began >= BUSY_TIMEOUT_MS / 1000:
                raise
        else:
            return
