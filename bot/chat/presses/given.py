"""What a person chose in a select or wrote in a modal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import discord

from bot.chat.ids import Id
from bot.errors import StrangeButton


def data(interaction: discord.Interaction[Any]) -> dict[str, Any]:
    """What came with the interaction, as Discord sent it: discord.py's types of it tell less."""
    return cast(dict[str, Any], interaction.data or {})


def chosen(interaction: discord.Interaction[Any]) -> int:
    """The number that a select was set to, one of those that it offers. Raises StrangeButton."""
    told = data(interaction)
    try:
        value = str(told["values"][0])
        offers = next(part for part in _parts(interaction) if getattr(part, "custom_id", None) == told["custom_id"])
        if value in {option.value for option in offers.options}:
            return int(value)
    except (LookupError, TypeError, ValueError, AttributeError, StopIteration):
        pass
    raise StrangeButton


def stands_under(interaction: discord.Interaction[Any], press: Id) -> bool:
    """Whether the message that the interaction comes from has such a button: no program but Discord can say so."""
    return any(getattr(part, "custom_id", None) == str(press) for part in _parts(interaction))


def _parts(interaction: discord.Interaction[Any]) -> Iterator[Any]:
    """What the message is built of, to the last button."""
    waiting: list[Any] = [] if interaction.message is None else list(interaction.message.components)
    while waiting:
        part = waiting.pop()
        yield part
        waiting += getattr(part, "children", [])


def written(interaction: discord.Interaction[Any]) -> dict[str, str]:
    """The fields of a modal, by their custom ids; of a select the first value; without those left empty."""
    fields: dict[str, str] = {}
    _collect(data(interaction).get("components") or (), fields)
    return fields


def _collect(components: Sequence[Mapping[str, Any]], fields: dict[str, str]) -> None:
    for component in components:
        value = component.get("value") or next(iter(component.get("values") or ()), "")
        if value and "custom_id" in component:
            fields[component["custom_id"]] = str(value)
        inner = component.get("component")
        _collect([*(component.get("components") or ()), *([inner] if inner else [])], fields)
