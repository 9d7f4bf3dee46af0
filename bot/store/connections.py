"""Engines on one SQLite file, and its errors said for a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import StoreBusy, StoreError, StoreFull, StoreNotADatabase, StoreUnwritable

BUSY_TIMEOUT_MS = 5000


def writer(path: Path) -> AsyncEngine:
    """One connection for all writes; each transaction takes SQLite's write lock when it begins.

    A transaction that began by reading could not take the lock later without failing at once, however long the timeout.
    """
    return _engine(path, begin="BEGIN IMMEDIATE", pool_size=1)


def reader(path: Path) -> AsyncEngine:
    """Connections that cannot write, and that no writer makes wait."""
    return _engine(path, begin="BEGIN", pool_size=2, last_pragma="PRAGMA query_only = ON")


def _engine(path: Path, *, begin: str, pool_size: int, last_pragma: str | None = None) -> AsyncEngine:
    url = URL.create("sqlite+aiosqlite", database=str(path))
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=0)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        # The timeout comes first: the pragmas after it may have to wait for another program.
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        if last_pragma is not None:
            cursor.execute(last_pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


@contextmanager
def told_plainly(path: Path) -> Iterator[None]:
    """Turns what SQLite raises within into a StoreError about `path`."""
    try:
        yield
    except DBAPIError as error:
        raise _plain(path, error.orig) from error
    except sqlite3.Error as error:
        raise _plain(path, error) from error


def _plain(path: Path, error: BaseException | None) -> StoreError:
    match str(getattr(error, "sqlite_errorname", "")).split("_")[1:]:
        case ["FULL", *_]:
            return StoreFull(path=path)
        case ["NOTADB" | "CORRUPT", *_]:
            return StoreNotADatabase(path=path)
        case ["BUSY" | "LOCKED", *_]:
            return StoreBusy(path=path)
        case ["CANTOPEN" | "READONLY" | "PERM" | "IOERR", *_]:
            return StoreUnwritable(path=path, reason=error)
        case _:
            return StoreError(path=path, reason=error)
