"""A poem that was written is looked up again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import NoSuchPoem, StoreError
from bot.service.desk import CONSOLE, Author, Desk, Written
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


async def named(desk: Desk, author: Author, number: int) -> StoredPoem:
    """A poem by a number that the person typed, and may have guessed: one of theirs, one that they keep, or one that was
    written where they are. Raises NoSuchPoem for any other as if it were not there, and StoreError."""
    stored = await recall(desk, number)
    here = author.guild_id is not None and stored.guild_id == author.guild_id
    here |= author.channel_id is not None and stored.channel_id == author.channel_id
    if here or author.id in (stored.author_id, CONSOLE.id) or await desk.store.keeps(author.id, number):
        return stored
    raise NoSuchPoem(number=number)


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
