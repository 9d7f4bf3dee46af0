"""A person says what a poem is worth, and a server sees its best."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum

from bot.service.desk import Author, Desk
from bot.service.recall import Kept, recall
from bot.store import Ranked


class Period(Enum):
    """Of how many days the best are shown; None for all time."""

    DAY = 1
    WEEK = 7
    MONTH = 30
    EVER = None


async def rate(desk: Desk, author: Author, number: int, stars: int) -> Kept:
    """stars: 1 to 5. Raises NoSuchPoem, StoreError."""
    stored = await recall(desk, number)
    return Kept(number, stored.poem, await desk.store.rate(author.id, number, stars))


async def best(desk: Desk, author: Author, period: Period, limit: int = 10) -> tuple[Ranked, ...]:
    """The best of the server where the person is, or of everywhere in direct messages; the best first."""
    since = None if period.value is None else datetime.now(UTC) - timedelta(days=period.value)
    return await desk.store.top(author.guild_id, since, limit)
