from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from bot.chat.replies import Reply
from bot.service.check_text import LIMIT, check_text

if TYPE_CHECKING:
    from bot.chat.client import Interaction


@app_commands.command(name="check", description="Does a text keep the rules of verse? Every character with its tone.")
@app_commands.describe(text="A poem, its lines parted by punctuation")
async def check(interaction: Interaction, text: app_commands.Range[str, 1, LIMIT]) -> None:
    reply = await Reply.begin(interaction)
    await reply.check(check_text(text))
