"""Poems: what was written, by whose wish, from which recipe."""

from __future__ import annotations

from migrations.ddl import execute

revision = "0001"
down_revision = None


def upgrade() -> None:
    # AUTOINCREMENT: a number once told to a person never comes to mean another poem.
    execute(
        """
        CREATE TABLE poems (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            poem_id TEXT NOT NULL,
            form TEXT NOT NULL,
            lines TEXT NOT NULL,
            recipe TEXT NOT NULL CHECK (json_valid(recipe)),
            seed TEXT,
            author_id INTEGER NOT NULL,
            guild_id INTEGER,
            channel_id INTEGER,
            created_at INTEGER NOT NULL
        ) STRICT
        """
    )
    execute("CREATE INDEX poems_by_poem_id ON poems (poem_id)")
    execute("CREATE INDEX poems_by_author ON poems (author_id, id)")
