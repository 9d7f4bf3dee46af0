"""Who asks, and where, by what Discord tells of an interaction."""

from __future__ import annotations

from typing import Any

import discord

from bot.service.desk import Author


def author_of(interaction: discord.Interaction[Any]) -> Author:
    user = interaction.user
    # discord.py names only roles of servers it has in its cache, and without intents that has none.
    roles = user._roles if isinstance(user, discord.Member) else ()
    return Author(
        id=user.id,
        locale=interaction.locale.value,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id,
        roles=frozenset(roles),
        manages=interaction.guild_id is not None and interaction.permissions.manage_guild,
        asked_at=interaction.created_at,
    )
