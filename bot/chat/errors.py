"""The one path by which an error reaches the person it befell, and the log."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.chat.replies import ALREADY_ACKNOWLEDGED, persistently
from bot.chat.text import plain
from bot.errors import PoetFell, TooManyWishes, WishTimedOut, WishWithdrawn, WorkerBusy, WorkerClosed
from vae.errors import WishError

log = logging.getLogger(__name__)

# Said of an interaction, or of its token, that Discord knows no longer: there is nowhere left to answer.
UNKNOWN_INTERACTION, UNKNOWN_WEBHOOK, INVALID_WEBHOOK_TOKEN = 10062, 10015, 50027
_GONE = (UNKNOWN_INTERACTION, UNKNOWN_WEBHOOK, INVALID_WEBHOOK_TOKEN)

# What a person can act on. Other errors speak to who runs the program: the person gets a code, the log the rest.
_FOR_PEOPLE = (WishError, WorkerBusy, TooManyWishes, WorkerClosed, WishTimedOut, WishWithdrawn, PoetFell)

_OUTDATED = "This command has changed since Discord last showed it to you. Reload Discord, or try again in an hour."
_UNEXPECTED = "Something went wrong on our side. If it happens again, tell who runs this bot the code {code}."


async def answer(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tells the person, by whichever way Discord still takes; never raises for what Discord says to that."""
    cause = _cause(error)
    if _is_gone(cause):
        log.warning("interaction %s ended before its answer: %s", interaction.id, cause)
        return
    try:
        await _tell(interaction, _sentence(interaction, cause))
    except (discord.HTTPException, aiohttp.ClientError, OSError) as failure:
        log.warning("interaction %s could not be told of its error: %s", interaction.id, failure)


def _cause(error: BaseException) -> BaseException:
    """What lies inside discord.py's wrapping."""
    if isinstance(error, app_commands.CommandInvokeError):
        return error.original
    if isinstance(error, app_commands.TransformerError) and error.__cause__ is not None:
        return error.__cause__
    return error


def _is_gone(error: BaseException) -> bool:
    return isinstance(error, discord.HTTPException) and error.code in _GONE


def _sentence(interaction: discord.Interaction[Any], error: BaseException) -> str:
    if isinstance(error, _FOR_PEOPLE):
        # The words are ours, the details may be anybody's.
        return error.template.format(**{name: plain(str(detail)) for name, detail in error.details.items()})
    if isinstance(error, (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)):
        log.warning("interaction %s is of an outdated command: %s", interaction.id, error)
        return _OUTDATED
    code = secrets.token_hex(3)
    log.error("error %s in interaction %s", code, interaction.id, exc_info=error)
    return _UNEXPECTED.format(code=code)


async def _tell(interaction: discord.Interaction[Any], sentence: str) -> None:
    if interaction.response.is_done():
        # After a deferral Discord puts the first follow-up in the place of "is thinking ...".
        await persistently(lambda: interaction.followup.send(sentence, ephemeral=True))
        return
    try:
        await persistently(lambda: interaction.response.send_message(sentence, ephemeral=True))
    except discord.HTTPException as error:
        if error.code != ALREADY_ACKNOWLEDGED:
            raise
        # Discord heard a first word of ours whose receipt got lost on the way.
        await persistently(lambda: interaction.edit_original_response(content=sentence))
