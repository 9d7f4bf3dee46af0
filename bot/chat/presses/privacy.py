"""The confirmation before everything is erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.ids import Id
from bot.chat.page import text_page
from bot.chat.people import author_of
from bot.chat.replies import Reply
from bot.chat.views.privacy import erased_page
from bot.service.privacy import erase

if TYPE_CHECKING:
    from bot.chat.client import Interaction


async def yes(interaction: Interaction, press: Id) -> None:
    reply = await Reply.in_place(interaction)
    await reply.show(erased_page(reply.say, await erase(interaction.client.desk, author_of(interaction))))


async def no(interaction: Interaction, press: Id) -> None:
    reply = await Reply.in_place(interaction)
    await reply.show(text_page(reply.say("Nothing was erased.")))
