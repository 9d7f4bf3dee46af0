"""A poem is taken out of the world."""

from __future__ import annotations

from bot.errors import NotYours
from bot.service.desk import Author, Desk
from bot.service.recall import recall


async def delete_poem(desk: Desk, author: Author, number: int) -> None:
    """With everybody's stars and favourites of it. Raises NotYours but for its author and who manages its server."""
    poem = await recall(desk, number)
    manages = author.manages and author.guild_id is not None and poem.guild_id == author.guild_id
    if poem.author_id != author.id and not manages:
        raise NotYours
    await desk.store.delete_poem(number)
