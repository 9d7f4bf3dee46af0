"""What holds for SQLite alone: its file, its locks, its rules."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.errors import StoreBusy, StoreFull, StoreNewer, StoreNotADatabase, StoreUnwritable
from bot.store import Store, database
from bot.store.faults import told_plainly
from tests.bot.poems import a_poem
from vae.poem import BlendRequest, Form, Poem, Recipe, Script, WriteRequest

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SNOWFLAKES = st.integers(0, 2**63 - 1)
REQUESTS = st.builds(
    WriteRequest,
    seed=st.none() | TEXT,
    form=st.none() | st.sampled_from(Form),
    script=st.none() | st.sampled_from(Script),
    random_seed=st.none() | st.integers(0, 2**64),
) | st.builds(BlendRequest, a=TEXT, b=TEXT, steps=st.integers(2, 25))
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=5, max_size=5)
POEMS = st.builds(
    Poem,
    lines=st.tuples(HAN, HAN),
    form=st.just(Form.COUPLET),
    recipe=st.builds(
        Recipe, model=TEXT, random_seed=st.integers(0, 2**64), request=REQUESTS, t=st.none() | st.floats(0, 1)
    ),
)


@pytest.fixture
def where(tmp_path: Path) -> Path:
    return tmp_path / "lanting.db"


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(POEMS, min_size=1, max_size=5),
    SNOWFLAKES,
    st.none() | SNOWFLAKES,
    st.none() | SNOWFLAKES,
)
def test_what_was_stored_comes_back_by_number_and_by_id(
    tmp_path: Path, poems: list[Poem], author: int, guild: int | None, channel: int | None
):
    async def story() -> None:
        store = await Store.open(tmp_path / "lanting.db")
        numbers = await store.add_poems(poems, author_id=author, guild_id=guild, channel_id=channel)
        assert numbers == sorted(set(numbers))
        for number, poem in zip(numbers, poems, strict=True):
            stored = await store.poem(number)
            assert stored is not None
            assert (stored.number, stored.poem, stored.poem_id) == (number, poem, poem.id)
            assert (stored.author_id, stored.guild_id, stored.channel_id) == (author, guild, channel)
            assert timedelta(0) <= datetime.now(UTC) - stored.created_at < timedelta(minutes=5)
            by_id = await store.poem_by_id(poem.id)
            assert by_id is not None
            assert by_id.poem == poem
        await store.close()

    asyncio.run(story())


async def test_an_id_written_twice_means_the_first(store: Store):
    first, _ = await store.add_poems([a_poem(), a_poem()], author_id=1)
    stored = await store.poem_by_id(a_poem().id)
    assert stored is not None
    assert stored.number == first


@pytest.mark.parametrize("number", [0, -1, 99, 2**63, 2**80])
async def test_what_is_not_there_is_none(store: Store, number: int):
    assert await store.poem(number) is None
    assert await store.poem_by_id("no such id") is None


async def test_poems_outlive_the_program(tmp_path: Path):
    path = tmp_path / "not" / "yet there" / "100%.db"
    for number in (1, 2):
        store = await Store.open(path)
        assert await store.add_poems([a_poem()], author_id=1) == [number]
        await store.close()


async def test_a_number_never_comes_to_mean_another_poem(store: Store, tmp_path: Path):
    assert await store.add_poems([a_poem(), a_poem()], author_id=1) == [1, 2]
    with closing(sqlite3.connect(tmp_path / "lanting.db", isolation_level=None)) as other:
        other.execute("DELETE FROM poems")
    assert await store.add_poems([a_poem()], author_id=1) == [3]


async def test_all_poems_of_a_path_are_stored_or_none(store: Store):
    broken = a_poem(WriteRequest(seed="\ud800"))
    with pytest.raises(UnicodeEncodeError):
        await store.add_poems([a_poem(), broken], author_id=1)
    assert await store.poem(1) is None
    assert len(await store.add_poems([a_poem()], author_id=1)) == 1


async def test_giving_up_a_write_midway_leaves_the_store_whole(store: Store):
    for patience in range(40):
        write = asyncio.create_task(store.add_poems([a_poem()] * 3, author_id=patience))
        for _ in range(patience):
            await asyncio.sleep(0)
        write.cancel()
        await asyncio.wait([write])
    (number,) = await store.add_poems([a_poem()], author_id=99)
    assert (number - 1) % 3 == 0


async def test_writers_at_the_same_time_all_get_their_turn(tmp_path: Path):
    stores = await asyncio.gather(*(Store.open(tmp_path / "lanting.db") for _ in range(4)))
    numbers = await asyncio.gather(*(store.add_poems([a_poem()], author_id=1) for store in stores for _ in range(10)))
    assert sorted(number for (number,) in numbers) == list(range(1, 41))
    await asyncio.gather(*(store.close() for store in stores))


@pytest.mark.parametrize(
    ("engine", "options", "synchronous"),
    [(database.sqlite_writer, {}, 2), (database.sqlite_writer, {"soon": True}, 1), (database.sqlite_reader, {}, 1)],
)
async def test_every_connection_keeps_the_house_rules(store: Store, tmp_path: Path, engine, options, synchronous):
    rules = {"busy_timeout": 10000, "journal_mode": "wal", "synchronous": synchronous, "foreign_keys": 1}
    opened = engine(tmp_path / "lanting.db").execution_options(**options)
    async with opened.connect() as connection:
        assert {rule: (await connection.execute(text(f"PRAGMA {rule}"))).scalar() for rule in rules} == rules
    await opened.dispose()


async def test_a_reader_cannot_write_and_a_writer_does_not_make_it_wait(store: Store, tmp_path: Path):
    await store.add_poems([a_poem()], author_id=1)
    with closing(sqlite3.connect(tmp_path / "lanting.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await store.poem(1) is not None
        other.execute("ROLLBACK")
    reads = database.sqlite_reader(tmp_path / "lanting.db")
    async with reads.connect() as connection:
        with pytest.raises(StoreUnwritable), told_plainly(str(tmp_path)):
            await connection.execute(text("DELETE FROM poems"))
    await reads.dispose()


async def test_a_file_that_is_no_database_is_left_as_it_was(tmp_path: Path):
    path = tmp_path / "letter.txt"
    path.write_text("Dear friend, " * 100)
    with pytest.raises(StoreNotADatabase, match=r"letter\.txt"):
        await Store.open(path)
    assert path.read_text() == "Dear friend, " * 100


async def test_a_path_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "lanting.db", Path("/dev/null/lanting.db")):
        with pytest.raises(StoreUnwritable, match=str(path)):
            await Store.open(path)


async def test_a_database_of_a_newer_program_is_left_as_it_was(store: Store, tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "lanting.db", isolation_level=None)) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreNewer, match="9999"):
        await Store.open(tmp_path / "lanting.db")


async def test_a_database_held_by_another_program_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    store = await Store.open(tmp_path / "lanting.db")
    with closing(sqlite3.connect(tmp_path / "lanting.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            await store.add_poems([a_poem()], author_id=1)
        other.execute("ROLLBACK")
    assert await store.add_poems([a_poem()], author_id=1) == [1]
    await store.close()


async def test_a_full_disk_loses_nothing_that_was_stored(store: Store):
    await store.add_poems([a_poem()], author_id=1)
    async with (
        store._database.writes.connect() as connection
    ):  # the writer's only connection, so the limit holds for the store
        pages = (await connection.execute(text("PRAGMA page_count"))).scalar()
        await connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(StoreFull):
        await store.add_poems([a_poem(WriteRequest(seed="月" * 9000))] * 2, author_id=1)
    assert await store.poem(1) is not None
    assert await store.poem(2) is None


async def test_every_table_is_strict(store: Store):
    async with store._database.reading() as connection:
        lax = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict"
        assert set((await connection.execute(text(lax))).scalars()) - {"alembic_version"} <= {
            "sqlite_schema",
            "sqlite_sequence",
        }
