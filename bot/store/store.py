"""Store: keeps what the poet wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from vae.poem import Poem


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

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Creates the folder and the file where there are none, and brings the schema up to date."""
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError

    async def add_poems(
        self, poems: Sequence[Poem], *, author_id: int, guild_id: int | None = None, channel_id: int | None = None
    ) -> list[int]:
        """Stores all or none; the numbers they got, in their order."""
        raise NotImplementedError

    async def poem(self, number: int) -> StoredPoem | None:
        raise NotImplementedError

    async def poem_by_id(self, poem_id: str) -> StoredPoem | None:
        """The first poem written with this `Poem.id`."""
        raise NotImplementedError
