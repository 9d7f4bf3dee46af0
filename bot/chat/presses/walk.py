"""The button under a walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.ids import Id
from bot.chat.page import Attachment, Page, gallery
from bot.chat.replies import Reply
from bot.service.draw_walk import draw_walk

if TYPE_CHECKING:
    from bot.chat.client import Interaction


async def map_(interaction: Interaction, press: Id) -> None:
    reply = await Reply.begin(interaction)
    drawn = await draw_walk(interaction.client.desk, press.number(0), press.number(1))
    shown = Attachment(drawn.name, drawn.data, drawn.alt)
    await reply.show(Page(gallery(shown), files=[shown]))
