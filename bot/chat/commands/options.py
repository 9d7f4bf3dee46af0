"""Types of options: what Discord lets a person choose or offers while they type, and what the service is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import discord
from discord import app_commands
from discord.app_commands import Choice, Range, Transform, Transformer

from bot.chat import errors
from bot.chat.locale import _
from bot.chat.page import shortened
from bot.chat.people import author_of
from bot.chat.views.lists import PERIODS
from bot.chat.views.poem import FORMS
from bot.chat.views.settings import AS_TYPED, LANGUAGES, SCRIPTS
from bot.service import suggest
from bot.service.guild_settings import time_zones
from bot.service.judge import Period
from bot.service.suggest import Suggestion
from vae.errors import UnknownChoice
from vae.poem import BOLDNESS, TEXT_LIMIT, Form, Script

if TYPE_CHECKING:
    from bot.chat.client import Interaction

CHOICES = 25
"""As many as Discord shows."""


class OneOf(Transformer):
    """A choice from a table: its name as people read it, and what it stands for, by the value that Discord sends."""

    what: ClassVar[str]
    table: ClassVar[Mapping[str, tuple[str, Any]]]

    @property
    def choices(self) -> list[Choice[str]]:  # type: ignore[override]  # discord.py's own type leaves the value open
        return [Choice(name=app_commands.locale_str(name), value=value) for value, (name, _meant) in self.table.items()]

    async def transform(self, interaction: discord.Interaction[Any], value: Any) -> Any:  # noqa: ANN401
        if value not in self.table:
            raise UnknownChoice(what=self.what, given=str(value)[:40], choices=", ".join(self.table))
        return self.table[value][1]


class FormOption(OneOf):
    what = "form"
    table = MappingProxyType({form.value: (f"{form.chinese} · {FORMS[form]}", form) for form in Form})


class ScriptOption(OneOf):
    what = "script"
    table = MappingProxyType(
        {script.value: (f"{SCRIPTS[script]} · {script.name.lower()}", script) for script in Script}
    )


class ServerScriptOption(OneOf):
    what = "script"
    table = MappingProxyType({**ScriptOption.table, "any": (AS_TYPED, None)})


class BoldnessOption(OneOf):
    what = "boldness"
    table = MappingProxyType(
        {
            "shy": (_("shy: keeps to what is likely"), BOLDNESS["shy"]),
            "usual": (_("usual"), BOLDNESS["usual"]),
            "bold": (_("bold: dares the most"), BOLDNESS["bold"]),
        }
    )


class PeriodOption(OneOf):
    what = "period"
    table = MappingProxyType({period.name.lower(): (name, period) for period, name in PERIODS.items()})


class LanguageOption(OneOf):
    what = "language"
    table = MappingProxyType({value: (name, value) for value, name in LANGUAGES.items()})


Line = Range[str, 1, TEXT_LIMIT]
"""As much as the poet reads."""
Steps = Range[int, 2, 25]
Hour = Range[int, 0, 23]
FormChoice = Transform[Form, FormOption]
ScriptChoice = Transform[Script, ScriptOption]
ServerScriptChoice = Transform[Any, ServerScriptOption]
BoldnessChoice = Transform[float, BoldnessOption]
PeriodChoice = Transform[Period, PeriodOption]
LanguageChoice = Transform[str, LanguageOption]

Typing = Callable[["Interaction", str], Awaitable[Iterable[Suggestion]]]
Completer = Callable[["Interaction", str], Coroutine[Any, Any, list[Choice[str]]]]


def offering(suggested: Typing) -> Completer:
    """An autocompletion from suggestions; one that fails offers nothing, and the log says why."""

    async def complete(interaction: Interaction, current: str) -> list[Choice[str]]:
        try:
            found = list(await suggested(interaction, current))
        except Exception as error:
            errors.told(interaction, error)
            return []
        # A value that Discord would cut is not offered: it would come back as another.
        fitting = [s for s in found if len(s.value) <= 100]
        return [Choice(name=shortened(" ".join(s.label.split()), 100), value=s.value) for s in fitting[:CHOICES]]

    return complete


@offering
async def rhyme_groups(interaction: Interaction, current: str) -> Iterable[Suggestion]:
    return suggest.rhyme_groups(current)


@offering
async def own_seeds(interaction: Interaction, current: str) -> Iterable[Suggestion]:
    return await suggest.own_seeds(interaction.client.desk, author_of(interaction), current)


@offering
async def own_poems(interaction: Interaction, current: str) -> Iterable[Suggestion]:
    return await suggest.own_poems(interaction.client.desk, author_of(interaction), current)


@offering
async def zones(interaction: Interaction, current: str) -> Iterable[Suggestion]:
    return [Suggestion(name, name) for name in time_zones(current)]
