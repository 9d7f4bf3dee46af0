"""What every use case has at hand, who asks, and what it hands back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.store import Store
from bot.worker import Worker
from vae.poem import Poem


@dataclass(frozen=True, slots=True)
class Desk:
    worker: Worker
    store: Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who asks, and where. Ids are Discord snowflakes; `id` is 0 at the console.

    locale: the person's Discord language, such as `zh-TW`. guild_id is None in direct messages. asked_at: when they
    asked, from which the wish's deadline counts.
    """

    id: int
    locale: str | None = None
    guild_id: int | None = None
    channel_id: int | None = None
    asked_at: datetime | None = None


CONSOLE = Author(id=0)


@dataclass(frozen=True, slots=True)
class Written:
    """A poem that is in the store; `number` is its row there."""

    number: int
    poem: Poem


async def keep(desk: Desk, author: Author, poems: list[Poem]) -> tuple[Written, ...]:
    """Stores the poems together, all or none. Raises StoreError."""
    numbers = await desk.store.add_poems(
        poems, author_id=author.id, guild_id=author.guild_id, channel_id=author.channel_id
    )
    return tuple(Written(number, poem) for number, poem in zip(numbers, poems, strict=True))
