"""The tables as the program sees them; `migrations/` is where they are made."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

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
