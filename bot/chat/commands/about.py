from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from bot.chat.people import author_of
from bot.chat.replies import Reply
from bot.chat.views.help import about_page
from bot.service.about import about as about_lanting

if TYPE_CHECKING:
    from bot.chat.client import Interaction


@app_commands.command(name="about", description="What I am, what I keep, and which weights write.")
async def about(interaction: Interaction) -> None:
    reply = await Reply.begin(interaction, alone=True)
    await reply.show(about_page(reply.say, await about_lanting(interaction.client.desk, author_of(interaction))))
