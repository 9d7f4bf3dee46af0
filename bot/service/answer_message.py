"""A person wants an answer in verse to what somebody wrote."""

from __future__ import annotations

from bot.errors import NothingToAnswer
from bot.service.check_text import check_text
from bot.service.desk import Author, Desk, Watch, Written
from bot.service.write_poem import write_poem
from vae.errors import WishError
from vae.poem import TEXT_LIMIT, WriteRequest


async def answer_message(desk: Desk, author: Author, text: str, watch: Watch | None = None) -> Written:
    """By the rhyme characters of the message where it is a poem (和韻), else by what it says.

    Raises NothingToAnswer for a message without text, and what `write_poem` raises.
    """
    if not text.strip():
        raise NothingToAnswer
    return await write_poem(desk, author, _request(text[:TEXT_LIMIT]), watch)


def _request(text: str) -> WriteRequest:
    try:
        verse = check_text(text)
    except WishError:
        return WriteRequest(seed=text)
    return WriteRequest(answer=text) if verse.form is not None and verse.rhyme_ok else WriteRequest(seed=text)
