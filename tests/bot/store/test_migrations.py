"""The database's history: climbed from every version with what lay there, refused where it is not ours or newer."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from bot.errors import StoreForeign, StoreNewer
from bot.store import Store, StoredPoem
from bot.store.database import sqlite_file
from bot.store.postgres import server
from bot.store.schema import metadata
from bot.store.versions import HISTORY, head, versions
from tests.bot.poems import a_poem
from vae.poem import Form, WriteRequest

POEM = a_poem(WriteRequest(seed="明月", form=Form.WUJUE))


def older(connection, version: str) -> None:
    """A database as the program of that version left it, with poems 1 and 4; 5 was deleted."""
    config = Config()
    config.set_main_option("script_location", HISTORY)
    config.attributes["connection"] = connection
    command.upgrade(config, version)
    if version >= "0002":
        connection.execute(text("INSERT INTO people (id) VALUES (9000000000000001)"))
    row = "INSERT INTO poems (poem_id, form, lines, recipe, seed, author_id, guild_id, channel_id, created_at) "
    row += "VALUES (:poem_id, 'wujue', :lines, :recipe, '明月', 9000000000000001, 7, 3, 1700000000)"
    values = {"poem_id": POEM.id, "lines": "\n".join(POEM.lines), "recipe": POEM.recipe.to_json()}
    for _ in range(5):
        connection.execute(text(row), values)
    connection.execute(text("DELETE FROM poems WHERE id IN (2, 3, 5)"))


@pytest.mark.parametrize("version", versions())
async def test_from_every_version_what_lay_there_is_there(version: str, where: Path | str):
    database = sqlite_file(where) if isinstance(where, Path) else server(where)
    async with database.writing() as connection:
        await connection.run_sync(older, version)
    await database.close()
    store = await Store.open(where)
    for number in (1, 4):
        stored = await store.poem(number)
        assert stored == StoredPoem(number, POEM.id, POEM, 9000000000000001, 7, 3, None, stored.created_at)
        assert stored.created_at.timestamp() == 1700000000
    assert await store.recent_seeds(9000000000000001) == ("明月",)
    assert await store.add_poems([POEM], author_id=1) == [6]
    await store.close()
    if isinstance(where, Path) and version != head():
        with closing(sqlite3.connect(f"{where}.at-{version}")) as copied:
            assert copied.execute("SELECT count(*) FROM poems").fetchone() == (2,)
            assert copied.execute("SELECT version_num FROM alembic_version").fetchone() == (version,)


async def test_the_steps_make_the_tables_the_program_sees(store: Store):
    def seen(connection) -> dict[str, set[str]]:
        found = inspect(connection)
        return {table: {column["name"] for column in found.get_columns(table)} for table in found.get_table_names()}

    async with store._database.reading() as connection:
        made = await connection.run_sync(seen)
    assert made.pop("alembic_version")
    assert {name: columns for name, columns in made.items() if not name.startswith("sqlite_")} == {
        table.name: set(table.columns.keys()) for table in metadata.sorted_tables
    }


async def test_a_newer_database_is_left_as_it_was(store: Store, where: Path | str):
    async with store._database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreNewer, match="9999"):
        await Store.open(where)


@pytest.mark.parametrize("version", [None, "0001", "d34db33f"])
async def test_a_database_of_another_program_is_left_as_it_was(version: str | None, where: Path | str):
    database = sqlite_file(where) if isinstance(where, Path) else server(where)
    async with database.writing() as connection:
        await connection.execute(text("CREATE TABLE poems (title TEXT)"))
        if version is not None:
            await connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            await connection.execute(text(f"INSERT INTO alembic_version VALUES ('{version}')"))
    with pytest.raises(StoreForeign):
        await Store.open(where)
    async with database.reading() as connection:
        assert (await connection.execute(text("SELECT title FROM poems"))).all() == []
    await database.close()


async def test_programs_that_start_at_once_make_one_database(where: Path | str):
    stores = await asyncio.gather(*(Store.open(where) for _ in range(4)))
    assert [await store.add_poems([POEM], author_id=1) for store in stores] == [[1], [2], [3], [4]]
    await asyncio.gather(*(store.close() for store in stores))
