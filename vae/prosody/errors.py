"""Wishes about form that cannot be met."""

from __future__ import annotations

from vae.errors import WishError


class TooFewRhymes(WishError):
    key = "rhymes_too_few"
    template = (
        "The rhyme group {group} has only {found} rhyme words that the poet knows; {form} needs {needed}. "
        "Choose another group or a shorter form."
    )


class OutsidePoem(WishError):
    key = "place_outside"
    template = "{form} has no place for {char}: line {line}, character {column}."
