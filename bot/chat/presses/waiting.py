"""A wish that waits is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.ids import Id
from bot.chat.replies import Reply

if TYPE_CHECKING:
    from bot.chat.client import Interaction


async def cancel(interaction: Interaction, press: Id) -> None:
    await Reply.in_place(interaction)
    interaction.client.waiting.take_back(press.number(), interaction.user.id)
