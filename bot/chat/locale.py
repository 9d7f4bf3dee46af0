"""The language a person is answered in.

English stands in the code; gettext catalogues (`bot/locales`) hold the others. `say = Say.to(interaction.locale)`, then
`say("Again in {time}.", time=...)`: what fills a placeholder is made harmless unless it is `Markup`.
"""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Self

import discord
from discord import app_commands

from bot.chat.text import Markup, plain
from bot.errors import BotError
from bot.locales import FOLDER
from vae.errors import Phrase, PoetError


class Language(StrEnum):
    EN = "en"
    HANS = "zh-Hans"
    HANT = "zh-Hant"

    @classmethod
    def of(cls, locale: str | discord.Locale | None) -> Language:
        """By one of Discord's locales, or one of these; English where it is another."""
        match str(locale):
            case "zh-CN" | "zh-Hans":
                return cls.HANS
            case "zh-TW" | "zh-Hant":
                return cls.HANT
            case _:
                return cls.EN


def _(text: str) -> str:
    """Marks a text that is said later, by a Say."""
    return text


PARTICULARS = frozenset(
    (_("seed"), _("acrostic"), _("form"), _("scheme"), _("rhyme group"), _("text"), _("boldness"), _("(nothing)"))
)
"""What errors name by a word alone."""


@cache
def catalogue(language: Language) -> gettext.NullTranslations:
    if language is Language.EN:
        return gettext.NullTranslations()
    with (FOLDER / f"{language}.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


@dataclass(frozen=True, slots=True)
class Say:
    """Says the program's texts in one language."""

    language: Language

    @classmethod
    def to(cls, locale: str | discord.Locale | None) -> Self:
        return cls(Language.of(locale))

    def __call__(self, text: str, /, **details: object) -> Markup:
        return _filled(catalogue(self.language).gettext(text), details)

    def plural(self, one: str, many: str, n: int, /, **details: object) -> Markup:
        """`one` or `many`, as the language counts; {n} in it is the number."""
        return _filled(catalogue(self.language).ngettext(one, many, n), {"n": n, **details})

    def error(self, error: PoetError | BotError) -> Markup:
        """The sentence of an error; its particulars, where they are English, are translated too."""
        return _filled(catalogue(self.language).pgettext(error.key, error.template), self._said(error.details))

    def phrase(self, phrase: str) -> Markup:
        """A Phrase with its particulars, or a text as it is."""
        if isinstance(phrase, Phrase):
            return self(phrase.template, **self._said(phrase.details))
        return Markup(plain(phrase))

    def _said(self, details: dict[str, object]) -> dict[str, object]:
        return {name: self._particular(detail) for name, detail in details.items()}

    def _particular(self, detail: object) -> object:
        if isinstance(detail, Phrase):
            return self.phrase(detail)
        return self(detail) if detail in PARTICULARS else detail


def _filled(text: str, details: dict[str, object]) -> Markup:
    return Markup(text.format(**{k: d if isinstance(d, Markup) else plain(str(d)) for k, d in details.items()}))


class Translator(app_commands.Translator):
    """Names, descriptions and choices of the commands, for Discord to show in a person's own language."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        language = Language.of(locale)
        if locale is discord.Locale.american_english:
            return string.message  # else Americans are shown what the British are
        return None if language is Language.EN else catalogue(language).gettext(string.message)
