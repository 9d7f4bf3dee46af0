"""A poem that was written is looked up again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import NoSuchPoem, StoreError
from bot.service.desk import Desk, Written
from bot.store import Ratings, StoredPoem
from vae.poem import Poem

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """A poem of the store with the stars that people gave it."""

    number: int
    poem: Poem
    ratings: Ratings


async def recall(desk: Desk, number: int) -> StoredPoem:
    """Raises NoSuchPoem, StoreError."""
    stored = await desk.store.poem(number)
    if stored is None:
        raise NoSuchPoem(number=number)
    return stored


async def recall_with_stars(desk: Desk, number: int) -> Kept:
    """Raises NoSuchPoem, StoreError."""
    stored = await recall(desk, number)
    return Kept(number, stored.poem, await desk.store.ratings(number))


async def posted(desk: Desk, poems: Sequence[Written], message_id: int, channel_id: int | None) -> None:
    """The poems stand in a message. They are safe and read already, so a store that fails now is only logged."""
    try:
        for written in poems:
            await desk.store.set_message(written.number, message_id, channel_id)
    except StoreError as error:
        log.warning("the message of poem %d could not be kept: %s", poems[0].number, error)
