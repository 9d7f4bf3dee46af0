"""Copies of an SQLite file, made while it is in use, and put back."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.errors import StoreForeign, StoreInUse, StoreNewer, StoreNotADatabase, StoreUnwritable
from bot.store.faults import told_plainly
from bot.store.versions import versions

_PAGES_AT_ONCE = 4096


def copy(source: Path, target: Path) -> None:
    """Writes what `source` holds at one moment to `target`, whole or not at all; an older `target` gives way.

    Programs that use `source` go on meanwhile. Raises StoreError.
    """
    unfinished = target.with_name(target.name + ".unfinished")
    with told_plainly(str(target)), _removed_on_failure(unfinished):
        with closing(_connect(source)) as here, closing(sqlite3.connect(unfinished)) as there:
            here.execute("BEGIN")  # one moment: without it, every write of others would begin the copy anew
            here.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            here.backup(there, pages=_PAGES_AT_ONCE)
            there.execute("PRAGMA journal_mode = DELETE")  # one file, whole without a -wal beside it
        _settle(unfinished, target)


def copy_beside(file: Path, word: str) -> Path:
    """A copy in the same folder, named `lanting.db.WORD`."""
    target = file.with_name(f"{file.name}.{word}")
    copy(file, target)
    return target


def restore(source: Path, target: Path) -> None:
    """Puts a copy in the place of `target`; what stood there is kept as `lanting.db.before-restore`.

    Raises StoreInUse while any program has `target` open, StoreNotADatabase for a copy that is not whole.
    """
    check(source)
    with told_plainly(str(target)):
        target.parent.mkdir(parents=True, exist_ok=True)
    arriving = target.with_name(target.name + ".arriving")
    with _removed_on_failure(arriving):
        copy(source, arriving)
        check(arriving)
        if target.exists():
            _alone(target)
            copy_beside(target, "before-restore")
            _alone(target)
        with told_plainly(str(target)):
            _settle(arriving, target)


def fold_journal(file: Path) -> None:
    """Empties the journal into the file, so that what was erased is in neither; readers may delay it to a later time."""
    with told_plainly(str(file)), closing(_connect(file)) as connection:
        connection.execute("PRAGMA busy_timeout = 1000")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def check(file: Path) -> None:
    """Reads every page. Raises StoreNotADatabase where one is not sound, StoreForeign where none of it is ours."""
    if not file.is_file():
        raise StoreUnwritable(path=file, reason="there is no such file")
    with told_plainly(str(file)), closing(_connect(file)) as connection:
        if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise StoreNotADatabase(path=file)
        ours = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('alembic_version', 'poems')"
        if connection.execute(ours).fetchone() != (2,):
            raise StoreForeign(path=file)
        (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("none",)
        if version not in versions():
            raise StoreNewer(path=file, version=version)


def _alone(file: Path) -> None:
    """Folds the journal into the file, which SQLite does only where nobody else has it open. Raises StoreInUse."""
    with told_plainly(str(file)), closing(sqlite3.connect(file, timeout=0)) as connection:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise StoreInUse(path=file) from None
            raise
        if mode != "delete":
            raise StoreInUse(path=file)


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    connection.execute("PRAGMA busy_timeout = 10000")
    return connection


def _settle(unfinished: Path, target: Path) -> None:
    """Gives a whole file its name, so that a power cut leaves the old one or the new one."""
    with unfinished.open("rb+") as written:
        os.fsync(written.fileno())
    unfinished.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _removed_on_failure(file: Path) -> Iterator[None]:
    try:
        file.unlink(missing_ok=True)
        yield
    except BaseException:
        file.unlink(missing_ok=True)
        raise
