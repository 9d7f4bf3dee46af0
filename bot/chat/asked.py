"""What an interaction is, for the log: its name, and what the person typed for it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator, Mapping
from typing import Any

import discord
from discord import InteractionType

from bot.chat.presses.given import data
from bot.logs import begin

log = logging.getLogger(__name__)


def note_when_done(task: asyncio.Task[object], interaction: discord.Interaction[Any]) -> None:
    """Begins the request that the task answers, of which it is this very one, and logs what came of it in the end."""
    request, began = begin(typed_in(interaction)), time.monotonic()
    level = logging.DEBUG if interaction.type is InteractionType.autocomplete else logging.INFO
    name = name_of(interaction)

    def note(done: asyncio.Task[object]) -> None:
        outcome = "cut off" if done.cancelled() else request.outcome
        milliseconds = 1000 * (time.monotonic() - began)
        log.log(level, "%s: %s in %.0f ms", name, outcome, milliseconds, extra={"typed": list(request.typed)})

    task.add_done_callback(note)


def name_of(interaction: discord.Interaction[Any]) -> str:
    """Such as `/privacy export`, `completion of /poem`, `press p1.again`; with no word that a person chose."""
    told = data(interaction)
    match interaction.type:
        case InteractionType.application_command | InteractionType.autocomplete:
            completes = interaction.type is InteractionType.autocomplete
            return ("completion of /" if completes else "/") + " ".join(_path(told))
        case InteractionType.component | InteractionType.modal_submit:
            kind = "press" if interaction.type is InteractionType.component else "form"
            return f"{kind} {str(told.get('custom_id', ''))[:100]}"
        case kind:
            return str(kind)


def _path(told: Mapping[str, Any]) -> Iterator[str]:
    """A command's name, and those of the subcommands in it."""
    yield str(told.get("name", ""))
    for option in told.get("options") or ():
        if "options" in option:
            yield from _path(option)


def typed_in(interaction: discord.Interaction[Any]) -> list[str]:
    """Every text that a person, not always this one, wrote: options, fields of a form, a message it is about."""
    told = data(interaction)
    messages = ((told.get("resolved") or {}).get("messages") or {}).values()
    return [
        *_values(told.get("options")),
        *_values(told.get("components")),
        *(m.get("content") or "" for m in messages),
    ]


def _values(parts: object) -> Iterator[str]:
    for part in parts if isinstance(parts, list) else []:
        if isinstance(value := part.get("value"), str):
            yield value
        yield from _values(part.get("options"))
        yield from _values(part.get("components"))
        yield from _values([part["component"]] if isinstance(part.get("component"), dict) else None)
