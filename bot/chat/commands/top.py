from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from bot.chat.commands.options import PeriodChoice
from bot.chat.people import author_of
from bot.chat.replies import Reply
from bot.chat.views.lists import top_pages
from bot.service.judge import Period, best

if TYPE_CHECKING:
    from bot.chat.client import Interaction


@app_commands.command(name="top", description="The poems that people of this server gave the best stars.")
@app_commands.describe(period="Written when; the last month if you do not say")
async def top(interaction: Interaction, period: PeriodChoice = Period.MONTH) -> None:
    reply = await Reply.begin(interaction)
    ranked = await best(interaction.client.desk, author_of(interaction), period)
    await reply.show(*top_pages(reply.say, ranked, period, here=interaction.guild_id is not None))
