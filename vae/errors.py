"""What can go wrong with a wish, said so that a person can act on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar, Self


class Phrase(str):
    """An English text with particulars: a translator says `template` in another language and fills in `details` anew."""

    __slots__ = ("details", "template")
    template: str
    details: dict[str, object]

    def __new__(cls, template: str, /, **details: object) -> Self:
        phrase = super().__new__(cls, template.format(**details))
        phrase.template, phrase.details = template, details
        return phrase

    def __reduce__(self) -> tuple[Callable[[], Phrase], tuple[()]]:
        return partial(Phrase, self.template, **self.details), ()


class PoetError(Exception):
    """A wish that cannot be met as it stands, or a poet that cannot work.

    `key` names the message for translators; `details` fill its placeholders, a Phrase where they are English; `str(error)` is one English sentence
    (or two) that says what is wrong and what to do.
    """

    key: ClassVar[str] = "poet"
    template: ClassVar[str] = "{reason}"

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(self.template.format(**details))

    def __reduce__(self) -> tuple[Callable[[], PoetError], tuple[()]]:
        return partial(type(self), **self.details), ()  # so that another process can raise it here


def why(error: BaseException) -> str:
    """What an error of somebody else's says, in one line for a `reason`."""
    said = getattr(error, "strerror", None) or str(error).strip()
    return said.splitlines()[0] if said else type(error).__name__


class WishError(PoetError):
    """The person asked for something that cannot be read or done; another wish may well succeed."""


class EmptyText(WishError):
    key = "text_empty"
    template = "The {what} is empty. Type a line or a few words of Chinese."


class TextTooLong(WishError):
    key = "text_too_long"
    template = "The {what} has {length} characters; at most {limit} can be read. Give a line or a short poem."


class NoHanText(WishError):
    key = "text_no_han"
    template = "The {what} holds no Chinese characters ({text}). Type a line or a few words of Chinese, such as 明月."


class UnknownWords(WishError):
    key = "words_unknown"
    template = (
        "The glossary knows none of the words of the {what} ({words}). "
        "Try images such as moon, river, autumn or homesick, or type Chinese."
    )


class UnknownCharacters(WishError):
    key = "text_unknown"
    template = "The poet has never met any character of the {what} ({text}). Try commoner words."


class UnknownChoice(WishError):
    key = "choice_unknown"
    template = "There is no {what} called {given}. Choose one of: {choices}."

    def __init__(self, *, given: str, **details: object) -> None:
        """given: as it was typed; a short quotation of it is told."""
        super().__init__(given=given.strip()[:40] or "(nothing)", **details)


class OutOfRange(WishError):
    key = "out_of_range"
    template = "{what} is {given}; it must be from {low} to {high}."


class Clash(WishError):
    key = "clash"
    template = "{first} and {second} cannot both be met: {reason}"


class AtlasError(PoetError):
    key = "atlas"
    template = "The map of poems cannot be drawn: {reason}."


class WeightsError(PoetError):
    """The weights cannot be used; nothing can be written until the file is mended."""

    key = "weights"
    template = "The weights at {path} cannot be used: {reason}. {remedy}"


class CorpusError(PoetError):
    key = "corpus"
    template = "The corpus at {path} cannot be read: {reason}."


class CheckpointError(PoetError):
    key = "checkpoint"
    template = "The checkpoint at {path} cannot be {verb}: {reason}."


class Unwritten(PoetError):
    """What was made cannot be put on the disk; what stood there before still stands."""

    key = "unwritten"
    template = "{path} cannot be written: {reason}."


class NotCompiled(PoetError):
    key = "not_compiled"
    template = "The decoder cannot be compiled here: {reason}. Poems are written as before."


class Diverged(PoetError):
    """A training has come to losses or weights that are no numbers."""

    key = "diverged"
    template = (
        "The training has diverged: by step {step} its {what} are no finite numbers. {kept} "
        "Begin again with a lower --rate in another --out folder."
    )


class OneProcessOnly(PoetError):
    key = "one_process_only"
    template = "{what} is trained by one process only. Start it without torchrun."


class CardError(PoetError):
    key = "card"
    template = "The tables cannot be put into {path}: {reason}."
