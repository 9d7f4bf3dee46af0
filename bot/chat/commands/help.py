from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from bot.chat.replies import Reply
from bot.chat.views.help import help_page

if TYPE_CHECKING:
    from bot.chat.client import Interaction


@app_commands.command(name="help", description="What I can do.")
async def help_(interaction: Interaction) -> None:
    reply = await Reply.begin(interaction, alone=True)
    await reply.show(help_page(reply.say))
