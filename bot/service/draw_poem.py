"""A person wants a poem as a picture."""

from __future__ import annotations

from bot.errors import PictureError
from bot.pictures.studio import Picture, draw_card
from bot.service.desk import Desk
from bot.service.draw import card_of
from bot.service.recall import recall


async def draw_poem(desk: Desk, number: int, reader: str = "") -> Picture:
    """The card, sealed with the Chinese characters of the reader's name where it has any.

    Raises NoSuchPoem, PictureError, StoreError.
    """
    poem = (await recall(desk, number)).poem
    if desk.studio is None:
        raise PictureError(reason="pictures are switched off")
    return await desk.studio.draw(draw_card, card_of(poem, seal=reader))
