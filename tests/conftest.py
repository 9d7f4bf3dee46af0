"""The real parts, shared: one poet for the whole session, a worker and a store for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.service.desk import Desk
from bot.store import Store
from bot.worker import Worker
from vae.poet import Poet


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", type=int, default=60, help="interactions of the soak (tests/bot/chat/test_soak.py)")
    parser.addoption(
        "--full-scale",
        action="store_true",
        help="run the store's proofs of endurance at their stated size, and compile a decoder",
    )


@pytest.fixture(scope="session")
def poet() -> Poet:
    """The shipped weights."""
    return Poet.load(device="cpu")


@pytest.fixture
async def worker(poet: Poet) -> AsyncIterator[Worker]:
    """A real thread with the shipped poet; tests that use it must not call `poet` meanwhile."""
    worker = Worker(lambda: poet, limit=64, timeout=60)
    await worker.start()
    yield worker
    await worker.stop()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A fresh SQLite file, at tmp_path / "lanting.db"."""
    store = await Store.open(tmp_path / "lanting.db")
    yield store
    await store.close()


@pytest.fixture
def desk(worker: Worker, store: Store) -> Desk:
    return Desk(worker, store)
