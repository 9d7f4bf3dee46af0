"""What a database raises, said for a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.errors import StoreBusy, StoreError, StoreFull, StoreNotADatabase, StoreUnreachable, StoreUnwritable


@contextmanager
def told_plainly(name: str) -> Iterator[None]:
    """Turns what a database raises within into a StoreError about `name`."""
    try:
        yield
    except DBAPIError as error:
        raise plain(name, error.orig) from error
    except sqlite3.Error as error:
        raise plain(name, error) from error
    except PoolTimeoutError as error:
        raise StoreBusy(path=name) from error


def plain(name: str, error: BaseException | None) -> StoreError:
    """The StoreError that a driver's error comes to."""
    state = getattr(error, "sqlstate", None)
    return _of_sqlite(name, error) if state is None else _of_postgres(name, str(state), error)


def _of_sqlite(name: str, error: BaseException | None) -> StoreError:
    match str(getattr(error, "sqlite_errorname", "")).split("_")[1:]:
        case ["FULL", *_]:
            return StoreFull(path=name)
        case ["NOTADB" | "CORRUPT", *_]:
            return StoreNotADatabase(path=name)
        case ["BUSY" | "LOCKED", *_]:
            return StoreBusy(path=name)
        case ["CANTOPEN" | "READONLY" | "PERM" | "IOERR", *_]:
            return StoreUnwritable(path=name, reason=error)
        case _:
            return StoreError(path=name, reason=error)


def _of_postgres(name: str, state: str, error: BaseException | None) -> StoreError:
    """By SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html."""
    if state == "53100":
        return StoreFull(path=name)
    if state in {"40001", "40P01", "55P03", "57014"}:
        return StoreBusy(path=name)
    if state in {"25006", "42501"}:
        return StoreUnwritable(path=name, reason=error)
    if state[:2] in {"08", "28", "3D", "53", "57"}:
        return StoreUnreachable(path=name, reason=error)
    return StoreError(path=name, reason=error)
