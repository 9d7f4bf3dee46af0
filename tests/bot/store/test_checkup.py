"""A look at a database that leaves it as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import StoreUnreachable, StoreUnwritable
from bot.store import Store
from bot.store.checkup import seconds_a_write, version
from bot.store.versions import head
from tests.bot.store.conftest import connected


async def test_the_version_is_none_before_the_first_start_and_the_program_s_after_it(where: Path | str):
    assert await version(where) is None
    await (await Store.open(where)).close()
    assert await version(where) == head()


async def test_a_server_that_is_not_there_is_told():
    with pytest.raises(StoreUnreachable):
        await version("postgresql://127.0.0.1:1/lanting")


def test_a_write_takes_some_time_and_leaves_nothing(tmp_path: Path):
    assert 0 < seconds_a_write(tmp_path) < 60
    assert list(tmp_path.iterdir()) == []


async def test_a_database_that_takes_writes_is_unchanged_by_the_question(store: Store, where: Path | str):
    await store.check_writable()
    assert await version(where) == head()


async def test_a_server_that_only_reads_is_not_writable(postgres_url: str):
    store = await Store.open(postgres_url)
    await store.check_writable()
    async with connected(postgres_url) as connection:
        await connection.execute("ALTER DATABASE lanting SET default_transaction_read_only = on")
    try:
        await store.close()  # its connections began before that
        with pytest.raises(StoreUnwritable):
            await store.check_writable()
    finally:
        await store.close()
        async with connected(postgres_url) as connection:
            await connection.execute("SET default_transaction_read_only = off")
            await connection.execute("ALTER DATABASE lanting RESET default_transaction_read_only")
