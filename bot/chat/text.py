"""People's text, made harmless before it stands in a message of ours."""

from __future__ import annotations

import re
import unicodedata

_ASCII_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_ZERO_WIDTH_SPACE = "\u200b"


class Markup(str):
    """Text of our own making, safe to show as it is."""

    __slots__ = ()


def plain(text: str, limit: int = 1000) -> str:
    """The text on one line, as it was typed, with nothing left in it that Discord or a screen would act on.

    No mention, markdown, link, timestamp or custom emoji comes of it, and right-to-left text stays within itself.
    Beyond `limit` characters it ends in an ellipsis.
    """
    told = " ".join("".join(map(_kept, text)).split())
    if len(told) > limit:
        told = told[: limit - 1] + "…"
    leftward = any(unicodedata.bidirectional(char) in ("R", "AL") for char in told)
    # A backslash keeps Discord from reading any ASCII punctuation as markup; mentions are sought in the raw text, hence
    # the zero-width space.
    told = _ASCII_PUNCTUATION.sub(lambda found: "\\" + found[0], told).replace("@", "@" + _ZERO_WIDTH_SPACE)
    return _FIRST_STRONG_ISOLATE + told + _POP_ISOLATE if leftward else told


def _kept(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":  # marks of direction, zero-width joiners and the like
        return ""
    return " " if category[0] in "CZ" else char
