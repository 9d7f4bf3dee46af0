"""Whose words a step of a blend uses: how near its characters are to each parent's, and what brings them nearer.

`lean` is (b - a) / (a + b), where a and b are the cosines between the poem's characters and each parent's, every character
weighed by how rare it is: -1 for a poem that has words of the first parent alone, 1 of the second, 0 of both alike or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae import glossary
from vae.poem import Form
from vae.vocabulary import SPECIAL, Vocabulary

FAVOUR = 1.5
"""Nats added to a parent's rare characters where its share of the poem is whole."""
LEAN_WEIGHT, HEARD_WEIGHT = 0.5, 0.6
"""Nats a character that a candidate's mark loses for leaning otherwise than its step, and gains for the parent heard less."""
_COOLED = 0.88
"""Share of the temperature that is taken off halfway."""
_SPREAD = 0.2
"""How much further along the path a poem's last line is than its middle, halfway between the parents."""


def halfway(t: float) -> float:
    """0 at either parent, 1 in the middle of the path."""
    return 4 * t * (1 - t)


def rarity(vocabulary: Vocabulary) -> NDArray[np.float32]:
    """(vocabulary,) the weight of each character: the logarithm of its rank, common ones and special ids near nothing."""
    ranks = np.arange(len(vocabulary)) - SPECIAL
    weights = np.log1p(np.maximum(ranks, 0) / 25)
    weights[:SPECIAL] = 0
    return weights.astype(np.float32)


@dataclass(frozen=True, eq=False)
class Parents:
    """The characters of two texts, weighed: (vocabulary,) each, of length 1 where there are any."""

    weights: NDArray[np.float32]
    a: NDArray[np.float32]
    b: NDArray[np.float32]

    @classmethod
    def of(cls, a: str, b: str, vocabulary: Vocabulary) -> Parents:
        """From texts in standard Traditional."""
        weights = rarity(vocabulary)
        sides = []
        for text in (a, b):
            side = np.zeros_like(weights)
            side[vocabulary.encode(text)] = weights[vocabulary.encode(text)]
            sides.append(side / max(float(np.linalg.norm(side)), 1e-6))
        return cls(weights, *sides)

    def heard(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The cosine of each poem to each parent, 0 to 1: ids (poems, places) -> (poems,) twice."""
        norms = np.sqrt((self.weights[ids] ** 2).sum(1)) + 1e-6
        return (self.a * self.weights)[ids].sum(1) / norms, (self.b * self.weights)[ids].sum(1) / norms

    def lean(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """(poems,) from -1 to 1; see above."""
        a, b = self.heard(ids)
        lean: NDArray[np.float32] = (b - a) / np.maximum(a + b, 1e-6)
        return lean


@dataclass(frozen=True, eq=False)
class Leaning:
    """What a step at t of the path asks of its words."""

    parents: Parents
    form: Form
    t: float

    @property
    def heat(self) -> float:
        """Times the temperature: between two parents less is dared, since their words alone make it hard to be fluent."""
        return 1 - _COOLED * halfway(self.t)

    @property
    def favour(self) -> NDArray[np.float32]:
        """(lines, vocabulary) nats: the first lines keep nearer to the first parent, the last ones to the second."""
        lines = self.form.lines
        offsets = np.linspace(-_SPREAD, _SPREAD, lines) * halfway(self.t)
        shares = np.clip(self.t + offsets, 0, 1)[:, None]
        known = np.minimum(self.parents.weights / 4, 1)
        a, b = known * (self.parents.a > 0), known * (self.parents.b > 0)
        favour: NDArray[np.float32] = (FAVOUR * ((1 - shares) * a + shares * b)).astype(np.float32)
        return favour

    def marks(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """(candidates,) what is added to the candidates' marks."""
        a, b = self.parents.heard(ids)
        lean = (b - a) / np.maximum(a + b, 1e-6)
        both = np.minimum(a, b) * halfway(self.t)
        wanted: NDArray[np.float32] = HEARD_WEIGHT * both - LEAN_WEIGHT * np.abs(lean - (2 * self.t - 1))
        return wanted.astype(np.float32)

    def lean(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        return self.parents.lean(ids)


def _tail(foot: str) -> int:
    # 明月|光 is commoner than 長|江樓, which the glossary tells.
    return 2 if glossary.is_image(foot[1:]) else 3


def keywords(lines: Sequence[str], words: Sequence[str], vocabulary: Vocabulary) -> list[str]:
    """The telling words of a parent, the rarest first: its words, and the pairs of characters in its lines' feet."""
    weights = rarity(vocabulary)
    pairs = [line[i : i + 2] for line in lines for i in (*range(0, len(line) - 3, 2), len(line) - _tail(line[-3:]))]
    pairs += [word[i : i + 2] for word in words for i in range(0, len(word) - len(word) % 2 or 1, 2)]
    known = dict.fromkeys(pair for pair in pairs if pair and all(char in vocabulary for char in pair))
    # Very rare characters are hard to write beside, and no more telling to a reader than rare ones.
    return sorted(known, key=lambda pair: -sum(min(float(weights[i]), 3.0) for i in vocabulary.encode(pair)))
