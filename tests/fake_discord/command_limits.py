"""Discord's limits on a bot's commands, beyond what its schemas say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .components import Path
from .limits import Breach, Json, bad_length, check_choices

NAME = re.compile(r"^[-_'\w\u0900-\u097F\u0E00-\u0E7F]{1,32}$")
CHAT_INPUT = 1
COMMANDS_OF_A_TYPE = {CHAT_INPUT: 100, 2: 15, 3: 15}
"""Fifteen context menus of a kind since 2026-03-03; five before."""
COMMAND_TEXT = 8000


def check_commands(commands: Sequence[Json]) -> Iterator[Breach]:
    for kind, most in COMMANDS_OF_A_TYPE.items():
        if sum(_kind(command) == kind for command in commands) > most:
            yield Breach((), "APPLICATION_COMMANDS_MAX", f"Maximum number of commands of type {kind} reached ({most})")
    seen: set[tuple[int, str]] = set()
    for i, command in enumerate(commands):
        if (own := (_kind(command), command["name"])) in seen:
            said = "Application command names must be unique"
            yield Breach((i,), "APPLICATION_COMMANDS_DUPLICATE_NAME", said)
        seen.add(own)
        yield from _check_command(command, (i,))
        if command_text(command) > COMMAND_TEXT:
            said = f"Command exceeds maximum size ({COMMAND_TEXT})"
            yield Breach((i,), "APPLICATION_COMMAND_TOO_LARGE", said)


def _kind(command: Json) -> int:
    return int(command.get("type") or CHAT_INPUT)


def _check_command(command: Json, at: Path) -> Iterator[Breach]:
    if len(at) > 1 or _kind(command) == CHAT_INPUT:
        for path, name in _every(command, "name"):
            if not NAME.match(name) or name != name.lower():
                yield Breach((*at, *path), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
        if not command.get("description"):
            yield bad_length((*at, "description"), 1, 100)
    options = command.get("options") or ()
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        said = "Required options must be placed before non-required options"
        yield Breach((*at, "options"), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", said)
    names = [option["name"] for option in options]
    for i, option in enumerate(options):
        if option["name"] in names[:i]:
            said = "Option names must be unique"
            yield Breach((*at, "options", i), "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED", said)
        yield from check_choices(option.get("choices") or (), (*at, "options", i, "choices"))
        yield from _check_command(option, (*at, "options", i))


def command_text(command: Json) -> int:
    """Characters that count towards 8,000: names, descriptions and values, the longest locale of each."""
    own = sum(max((len(text) for _, text in _every(command, key)), default=0) for key in ("name", "description"))
    value = command.get("value")
    inner = [*(command.get("options") or ()), *(command.get("choices") or ())]
    return own + (len(value) if isinstance(value, str) else 0) + sum(map(command_text, inner))


def _every(thing: Json, key: str) -> Iterator[tuple[Path, str]]:
    """The text under `key` and its localisations, each with its place."""
    if isinstance(thing.get(key), str):
        yield (key,), thing[key]
    for locale, text in (thing.get(f"{key}_localizations") or {}).items():
        yield (f"{key}_localizations", locale), text
