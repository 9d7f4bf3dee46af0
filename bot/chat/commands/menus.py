"""What is offered on a message, under Apps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.chat.page import TEXT_LIMIT
from bot.chat.people import author_of
from bot.chat.replies import Reply
from bot.chat.waiting import watching
from bot.errors import NothingToAnswer
from bot.service.answer_message import answer_message
from bot.service.blend_lines import blend_with_favourite
from bot.service.check_text import check_text

if TYPE_CHECKING:
    from bot.chat.client import Interaction


@app_commands.context_menu(name="Answer in verse")
async def answer_in_verse(interaction: Interaction, message: discord.Message) -> None:
    reply = await Reply.begin(interaction)
    async with watching(reply) as watch:
        written = await answer_message(interaction.client.desk, author_of(interaction), _text(message), watch)
    await reply.poem(written)


@app_commands.context_menu(name="Blend with my last favourite")
async def blend_with_last_favourite(interaction: Interaction, message: discord.Message) -> None:
    reply = await Reply.begin(interaction)
    async with watching(reply) as watch:
        walk = await blend_with_favourite(interaction.client.desk, author_of(interaction), _text(message), watch)
    await reply.walk(walk)


@app_commands.context_menu(name="Check the prosody")
async def check_the_prosody(interaction: Interaction, message: discord.Message) -> None:
    reply = await Reply.begin(interaction)
    await reply.check(check_text(_text(message)))


MENUS = (answer_in_verse, blend_with_last_favourite, check_the_prosody)


def _text(message: discord.Message) -> str:
    """What a message says: of one of ours, the verses quoted in it. Raises NothingToAnswer."""
    shown = [part.content for part in _texts(message.components)]
    verses = [line.removeprefix("> ") for text in shown for line in text.splitlines() if line.startswith("> ")]
    told = message.content or "\n".join(verses) or "\n".join(e.description or "" for e in message.embeds)
    if not told.strip():
        raise NothingToAnswer
    return told[:TEXT_LIMIT]


def _texts(components: object) -> list[discord.TextDisplay]:
    found: list[discord.TextDisplay] = []
    for component in components if isinstance(components, list) else []:
        if isinstance(component, discord.TextDisplay):
            found.append(component)
        found += _texts(getattr(component, "children", []))
    return found
