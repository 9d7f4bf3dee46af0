"""A store on each database, fresh for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from bot.store import Store
from tests.bot.store import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server; skips where the machine has none."""
    programs = postgres.binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed here (initdb is not found)")
    with postgres.server(programs) as url:
        yield url


@pytest.fixture
async def postgres_url(postgres_server: str) -> str:
    """A database with nothing in it."""
    return await emptied(postgres_server, "lanting")


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a store may be opened; nothing is there yet."""
    if request.param == "sqlite":
        return tmp_path / "lanting.db"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
async def store(where: Path | str) -> AsyncIterator[Store]:
    store = await Store.open(where)
    yield store
    await store.close()


async def emptied(server: str, name: str) -> str:
    """The URL of a database of this name with nothing in it."""
    async with connected(server) as connection:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute(f"CREATE DATABASE {name}")
    url = server.replace("/postgres?", f"/{name}?")
    async with connected(url) as connection:
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return url


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        yield connection
    finally:
        await connection.close()
