"""The answer to one interaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import aiohttp
import discord

from bot.chat.locale import Say
from bot.chat.page import Attachment, Page
from bot.chat.views.check import check_page
from bot.chat.views.poem import poem_page
from bot.chat.views.walk import walk_pages
from bot.service.blend_lines import Walk
from bot.service.desk import Written
from bot.service.draw_tones import draw_tones
from bot.service.recall import posted

if TYPE_CHECKING:
    from bot.chat.client import Interaction
    from vae.prosody.check import Report

T = TypeVar("T")

ATTEMPTS = 3
ALREADY_ACKNOWLEDGED = 40060


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one interaction, which the person already sees is on its way."""

    interaction: Interaction
    say: Say

    @classmethod
    async def begin(cls, interaction: Interaction, *, alone: bool = False) -> Reply:
        """Acknowledges with a new message. alone: only the person will see it.

        Discord waits three seconds for this, so it comes before anything else.
        """
        await _acknowledged(lambda: interaction.response.defer(thinking=True, ephemeral=alone))
        return cls(interaction, Say.to(interaction.locale))

    @classmethod
    async def in_place(cls, interaction: Interaction) -> Reply:
        """Acknowledges a press; the message that the button stands under will be the answer."""
        await _acknowledged(interaction.response.defer)
        return cls(interaction, Say.to(interaction.locale))

    async def poem(self, written: Written) -> None:
        client = self.interaction.client
        message = await self.show(poem_page(self.say, written, pictures=client.pictures))
        await posted(client.desk, [written], message.id, self.interaction.channel_id)

    async def walk(self, walk: Walk) -> None:
        message = await self.show(*walk_pages(self.say, walk, pictures=self.interaction.client.pictures))
        await posted(self.interaction.client.desk, walk.steps, message.id, self.interaction.channel_id)

    async def check(self, report: Report) -> None:
        drawn = await draw_tones(self.interaction.client.desk, report)
        seen = None if drawn is None else Attachment(drawn.name, drawn.data, drawn.alt)
        await self.show(check_page(self.say, report, seen))

    async def show(self, *pages: Page) -> discord.InteractionMessage:
        """The pages in place of what the person sees now, further ones below. The first of the messages."""
        first, *others = pages
        shown = await persistently(lambda: self.interaction.edit_original_response(view=first, attachments=first.files))
        await self.add(*others)
        return shown

    async def add(self, *pages: Page, alone: bool = False) -> None:
        for page in pages:
            await persistently(partial(self._follow_up, page, alone))

    async def remove(self) -> None:
        """Takes away what the person sees now."""
        await persistently(self.interaction.delete_original_response)

    async def _follow_up(self, page: Page, alone: bool) -> None:
        await self.interaction.followup.send(view=page, files=page.files, ephemeral=alone)


async def _acknowledged(acknowledge: Callable[[], Awaitable[object]]) -> None:
    try:
        await persistently(acknowledge)
    except discord.HTTPException as error:
        # Discord took an acknowledgement whose answer got lost on the way: the person waits all the same.
        if error.code != ALREADY_ACKNOWLEDGED:
            raise


async def persistently(call: Callable[[], Awaitable[T]]) -> T:
    """Calls again where the connection broke under a call, as an idle one often does; discord.py leaves it at that.

    What Discord had understood all the same is thereby said twice at worst.
    """
    for _ in range(ATTEMPTS - 1):
        with suppress(aiohttp.ClientConnectionError):
            return await call()
    return await call()
