"""Discord: the only rooms that know of it."""

import logging

import discord

# discord.py warns of what is absent here on purpose: voice, and the guilds intent.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
logging.getLogger("discord.state").addFilter(lambda record: "Guilds intent" not in record.getMessage())
