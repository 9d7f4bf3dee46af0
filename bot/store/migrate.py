"""Brings a database to this program's version, after a look at whose it is and a copy of what it holds."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from bot.errors import StoreForeign, StoreNewer
from bot.store.copies import copy_beside
from bot.store.schema import metadata
from bot.store.versions import HISTORY, head, versions

_LOCK = 0x4C616E74696E67  # "Lanting": PostgreSQL's advisory locks go by numbers


def upgrade(connection: Connection, name: str, file: Path | None) -> None:
    """Applies the steps that are missing inside the connection's transaction, all or none.

    Two programs that start at once take turns: SQLite's write lock is held already, PostgreSQL's lock is taken here.
    Raises StoreForeign or StoreNewer, and then nothing was touched; StoreFull where the copy finds no room.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = Config()
    config.set_main_option("script_location", HISTORY.replace("%", "%%"))
    config.attributes["connection"] = connection
    current = recognized(connection, name)
    if current == head():
        return
    if current is not None and file is not None:
        copy_beside(file, f"at-{current}")
    command.upgrade(config, "head")


def recognized(connection: Connection, name: str) -> str | None:
    """The version of a database that is ours, None for one with nothing in it. Raises StoreForeign or StoreNewer."""
    tables = set(inspect(connection).get_table_names())
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        # A server's database may be shared with programs whose tables have other names.
        taken = tables if connection.dialect.name == "sqlite" else tables & metadata.tables.keys()
        if taken - {"alembic_version"}:
            raise StoreForeign(path=name)
        return None
    if "poems" not in tables or "poem_id" not in {c["name"] for c in inspect(connection).get_columns("poems")}:
        raise StoreForeign(path=name)
    if current not in versions():
        raise StoreNewer(path=name, version=current)
    return current
