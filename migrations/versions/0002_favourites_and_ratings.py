"""People, servers, favourites, ratings, daily poems and the log of erasures; bounds on every column of poems."""

from __future__ import annotations

from migrations.ddl import execute, on_sqlite

revision = "0002"
down_revision = "0001"

PEOPLE = """
    CREATE TABLE people (
        id INTEGER PRIMARY KEY CHECK (id >= 0),
        locale TEXT CHECK (length(locale) BETWEEN 2 AND 16),
        script TEXT CHECK (script IN ('hans', 'hant'))
    ) STRICT
"""

GUILDS = """
    CREATE TABLE guilds (
        id INTEGER PRIMARY KEY CHECK (id >= 0),
        locale TEXT CHECK (length(locale) BETWEEN 2 AND 16),
        script TEXT CHECK (script IN ('hans', 'hant')),
        daily_channel_id INTEGER CHECK (daily_channel_id >= 0),
        daily_hour INTEGER NOT NULL CHECK (daily_hour BETWEEN 0 AND 23),
        time_zone TEXT NOT NULL CHECK (length(time_zone) BETWEEN 1 AND 64),
        writer_role_id INTEGER CHECK (writer_role_id >= 0),
        enabled INTEGER NOT NULL CHECK (enabled IN (0, 1))
    ) STRICT
"""

# AUTOINCREMENT: a number once told to a person never comes to mean another poem.
POEMS = """
    CREATE TABLE poems_new (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        poem_id TEXT NOT NULL CHECK (length(poem_id) = 12),
        form TEXT NOT NULL CHECK (length(form) BETWEEN 1 AND 32),
        lines TEXT NOT NULL CHECK (length(lines) BETWEEN 1 AND 1000),
        recipe TEXT NOT NULL CHECK (json_valid(recipe)),
        code BLOB CHECK (length(code) BETWEEN 1 AND 65536),
        seed TEXT CHECK (length(seed) <= 400),
        author_id INTEGER REFERENCES people (id),
        guild_id INTEGER CHECK (guild_id >= 0),
        channel_id INTEGER CHECK (channel_id >= 0),
        message_id INTEGER CHECK (message_id >= 0),
        created_at INTEGER NOT NULL CHECK (created_at BETWEEN 0 AND 253402300799)
    ) STRICT
"""

FAVOURITES = """
    CREATE TABLE favourites (
        person_id INTEGER NOT NULL REFERENCES people (id),
        poem_id INTEGER NOT NULL REFERENCES poems (id) ON DELETE CASCADE,
        created_at INTEGER NOT NULL CHECK (created_at BETWEEN 0 AND 253402300799),
        PRIMARY KEY (person_id, poem_id)
    ) STRICT, WITHOUT ROWID
"""

RATINGS = """
    CREATE TABLE ratings (
        poem_id INTEGER NOT NULL REFERENCES poems (id) ON DELETE CASCADE,
        person_id INTEGER NOT NULL REFERENCES people (id),
        stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
        rated_at INTEGER NOT NULL CHECK (rated_at BETWEEN 0 AND 253402300799),
        PRIMARY KEY (poem_id, person_id)
    ) STRICT, WITHOUT ROWID
"""

# What follows from ratings, kept in the transaction of each of them: the sum and the number of stars that count.
STANDINGS = """
    CREATE TABLE standings (
        poem_id INTEGER PRIMARY KEY REFERENCES poems (id) ON DELETE CASCADE,
        guild_id INTEGER,
        created_at INTEGER NOT NULL,
        stars INTEGER NOT NULL,
        ratings INTEGER NOT NULL CHECK (ratings > 0),
        CHECK (stars BETWEEN ratings AND 5 * ratings)
    ) STRICT
"""

# The same summed over a server's poems; the row of guild 0 sums over all poems.
TOTALS = """
    CREATE TABLE totals (
        guild_id INTEGER PRIMARY KEY CHECK (guild_id >= 0),
        stars INTEGER NOT NULL,
        ratings INTEGER NOT NULL CHECK (ratings >= 0),
        CHECK (stars BETWEEN ratings AND 5 * ratings)
    ) STRICT
"""

DAILY_POEMS = """
    CREATE TABLE daily_poems (
        guild_id INTEGER NOT NULL REFERENCES guilds (id) ON DELETE CASCADE,
        day TEXT NOT NULL CHECK (length(day) = 10),
        poem_id INTEGER REFERENCES poems (id) ON DELETE SET NULL,
        message_id INTEGER CHECK (message_id >= 0),
        claimed_at INTEGER NOT NULL CHECK (claimed_at BETWEEN 0 AND 253402300799),
        PRIMARY KEY (guild_id, day)
    ) STRICT, WITHOUT ROWID
"""

ERASURES = """
    CREATE TABLE erasures (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        erased_at INTEGER NOT NULL CHECK (erased_at BETWEEN 0 AND 253402300799),
        poems_deleted INTEGER NOT NULL CHECK (poems_deleted >= 0),
        poems_left_without_author INTEGER NOT NULL CHECK (poems_left_without_author >= 0),
        favourites INTEGER NOT NULL CHECK (favourites >= 0),
        ratings INTEGER NOT NULL CHECK (ratings >= 0)
    ) STRICT
"""

INDEXES = (
    "poems_by_poem_id ON poems (poem_id, id)",
    "poems_by_author ON poems (author_id, id)",
    "poems_by_message ON poems (message_id, id) WHERE message_id IS NOT NULL",
    "guilds_by_daily_channel ON guilds (daily_channel_id)",
    "favourites_newest ON favourites (person_id, created_at, poem_id)",
    "favourites_by_poem ON favourites (poem_id)",
    "ratings_by_person ON ratings (person_id, poem_id)",
    "standings_best ON standings (ratings, stars DESC, poem_id DESC, created_at)",
    "standings_best_of_guild ON standings (guild_id, ratings, stars DESC, poem_id DESC, created_at)",
    "standings_newest ON standings (created_at, ratings, stars, poem_id)",
    "standings_newest_of_guild ON standings (guild_id, created_at, ratings, stars, poem_id)",
    "daily_poems_by_poem ON daily_poems (poem_id)",
)


def upgrade() -> None:
    execute(PEOPLE)
    execute("INSERT INTO people (id) SELECT DISTINCT author_id FROM poems")
    _renew_poems()
    for table in (GUILDS, FAVOURITES, RATINGS, STANDINGS, TOTALS, DAILY_POEMS, ERASURES):
        execute(table)
    for index in INDEXES:
        execute(f"CREATE INDEX {index}")


def _renew_poems() -> None:
    """SQLite adds no checks to a table that stands, so a new one takes its place; numbers go on where they were."""
    execute(POEMS)
    # No NUL: PostgreSQL's text cannot hold it.
    seed = "substr(replace(seed, char(0), ''), 1, 400)" if on_sqlite() else "substr(seed, 1, 400)"
    copied = "id, poem_id, form, lines, recipe, author_id, guild_id, channel_id, created_at"
    execute(f"INSERT INTO poems_new ({copied}, seed) SELECT {copied}, {seed} FROM poems")  # noqa: S608 - no input in it
    if on_sqlite():
        execute("DELETE FROM sqlite_sequence WHERE name = 'poems_new'")
        execute("INSERT INTO sqlite_sequence SELECT 'poems_new', seq FROM sqlite_sequence WHERE name = 'poems'")
    else:
        execute("SELECT setval(pg_get_serial_sequence('poems_new', 'id'), last_value, is_called) FROM poems_id_seq")
    execute("DROP TABLE poems")
    execute("ALTER TABLE poems_new RENAME TO poems")
    if not on_sqlite():
        execute("ALTER SEQUENCE poems_new_id_seq RENAME TO poems_id_seq")
        execute("ALTER INDEX poems_new_pkey RENAME TO poems_pkey")
