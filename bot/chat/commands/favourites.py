from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from bot.chat.people import author_of
from bot.chat.replies import Reply
from bot.chat.views.lists import favourites_page
from bot.service.favourites import favourites as favourites_of

if TYPE_CHECKING:
    from bot.chat.client import Interaction


@app_commands.command(name="favourites", description="The poems you keep: read, share, take out, export.")
async def favourites(interaction: Interaction) -> None:
    reply = await Reply.begin(interaction, alone=True)
    listed = await favourites_of(interaction.client.desk, author_of(interaction))
    await reply.show(favourites_page(reply.say, listed))
