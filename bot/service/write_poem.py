"""A person asks for a poem."""

from __future__ import annotations

from bot.service.desk import Author, Desk, Watch, Written, grant, keep
from vae.poem import WriteRequest


async def write_poem(desk: Desk, author: Author, request: WriteRequest, watch: Watch | None = None) -> Written:
    """Raises what `grant` raises, or StoreError (it was not kept)."""
    (written,) = await keep(desk, author, await grant(desk, author, request, watch))
    return written
