"""Whether Discord would take the commands: its limits, checked without asking it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import discord

from bot.chat.sync import payload
from bot.chat.tree import Tree

NAME = re.compile(r"[-_'\w\u0900-\u097F\u0E00-\u0E7F]{1,32}")
SLASH = 1
MOST_OF_A_KIND = {SLASH: 100, 2: 15, 3: 15}
"""Slash commands, and entries in the menus of people and of messages."""
NAME_TEXT, DESCRIPTION, CHOICE, OPTIONS, CHOICES, COMMAND_TEXT = 32, 100, 100, 25, 25, 8000


async def told_offline() -> list[dict[str, Any]]:
    """The commands as Discord would be told them, in all languages."""
    tree = Tree(discord.Client(intents=discord.Intents.none()))
    await tree.prepare()
    return await payload(tree)


def breaches(commands: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A sentence for each limit that is overstepped."""
    for kind, count in Counter(_kind(command) for command in commands).items():
        if count > MOST_OF_A_KIND[kind]:
            yield f"there are {count} commands of kind {kind}, and at most {MOST_OF_A_KIND[kind]} may be"
    for command in commands:
        if (size := command_text(command)) > COMMAND_TEXT:
            yield f"{command['name']} has {size} characters in all, and at most {COMMAND_TEXT} may be"
        yield from _of_texts(command, command["name"], slash=_kind(command) == SLASH)


def command_text(thing: dict[str, Any]) -> int:
    """Characters that count towards 8,000: names, descriptions and values, of each its longest translation."""
    own = sum(max((len(text) for _, text in _every(thing, key)), default=0) for key in ("name", "description"))
    value = thing.get("value")
    inner = sum(map(command_text, [*(thing.get("options") or ()), *(thing.get("choices") or ())]))
    return own + (len(value) if isinstance(value, str) else 0) + inner


def _of_texts(thing: dict[str, Any], at: str, *, slash: bool) -> Iterator[str]:
    for locale, name in _every(thing, "name"):
        if slash and (not NAME.fullmatch(name) or name != name.lower()):
            yield f"{at}: {name!r} ({locale}) is no name that Discord takes"
        if not 1 <= len(name) <= NAME_TEXT:
            yield f"{at}: the name {name!r} ({locale}) has {len(name)} characters, not 1 to {NAME_TEXT}"
    for locale, text in _every(thing, "description") if slash else ():
        if not 1 <= len(text) <= DESCRIPTION:
            yield f"{at}: the description ({locale}) has {len(text)} characters, not 1 to {DESCRIPTION}"
    yield from _of_choices(thing.get("choices") or [], at)
    options = thing.get("options") or []
    if len(options) > OPTIONS:
        yield f"{at}: there are {len(options)} options, and at most {OPTIONS} may be"
    called = Counter(name for option in options for name in _every(option, "name"))
    for locale, name in (each for each, count in called.items() if count > 1):
        yield f"{at}: more than one option is called {name!r} ({locale})"
    for option in options:
        yield from _of_texts(option, f"{at} {option['name']}", slash=True)


def _of_choices(choices: Sequence[dict[str, Any]], at: str) -> Iterator[str]:
    if len(choices) > CHOICES:
        yield f"{at}: there are {len(choices)} choices, and at most {CHOICES} may be"
    for choice in choices:
        texts = [*_every(choice, "name"), *_every(choice, "value")]
        yield from (
            f"{at}: the choice {text!r} ({locale}) has {len(text)} characters, not 1 to {CHOICE}"
            for locale, text in texts
            if not 1 <= len(text) <= CHOICE
        )


def _kind(command: dict[str, Any]) -> int:
    return int(command.get("type") or SLASH)


def _every(thing: dict[str, Any], key: str) -> Iterator[tuple[str, str]]:
    """The text under `key` in each language that has one of its own, with the locale."""
    if isinstance(thing.get(key), str):
        yield "as it is", thing[key]
    yield from (thing.get(f"{key}_localizations") or {}).items()
