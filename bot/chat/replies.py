"""What a person reads: poems set for a screen, and the answer to one interaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import aiohttp
import discord

from bot.chat.text import plain
from bot.service.blend_lines import Walk
from bot.service.desk import Written
from vae.poem import Form, Poem

if TYPE_CHECKING:
    from bot.chat.client import Interaction

T = TypeVar("T")

MESSAGE_LIMIT = 2000
ATTEMPTS = 3
ALREADY_ACKNOWLEDGED = 40060

ENGLISH = {
    Form.COUPLET: "five-character couplet",
    Form.COUPLET7: "seven-character couplet",
    Form.WUJUE: "five-character quatrain",
    Form.QIJUE: "seven-character quatrain",
    Form.WULV: "five-character regulated verse",
    Form.QILV: "seven-character regulated verse",
}


def form_name(form: Form) -> str:
    return f"{form.chinese} · {ENGLISH[form]}"


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one interaction, which the person already sees is on its way."""

    interaction: Interaction

    @classmethod
    async def begin(cls, interaction: Interaction) -> Reply:
        """Acknowledges. Discord waits three seconds for this, so it comes before anything else."""
        try:
            await persistently(lambda: interaction.response.defer(thinking=True))
        except discord.HTTPException as error:
            # Discord took an acknowledgement whose answer got lost on the way: the person waits all the same.
            if error.code != ALREADY_ACKNOWLEDGED:
                raise
        return cls(interaction)

    async def poem(self, written: Written) -> None:
        await self._say([poem_text(written)])

    async def walk(self, walk: Walk) -> None:
        await self._say(walk_texts(walk))

    async def _say(self, texts: Sequence[str]) -> None:
        first, *others = texts
        await persistently(lambda: self.interaction.edit_original_response(content=first))
        for text in others:
            await persistently(partial(self.interaction.followup.send, text))


async def persistently(call: Callable[[], Awaitable[T]]) -> T:
    """Calls again where the connection broke under a call, as an idle one often does; discord.py leaves it at that.

    What Discord had understood all the same is thereby said twice at worst.
    """
    for _ in range(ATTEMPTS - 1):
        with suppress(aiohttp.ClientConnectionError):
            return await call()
    return await call()


def poem_text(written: Written) -> str:
    notes = "".join(f"\n-# {plain(note)}" for note in written.poem.notes)
    return f"{_quoted(written.poem)}\n-# {form_name(written.poem.form)} · No. {written.number}{notes}"


def walk_texts(walk: Walk) -> list[str]:
    """A walk in as few messages as hold it; a poem stands whole in one of them."""
    last = len(walk.steps)
    form = walk.steps[0].poem.form
    header = f"**{plain(walk.a, 60)}** → **{plain(walk.b, 60)}**\n-# {form_name(form)} · {last} poems"
    steps = (
        f"{_quoted(written.poem)}\n-# {place} of {last} · No. {written.number}"
        for place, written in enumerate(walk.steps, start=1)
    )
    return packed((header, *steps))


def packed(blocks: Iterable[str], limit: int = MESSAGE_LIMIT) -> list[str]:
    """The blocks, in order, a line break between them, in as few texts of at most `limit` characters as can be."""
    texts: list[str] = []
    for block in blocks:
        if texts and len(texts[-1]) + 1 + len(block) <= limit:
            texts[-1] += "\n" + block
        else:
            texts.append(block)
    return texts


def _quoted(poem: Poem) -> str:
    # Full-width characters and punctuation only, so that columns stand under each other in any typeface.
    return "\n".join(f"> {line}" for line in poem.text.splitlines())
