"""The tables as the program sees them; `migrations/` is where they are made."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, Table, Text

import migrations

metadata = MetaData()

poems = Table(
    "poems",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("poem_id", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("lines", Text, nullable=False),
    Column("recipe", Text, nullable=False),
    Column("seed", Text),
    Column("author_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger),
    Column("created_at", BigInteger, nullable=False),
)


class UnknownVersionError(Exception):
    """The database has seen a migration that this program does not know; the message is its name."""


def upgrade(connection: Connection) -> None:
    """Brings the schema to this program's version inside the connection's transaction. Raises UnknownVersionError."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    current = set(MigrationContext.configure(connection).get_current_heads())
    if unknown := current - known:
        raise UnknownVersionError(", ".join(sorted(unknown)))
    if current != set(scripts.get_heads()):
        command.upgrade(config, "head")
