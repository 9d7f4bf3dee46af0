"""Store: keeps what the poet wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import ColumnElement, RowMapping, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import StoreNewer, StoreUnwritable
from bot.store.connections import reader, told_plainly, writer
from bot.store.schema import UnknownVersionError, poems, upgrade
from vae.poem import Form, Poem, Recipe, WriteRequest


@dataclass(frozen=True, slots=True)
class StoredPoem:
    """A poem as it lies in the store.

    number: its row; poem_id: `Poem.id` as it was when written; ids are snowflakes, author_id 0 for the console;
    created_at: UTC, to the second.
    """

    number: int
    poem_id: str
    poem: Poem
    author_id: int
    guild_id: int | None
    channel_id: int | None
    created_at: datetime


class Store:
    """One SQLite file. All methods raise StoreError where it cannot be used."""

    def __init__(self, path: Path, writes: AsyncEngine, reads: AsyncEngine) -> None:
        self._path = path
        self._writes = writes
        self._reads = reads

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Creates the folder and the file where there are none, and brings the schema up to date."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"the folder {path.parent} cannot be made ({error.strerror})"
            raise StoreUnwritable(path=path, reason=reason) from error
        store = cls(path, writer(path), reader(path))
        try:
            with told_plainly(path):
                async with store._writes.begin() as connection:
                    await connection.run_sync(upgrade)
        except UnknownVersionError as unknown:
            await store.close()
            raise StoreNewer(path=path, version=unknown) from None
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        await self._reads.dispose()
        await self._writes.dispose()

    async def add_poems(
        self, written: Sequence[Poem], *, author_id: int, guild_id: int | None = None, channel_id: int | None = None
    ) -> list[int]:
        """Stores all or none; the numbers they got, in their order."""
        place = {"author_id": author_id, "guild_id": guild_id, "channel_id": channel_id}
        now = int(datetime.now(UTC).timestamp())
        numbers: list[int] = []
        with told_plainly(self._path):
            async with self._writes.begin() as connection:
                for poem in written:
                    row = insert(poems).values(**_row(poem), **place, created_at=now).returning(poems.c.id)
                    numbers.append((await connection.execute(row)).scalar_one())
        return numbers

    async def poem(self, number: int) -> StoredPoem | None:
        return await self._first(poems.c.id == number) if 0 < number < 1 << 63 else None

    async def poem_by_id(self, poem_id: str) -> StoredPoem | None:
        """The first poem written with this `Poem.id`."""
        return await self._first(poems.c.poem_id == poem_id)

    async def _first(self, which: ColumnElement[bool]) -> StoredPoem | None:
        with told_plainly(self._path):
            async with self._reads.connect() as connection:
                result = await connection.execute(select(poems).where(which).order_by(poems.c.id).limit(1))
                row = result.mappings().first()
        return None if row is None else _stored(row)


def _row(poem: Poem) -> dict[str, Any]:
    request = poem.recipe.request
    return {
        "poem_id": poem.id,
        "form": poem.form.value,
        "lines": "\n".join(poem.lines),
        "recipe": poem.recipe.to_json(),
        "seed": request.seed if isinstance(request, WriteRequest) else None,
    }


def _stored(row: RowMapping) -> StoredPoem:
    return StoredPoem(
        number=row["id"],
        poem_id=row["poem_id"],
        poem=Poem(tuple(row["lines"].split("\n")), Form(row["form"]), Recipe.from_json(row["recipe"])),
        author_id=row["author_id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        created_at=datetime.fromtimestamp(row["created_at"], UTC),
    )
