"""What a word that must be heard asks of all the other words: that they keep it company (`vae.company`).

A word that merely stands in a line is not what a poem is about. So what often shares a poem with it is likelier to be written,
and candidates are chosen for having more of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae.company import Company
from vae.planting import Place, Word
from vae.poem import Form
from vae.vocabulary import SPECIAL, Vocabulary

FAVOUR = 1.0
"""Nats added to the characters nearest to the words."""
WEIGHT = 3.0
"""Nats a character that a candidate's mark gains where all its characters are of the words' own direction."""
_NEAR, _NEAREST = 0.2, 0.7
"""The cosine from which on a character is favoured, and the one from which on by all of `FAVOUR`."""


def said(words: Sequence[Word], heard: Mapping[Place, str]) -> list[str]:
    """What words are about: of one that was typed and leads to images (手機 to 家書) the images, of a choice of images the one that
    is heard; heard: what was planted."""
    lines = {line for line, _ in heard}
    planted = " ".join("".join(heard[place] for place in sorted(heard) if place[0] == line) for line in lines)
    found = []
    for word in words:
        choices = (word.choices[1:] if word.typed else ()) or word.choices
        found.append(next((choice for choice in choices if choice in planted), choices[0]))
    return found


@dataclass(frozen=True, eq=False)
class Theme:
    """near: (vocabulary,) how near each character is to the words; own: (vocabulary,) bool, the words' characters."""

    near: NDArray[np.float32]
    own: NDArray[np.bool_]

    @classmethod
    def of(cls, texts: Sequence[str], vocabulary: Vocabulary) -> Theme | None:
        """Of texts in standard Traditional; None where the vocabulary knows nothing of them."""
        ids = vocabulary.encode("".join(texts)).astype(np.int64)
        ids = ids[ids >= SPECIAL]
        if not len(ids):
            return None
        own = np.zeros(len(vocabulary), bool)
        own[ids] = True
        return cls(Company.shipped().near(ids), own)

    def favour(self, form: Form) -> NDArray[np.float32]:
        """(lines, vocabulary) nats."""
        nats = FAVOUR * np.clip((self.near - _NEAR) / (_NEAREST - _NEAR), 0, 1)
        return np.repeat(nats[None].astype(np.float32), form.lines, axis=0)

    def about(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """How near poems are to the words, the words themselves left out: ids (poems, places) -> (poems,), 1 at the most."""
        others = ~self.own[ids]
        about: NDArray[np.float32] = (self.near[ids] * others).sum(1) / np.maximum(others.sum(1), 1).astype(np.float32)
        return about

    def marks(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """(candidates,) what is added to the candidates' marks."""
        return WEIGHT * self.about(ids)
