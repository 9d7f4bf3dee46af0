"""What a person chose in a select or wrote in a modal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import discord

from bot.errors import StrangeButton


def data(interaction: discord.Interaction[Any]) -> dict[str, Any]:
    """What came with the interaction, as Discord sent it: discord.py's types of it tell less."""
    return cast(dict[str, Any], interaction.data or {})


def chosen(interaction: discord.Interaction[Any]) -> int:
    """The number that a select was set to. Raises StrangeButton."""
    try:
        return int(data(interaction)["values"][0])
    except (LookupError, TypeError, ValueError):
        raise StrangeButton from None


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
