"""A person asks for a poem."""

from __future__ import annotations

from bot.service.desk import Author, Desk, Written, keep
from vae.poem import WriteRequest


async def write_poem(desk: Desk, author: Author, request: WriteRequest) -> Written:
    """Raises WishError (the wish must change), WorkerError (no poem came of it) or StoreError (it was not kept)."""
    poem = await desk.worker.write(request, person=author.id, born=author.asked_at)
    (written,) = await keep(desk, author, [poem])
    return written
