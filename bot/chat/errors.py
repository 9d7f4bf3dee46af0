"""The one path by which an error reaches the person it befell, and the log."""

from __future__ import annotations

import logging
from typing import Any

import aiohttp
import discord
from discord import InteractionResponseType as Answered
from discord import InteractionType, app_commands

from bot.chat.locale import Say
from bot.chat.page import text_page
from bot.chat.replies import ALREADY_ACKNOWLEDGED, persistently
from bot.errors import (
    BotError,
    DiscordRefused,
    DiscordUnreachable,
    FileUnwritable,
    FontMissing,
    IdentifiesSpent,
    OutputError,
    PoetGone,
    PortTaken,
    SettingsError,
    StoreError,
    WishFailed,
)
from bot.logs import asked, begin, came_to
from vae.errors import WishError

log = logging.getLogger(__name__)

# Said of an interaction, or of its token, that Discord knows no longer: there is nowhere left to answer.
UNKNOWN_INTERACTION, UNKNOWN_WEBHOOK, INVALID_WEBHOOK_TOKEN = 10062, 10015, 50027
_GONE = (UNKNOWN_INTERACTION, UNKNOWN_WEBHOOK, INVALID_WEBHOOK_TOKEN)

# These speak to who runs the program: the person gets a code, the log the rest.
FOR_THE_HOUSE = (
    StoreError,
    SettingsError,
    DiscordRefused,
    DiscordUnreachable,
    OutputError,
    PortTaken,
    FileUnwritable,
    FontMissing,
    WishFailed,
    PoetGone,
    IdentifiesSpent,
)


async def answer(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tells the person, by whichever way Discord still takes; never raises for what Discord says to that."""
    cause = _cause(error)
    if _is_gone(cause):
        log.warning("interaction %s ended before its answer: %s", interaction.id, cause)
        came_to("too late")
        return
    sentence = told(interaction, cause)
    if interaction.type is InteractionType.autocomplete:
        return  # there is no place for a sentence
    try:
        await _tell(interaction, sentence)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as failure:
        log.warning("interaction %s could not be told of its error: %s", interaction.id, failure)


def told(interaction: discord.Interaction[Any], error: BaseException) -> str:
    """The sentence for the person; what they cannot act on goes to the log under a code."""
    say = Say.to(interaction.locale)
    if isinstance(error, WishError) or (isinstance(error, BotError) and not isinstance(error, FOR_THE_HOUSE)):
        came_to(error.key)
        return say.error(error)
    if isinstance(error, (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)):
        log.warning("interaction %s is of an outdated command: %s", interaction.id, error)
        came_to("outdated")
        return say("This command has changed since Discord last showed it to you. Reload Discord, or try in an hour.")
    code = asked().code or begin().code
    came_to("failed")
    log.error("error %s in interaction %s", code, interaction.id, exc_info=error)
    return say(
        "Something went wrong on our side. If it happens again, tell who runs this bot the code {code}.", code=code
    )


def _cause(error: BaseException) -> BaseException:
    """What lies inside discord.py's wrapping."""
    if isinstance(error, app_commands.CommandInvokeError):
        return error.original
    if isinstance(error, app_commands.TransformerError) and error.__cause__ is not None:
        return error.__cause__
    return error


def _is_gone(error: BaseException) -> bool:
    return isinstance(error, discord.HTTPException) and error.code in _GONE


async def _tell(interaction: discord.Interaction[Any], sentence: str) -> None:
    page = text_page(sentence)
    match interaction.response.type:
        case None:
            try:
                await persistently(lambda: interaction.response.send_message(view=page, ephemeral=True))
            except discord.HTTPException as error:
                if error.code != ALREADY_ACKNOWLEDGED:
                    raise
                # Discord heard a first word of ours whose receipt got lost on the way.
                await _instead(interaction, page)
        case Answered.deferred_channel_message:
            try:
                await persistently(lambda: interaction.edit_original_response(view=page, attachments=[]))
            except discord.HTTPException as error:
                if _is_gone(error):
                    raise
                # Discord puts the first follow-up in the place of "is thinking ...", where that still stands.
                await persistently(lambda: interaction.followup.send(view=page, ephemeral=True))
        case _:
            await persistently(lambda: interaction.followup.send(view=page, ephemeral=True))


async def _instead(interaction: discord.Interaction[Any], page: discord.ui.LayoutView) -> None:
    if interaction.type is InteractionType.application_command:
        await persistently(lambda: interaction.edit_original_response(view=page))
    else:  # the original may be the message under which they pressed
        await persistently(lambda: interaction.followup.send(view=page, ephemeral=True))
