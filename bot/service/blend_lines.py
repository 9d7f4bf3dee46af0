"""A person asks for the path of poems from one text to another."""

from __future__ import annotations

from dataclasses import dataclass

from bot.service.desk import Author, Desk, Written, keep
from vae.poem import BlendRequest


@dataclass(frozen=True, slots=True)
class Walk:
    """From the text `a` to the text `b`; each step's `poem.recipe.t` is its place, 0 to 1."""

    a: str
    b: str
    steps: tuple[Written, ...]


async def blend_lines(desk: Desk, author: Author, request: BlendRequest) -> Walk:
    """Raises WishError (the wish must change), WorkerError (no poem came of it) or StoreError (none was kept)."""
    poems = await desk.worker.blend(request, person=author.id, born=author.asked_at)
    return Walk(request.a, request.b, await keep(desk, author, poems))
