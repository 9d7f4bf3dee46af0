"""The question with what to blend a poem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.chat.ids import MODAL, Id
from bot.chat.locale import Say
from bot.chat.page import shortened
from bot.service.suggest import Suggestion
from vae.poem import TEXT_LIMIT

BLEND_STEPS = 5


def blend_modal(say: Say, number: int, offered: Sequence[Suggestion]) -> ui.Modal:
    """offered: poems of the person's to choose from instead of typing."""
    modal = ui.Modal(
        title=say("Blend No. {number} with …", number=number)[:45], custom_id=str(Id.of(MODAL, "blend", number))
    )
    line: ui.TextInput[Any] = ui.TextInput(custom_id="line", required=not offered, max_length=TEXT_LIMIT)
    modal.add_item(ui.Label(text=say("A line, some words, or a number like #12"), component=line))
    if offered:
        options = [discord.SelectOption(label=shortened(o.label, 100), value=o.value) for o in offered[:25]]
        poems: ui.Select[Any] = ui.Select(custom_id="poem", required=False, options=options, min_values=0, max_values=1)
        modal.add_item(ui.Label(text=say("Or one of your poems"), component=poems))
    steps: ui.TextInput[Any] = ui.TextInput(custom_id="steps", required=False, default=str(BLEND_STEPS), max_length=2)
    modal.add_item(ui.Label(text=say("How many poems, 2 to 25"), component=steps))
    modal.stop()  # else discord.py keeps it for whoever never sends it off
    return modal
