"""Does a line belong with the line before it? Judged by what the training part's poets put side by side.

The association of two characters is their pointwise mutual information as neighbours across a line break, in poems of the
training part: how much oftener one stands in the line after the other than chance has it. It is smoothed by keeping the
strongest directions of the matrix alone (after Levy & Goldberg 2014, "Neural word embedding as implicit matrix
factorization"), so that 雁 and 書 know each other through 鴻. Two lines' association is the mean over their characters, the
last of each left out: rhyme is form, not sense.

Coherence is how often a line's association with its own poem's line before it beats that of the same line of another poem
of the same set (the area under the ROC curve). One half is no thread at all, which a set whose lines are shuffled among its
poems has; what a bland set gains by being bland everywhere, its own controls gain too.

`following` is the same by a net that has read whole poems (`vae.nets.coherence`) and weighs a line against all lines before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from vae.nets.coherence import Coherence
from vae.poem import Form
from vae.vocabulary import SPECIAL

COMMON = 4096
"""The characters, commonest first, that are told apart; ids beyond are passed over."""
RANK = 100
PRIOR = 5.0
"""What is added to the count of a pair and to what chance expects of it, lest rare pairs shout."""

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Association:
    """first, then: (common, RANK) vectors of a character in a line and in the line after; their product is the PMI."""

    first: NDArray[np.float32]
    then: NDArray[np.float32]

    @classmethod
    def count(cls, poems: Sequence[Ids], common: int = COMMON) -> Association:
        """From arrays of poems (poems, lines, columns), an array a shape."""
        counts = np.zeros(common * common, np.int32)
        for grids in poems:
            before, after = grids[:, :-1, :-1], grids[:, 1:, :-1]
            for i in range(before.shape[2]):
                for j in range(after.shape[2]):
                    a, b = before[:, :, i].ravel().astype(np.int64), after[:, :, j].ravel().astype(np.int64)
                    kept = (a < common) & (b < common)
                    np.add.at(counts, a[kept] * common + b[kept], 1)
        return cls(*_factors(counts.reshape(common, common)))

    def of(self, before: Ids, after: Ids) -> Floats:
        """(pairs,) the mean association of the characters of lines (pairs, columns) with those of the lines after."""
        told: Floats = (_mean(self.first, before) * _mean(self.then, after)).sum(1).astype(np.float64)
        return told

    def coherence(self, grids: Ids) -> Floats:
        """(poems,) for each poem (lines, columns), how often its lines beat those of other poems; see the module."""
        poems, lines, _ = grids.shape
        wins = np.zeros((poems, lines - 1))
        for line in range(lines - 1):
            first, then = _mean(self.first, grids[:, line]), _mean(self.then, grids[:, line + 1])
            wins[:, line] = _wins(first @ then.T)
        told: Floats = wins.mean(1)
        return told


@torch.inference_mode()
def following(net: Coherence, form: Form, grids: Ids) -> Floats:
    """(poems,) how often the lines of a poem (lines, columns) beat those of the others after all lines before them."""
    expected, lines = net.directions(form, torch.from_numpy(grids.reshape(len(grids), -1)))
    scores = torch.einsum("plw,olw->lpo", expected, lines).numpy()
    told: Floats = np.stack([_wins(of_line) for of_line in scores], axis=1).mean(1)
    return told


def _wins(scores: NDArray[np.float32]) -> Floats:
    """(poems,) how often the own line, on the diagonal of (poems, poems), beats those of the others; ties count half."""
    own = np.diagonal(scores)[:, None]
    wins: Floats = ((scores < own).sum(1) + ((scores == own).sum(1) - 1) / 2) / max(len(scores) - 1, 1)
    return wins


def shuffled(grids: Ids, seed: int = 0) -> Ids:
    """The same lines, each at its place, dealt out anew among the poems."""
    rng = np.random.default_rng(seed)
    return np.stack([grids[rng.permutation(len(grids)), line] for line in range(grids.shape[1])], axis=1)


def _mean(vectors: NDArray[np.float32], lines: Ids) -> NDArray[np.float32]:
    """(rows, RANK) the mean vector of each line (rows, columns), its last character left out."""
    inner = lines[:, :-1]
    kept = (inner < len(vectors)) & (inner >= SPECIAL)
    picked = vectors[np.where(kept, inner, 0)] * kept[..., None]
    told: NDArray[np.float32] = picked.sum(1) / np.maximum(kept.sum(1), 1)[:, None]
    return told


def _factors(counts: NDArray[np.int32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The PMI of a matrix of counts, as a product of two of rank RANK."""
    table = torch.from_numpy(counts).float()
    table[:SPECIAL] = 0
    table[:, :SPECIAL] = 0
    expected = table.sum(1, keepdim=True) * table.sum(0, keepdim=True) / table.sum().clamp(min=1)
    pmi = ((table + PRIOR) / (expected + PRIOR)).log()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        u, s, v = torch.svd_lowrank(pmi, q=min(RANK, len(pmi)), niter=4)
    root = s.sqrt()
    return (u * root).numpy(), (v * root).numpy()
