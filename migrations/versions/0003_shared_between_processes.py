"""What the processes of one bot share: people's quotas, and whose turn it is to identify to Discord."""

from __future__ import annotations

from migrations.ddl import execute

revision = "0003"
down_revision = "0002"

# Microseconds since 1970, so that a quota of a million a minute comes out even.
PERSON_QUOTAS = """
    CREATE TABLE person_quotas (
        person_id INTEGER PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
        full_at_us INTEGER NOT NULL CHECK (full_at_us >= 0)
    ) STRICT
"""

IDENTIFIES = """
    CREATE TABLE identifies (
        bucket INTEGER PRIMARY KEY CHECK (bucket >= 0),
        full_at_us INTEGER NOT NULL CHECK (full_at_us >= 0)
    ) STRICT
"""


def upgrade() -> None:
    execute(PERSON_QUOTAS)
    execute("CREATE INDEX person_quotas_full ON person_quotas (full_at_us)")
    execute(IDENTIFIES)
