from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.chat.commands.options import Hour, LanguageChoice, ServerScriptChoice, zones
from bot.chat.people import author_of
from bot.chat.replies import Reply
from bot.chat.views.settings import settings_page
from bot.service.guild_settings import change_settings

if TYPE_CHECKING:
    from bot.chat.client import Interaction

NOT_SAID = object()


@app_commands.command(name="settings", description="What I do in this server; without options, what is set now.")
@app_commands.describe(
    language="The language of what I post by myself",
    script="The script of poems where a wish leaves it open",
    daily="Whether a poem is posted every day",
    channel="Where the daily poem goes; here if you do not say",
    hour="The hour of the daily poem, 0 to 23",
    zone="The time zone of that hour",
    writers="The role that may ask for poems; choose everyone to open it to all",
    writing="Whether anybody may ask for poems here",
)
@app_commands.rename(zone="time-zone")
@app_commands.autocomplete(zone=zones)
@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
async def settings(
    interaction: Interaction,
    language: LanguageChoice | None = None,
    script: ServerScriptChoice = NOT_SAID,
    daily: bool | None = None,
    channel: discord.TextChannel | None = None,
    hour: Hour | None = None,
    zone: app_commands.Range[str, 1, 60] | None = None,
    writers: discord.Role | None = None,
    writing: bool | None = None,
) -> None:
    reply = await Reply.begin(interaction, alone=True)
    said: dict[str, Any] = {"locale": language, "daily_hour": hour, "time_zone": zone, "enabled": writing}
    changes = {name: value for name, value in said.items() if value is not None}
    if script is not NOT_SAID:
        changes["script"] = script
    if writers is not None:
        changes["writer_role_id"] = None if writers.id == interaction.guild_id else writers.id
    if daily is False:
        changes["daily_channel_id"] = None
    elif daily or channel is not None:
        changes["daily_channel_id"] = channel.id if channel is not None else interaction.channel_id
    guild = await change_settings(interaction.client.desk, author_of(interaction), **changes)
    await reply.show(settings_page(reply.say, guild))
