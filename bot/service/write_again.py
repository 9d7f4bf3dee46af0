"""A person wants another poem like one that is there."""

from __future__ import annotations

import dataclasses

from bot.service.desk import Author, Desk, Watch, Written
from bot.service.recall import recall
from bot.service.write_poem import write_poem
from vae.poem import Poem, WriteRequest


async def write_again(desk: Desk, author: Author, number: int, watch: Watch | None = None) -> Written:
    """The same wish once more, granted otherwise. Raises NoSuchPoem and what `write_poem` raises."""
    poem = (await recall(desk, number)).poem
    wish = poem.recipe.request
    if not isinstance(wish, WriteRequest):  # a step of a walk has no wish of its own
        return await write_poem(desk, author, _near(poem), watch)
    fresh = WriteRequest()
    left_open = {name: getattr(fresh, name) for name in ("random_seed", "candidates", "revisions")}
    again = dataclasses.replace(wish, **left_open)
    return await write_poem(desk, author, again, watch)


async def vary(desk: Desk, author: Author, number: int, watch: Watch | None = None) -> Written:
    """A poem whose code lies near this one's. Raises NoSuchPoem and what `write_poem` raises."""
    return await write_poem(desk, author, _near((await recall(desk, number)).poem), watch)


def _near(poem: Poem) -> WriteRequest:
    return WriteRequest(seed=poem.text, form=poem.form, script=poem.recipe.request.script)
