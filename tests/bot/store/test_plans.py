"""Every question goes by an index: SQLite's own plan of each statement that the store makes."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import event

from bot.store import Guild, Person, Store
from tests.bot.store.lives import ANNE, GUILD, live


async def test_no_question_looks_through_a_table(tmp_path: Path):
    store = await Store.open(tmp_path / "lanting.db")
    asked: dict[str, tuple] = {}

    def note(_connection, _cursor, statement: str, parameters: tuple, *_) -> None:
        if re.match("SELECT|WITH|UPDATE|DELETE|INSERT", statement):
            asked[statement] = parameters

    for engine in (store._database.reads, store._database.writes):
        event.listen(engine.sync_engine, "before_cursor_execute", note)
    await ask_everything(store)
    await store.close()
    assert len(asked) > 30
    with closing(sqlite3.connect(tmp_path / "lanting.db")) as database:
        for statement, parameters in asked.items():
            plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            through = [step for step in plan if re.match(r"SCAN (?!anon_|numbers|CONSTANT)", step)]
            assert not through, f"{statement}\n{plan}"


async def ask_everything(store: Store) -> None:
    annes, bos, _, daily = await live(store)
    month, week = (datetime.now(UTC) - timedelta(days=days) for days in (30, 7))
    for guild in (GUILD, None):
        for since in (None, month, week):
            assert await store.top(guild, since)
    await store.poem(annes)
    await store.poem_by_id("0123456789ab")
    await store.poems_of_message(1234)
    await store.code(annes)
    await store.poems_of(ANNE, 2)
    await store.recent_seeds(ANNE)
    await store.favourites(ANNE, 2)
    await store.favourite_count(annes)
    await store.remove_favourite(ANNE, bos)
    await store.unrate(ANNE, bos)
    await store.rating_of(ANNE, annes)
    await store.person(ANNE)
    await store.guild(GUILD)
    await store.due_guilds()
    await store.claim_daily(GUILD, date(2026, 3, 2))
    await store.release_daily(GUILD, date(2026, 3, 2))
    await store.daily_poem(GUILD, date(2026, 3, 1))
    await store.draw_quota(ANNE, timedelta(seconds=2), timedelta(minutes=1))
    await store.draw_identify(0)
    await store.export_person(ANNE)
    await store.erase_person(ANNE)
    await store.delete_poem(daily)
    await store.save_person(Person(id=ANNE))
    await store.save_guild(Guild(id=GUILD))
    await store.forget_guild(GUILD)
