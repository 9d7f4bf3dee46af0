"""A person wants to know whether a text keeps the form of verse."""

from __future__ import annotations

from vae.errors import EmptyText
from vae.prosody.check import Report, check
from vae.prosody.console import split
from vae.script import clean, sound, to_traditional

LIMIT = 2000
"""Characters of a text that is checked: as long as a message on Discord."""


def check_text(text: str) -> Report:
    """Of lines parted by punctuation or line ends, in either script. Raises EmptyText, NoHanText, TextTooLong."""
    clean(text, what="text", limit=LIMIT)
    lines = split(sound(text))
    if not lines:
        raise EmptyText(what="text")
    return check(to_traditional("\n".join(lines)).split("\n"))
