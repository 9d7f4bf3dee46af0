"""A person asks for the path of poems from one text to another."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from bot.errors import NoFavourites
from bot.service.desk import Author, Desk, Watch, Written, grant, keep
from bot.service.recall import named
from vae.poem import BlendRequest

_PLACES = 7
"""Of the mark on a bar."""
_NUMBER = re.compile(r"\s*(?:#|＃|[Nn]o\.?\s*)?(?P<number>[0-9]{1,18})\s*")


@dataclass(frozen=True, slots=True)
class Walk:
    """From the text `a` to the text `b`; each step's `poem.recipe.t` is its place, 0 to 1."""

    a: str
    b: str
    steps: tuple[Written, ...]


def leaning(lean: float) -> str:
    """Whose words a step uses, as a bar: `●──────` the first text's alone, `──────●` the second's."""
    place = round((1 + lean) / 2 * (_PLACES - 1))
    return "─" * place + "●" + "─" * (_PLACES - 1 - place)


async def blend_lines(desk: Desk, author: Author, request: BlendRequest, watch: Watch | None = None) -> Walk:
    """Either end may be a poem's number, as `#12`. Raises NoSuchPoem, what `grant` raises, or StoreError."""
    a, b = [await end(desk, author, text) for text in (request.a, request.b)]
    request = dataclasses.replace(request, a=a, b=b)
    return Walk(a, b, await keep(desk, author, await grant(desk, author, request, watch)))


async def blend_with_favourite(desk: Desk, author: Author, text: str, watch: Watch | None = None) -> Walk:
    """From a text to the poem the person kept last. Raises NoFavourites too."""
    favourites = await desk.store.favourites(author.id, 1, 1)
    if not favourites.items:
        raise NoFavourites
    return await blend_lines(desk, author, BlendRequest(a=text, b=f"#{favourites.items[0].number}"), watch)


async def end(desk: Desk, author: Author, text: str) -> str:
    """The lines of the poem that a text names by its number, or the text itself. Raises NoSuchPoem."""
    found = _NUMBER.fullmatch(text)
    return text if found is None else (await named(desk, author, int(found["number"]))).poem.text
