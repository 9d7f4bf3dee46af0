"""Copies of an SQLite file: made while it is in use, and put back."""

import asyncio
from pathlib import Path

import pytest

from bot.errors import StoreError, StoreInUse, StoreNotADatabase, StoreUnwritable
from bot.store import Store
from bot.store.copies import check, copy, restore
from bot.store.transfer import export_all
from tests.bot.poems import a_poem
from tests.bot.store.lives import ANNE, live


@pytest.fixture
def where(tmp_path: Path) -> Path:
    return tmp_path / "lanting.db"


async def exported(where: Path, tmp_path: Path) -> bytes:
    await export_all(where, tmp_path / "export")
    return (tmp_path / "export").read_bytes()


async def test_a_copy_of_a_database_in_use_is_one_moment_of_it(store: Store, where: Path, tmp_path: Path):
    await live(store)
    writing = asyncio.create_task(_write_until_cancelled(store))
    for n in range(5):
        await asyncio.to_thread(copy, where, tmp_path / f"copy{n}")
        check(tmp_path / f"copy{n}")
    writing.cancel()
    for n in range(5):
        copied = await Store.open(tmp_path / f"copy{n}")
        assert (await copied.poems_of(1)).total % 3 == 0
        await copied.close()


async def _write_until_cancelled(store: Store) -> None:
    while True:
        await store.add_poems([a_poem()] * 3, author_id=1)


async def test_what_is_restored_is_what_was_copied(store: Store, where: Path, tmp_path: Path):
    await live(store)
    await store.close()
    before = await exported(where, tmp_path)
    copy(where, tmp_path / "copy")
    store = await Store.open(where)
    await store.erase_person(ANNE)
    await store.close()
    after = await exported(where, tmp_path)
    restore(tmp_path / "copy", where)
    assert await exported(where, tmp_path) == before
    restore(tmp_path / "lanting.db.before-restore", where)
    assert await exported(where, tmp_path) == after


async def test_a_copy_is_restored_where_nothing_was(store: Store, where: Path, tmp_path: Path):
    copy(where, tmp_path / "copy")
    restore(tmp_path / "copy", tmp_path / "new" / "lanting.db")
    assert await exported(tmp_path / "new" / "lanting.db", tmp_path) == await exported(where, tmp_path)


async def test_nothing_is_restored_over_a_database_in_use(store: Store, where: Path, tmp_path: Path):
    copy(where, tmp_path / "copy")
    (number,) = await store.add_poems([a_poem()], author_id=1)
    with pytest.raises(StoreInUse):
        restore(tmp_path / "copy", where)
    assert await store.poem(number) is not None
    assert await store.add_poems([a_poem()], author_id=1) == [number + 1]


@pytest.mark.parametrize("content", [None, b"", b"Dear friend, " * 1000, b"SQLite format 3\0" + b"\xff" * 8000])
async def test_what_is_no_copy_is_not_restored(content: bytes | None, store: Store, where: Path, tmp_path: Path):
    await live(store)
    await store.close()
    before = await exported(where, tmp_path)
    if content is not None:
        (tmp_path / "copy").write_bytes(content)
    with pytest.raises(StoreError):
        restore(tmp_path / "copy", where)
    assert await exported(where, tmp_path) == before


async def test_a_copy_with_a_torn_page_is_not_restored(store: Store, where: Path, tmp_path: Path):
    await store.add_poems([a_poem()] * 200, author_id=1)
    copy(where, tmp_path / "copy")
    torn = bytearray((tmp_path / "copy").read_bytes())
    torn[40_000:41_000] = b"\xaa" * 1000
    (tmp_path / "copy").write_bytes(torn)
    with pytest.raises(StoreNotADatabase):
        check(tmp_path / "copy")


async def test_a_copy_that_cannot_be_written_leaves_nothing(store: Store, where: Path, tmp_path: Path):
    with pytest.raises(StoreUnwritable):
        copy(where, tmp_path / "nowhere" / "copy")
    assert not (tmp_path / "nowhere").exists()
