from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from bot.chat.people import author_of
from bot.chat.replies import Reply
from bot.chat.views.privacy import confirm_page, export_page
from bot.service.privacy import export

if TYPE_CHECKING:
    from bot.chat.client import Interaction

privacy = app_commands.Group(
    name="privacy",
    description="What is kept about you.",
    allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
    allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
)


@privacy.command(name="export", description="All that is kept about you, as a file that only you see.")
async def export_(interaction: Interaction) -> None:
    reply = await Reply.begin(interaction, alone=True)
    await reply.show(export_page(reply.say, await export(interaction.client.desk, author_of(interaction))))


@privacy.command(name="erase", description="Erase all that is kept about you; you are asked once more.")
async def erase(interaction: Interaction) -> None:
    reply = await Reply.begin(interaction, alone=True)
    await reply.show(confirm_page(reply.say))
