"""The tables as the program sees them; `migrations/` is where they are made, with the bounds of every column."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

# SQLite counts its rows by INTEGER alone; elsewhere a snowflake needs 64 bits said out loud.
Id = BigInteger().with_variant(Integer, "sqlite")

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("locale", Text),
    Column("script", Text),
)

guilds = Table(
    "guilds",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("locale", Text),
    Column("script", Text),
    Column("daily_channel_id", Id),
    Column("daily_hour", Id, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("writer_role_id", Id),
    Column("enabled", Id, nullable=False),
)

poems = Table(
    "poems",
    metadata,
    Column("id", Id, primary_key=True),
    Column("poem_id", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("lines", Text, nullable=False),
    Column("recipe", Text, nullable=False),
    Column("code", LargeBinary),
    Column("seed", Text),
    Column("author_id", Id, ForeignKey("people.id")),
    Column("guild_id", Id),
    Column("channel_id", Id),
    Column("message_id", Id),
    Column("created_at", Id, nullable=False),
)

favourites = Table(
    "favourites",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True),
    Column("poem_id", Id, ForeignKey("poems.id", ondelete="CASCADE"), primary_key=True),
    Column("created_at", Id, nullable=False),
)

ratings = Table(
    "ratings",
    metadata,
    Column("poem_id", Id, ForeignKey("poems.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True),
    Column("stars", Id, nullable=False),
    Column("rated_at", Id, nullable=False),
)

standings = Table(
    "standings",
    metadata,
    Column("poem_id", Id, ForeignKey("poems.id", ondelete="CASCADE"), primary_key=True),
    Column("guild_id", Id),
    Column("created_at", Id, nullable=False),
    Column("stars", Id, nullable=False),
    Column("ratings", Id, nullable=False),
)

totals = Table(
    "totals",
    metadata,
    Column("guild_id", Id, primary_key=True, autoincrement=False),
    Column("stars", Id, nullable=False),
    Column("ratings", Id, nullable=False),
)

daily_poems = Table(
    "daily_poems",
    metadata,
    Column("guild_id", Id, ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True),
    Column("day", Text, primary_key=True),
    Column("poem_id", Id, ForeignKey("poems.id", ondelete="SET NULL")),
    Column("message_id", Id),
    Column("claimed_at", Id, nullable=False),
)

person_quotas = Table(
    "person_quotas",
    metadata,
    Column("person_id", Id, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("full_at_us", Id, nullable=False),
)

identifies = Table(
    "identifies",
    metadata,
    Column("bucket", Id, primary_key=True, autoincrement=False),
    Column("full_at_us", Id, nullable=False),
)

erasures = Table(
    "erasures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("erased_at", Id, nullable=False),
    Column("poems_deleted", Id, nullable=False),
    Column("poems_left_without_author", Id, nullable=False),
    Column("favourites", Id, nullable=False),
    Column("ratings", Id, nullable=False),
)
