"""A Kneser-Ney trigram of characters: what counting alone knows of verse, and the yardstick of every net.

Interpolated, with three discounts an order (Chen & Goodman 1999, "An empirical study of smoothing techniques"). A line's
first character is read after the line break and the character before that; poems begin with two breaks. The breaks
themselves are told, not guessed, as form is to the nets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BREAK = 0
"""The id of what begins a line; no character has it."""

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Order:
    """Discounted counts of one order. A key is a context times the vocabulary, plus the character.

    share: by key, (count - discount) / total of the context; left: by context, the mass that the discounts left over.
    """

    keys: Ids
    share: Floats
    contexts: Ids
    left: Floats

    @classmethod
    def count(cls, keys: Ids, counts: Ids, size: int) -> _Order:
        """From each distinct key once, in order, and how often it counts."""
        discounts = _discounts(counts)[np.minimum(counts, 3)]
        contexts, first = np.unique(keys // size, return_index=True)
        totals = np.add.reduceat(counts, first)
        lengths = np.diff(np.append(first, len(keys)))
        share = (counts - discounts) / np.repeat(totals, lengths)
        return cls(keys, share, contexts, np.add.reduceat(discounts, first) / totals)

    def shares(self, keys: Ids) -> Floats:
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, self.share[at], 0.0)

    def lefts(self, contexts: Ids) -> Floats:
        """What a lower order has to share out; all of it after a context never met."""
        at = np.minimum(np.searchsorted(self.contexts, contexts), len(self.contexts) - 1)
        return np.where(self.contexts[at] == contexts, self.left[at], 1.0)

    def add_row(self, row: Floats, context: int, size: int) -> None:
        """Adds the shares after one context to a row over the vocabulary."""
        start, end = np.searchsorted(self.keys, (context * size, (context + 1) * size))
        row[self.keys[start:end] - context * size] += self.share[start:end]


@dataclass(frozen=True)
class Trigram:
    """p(character | the two before it). size: the vocabulary's; unigram: (size,), which leaves no character at zero."""

    size: int
    unigram: Floats
    pairs: _Order
    triples: _Order

    @classmethod
    def count(cls, poems: Iterable[NDArray[np.int64]], size: int) -> Trigram:
        """From arrays of poems (poems, lines, columns) of ids, an array a shape."""
        keys = np.concatenate([_keys(grids.astype(np.int64), size) for grids in poems])
        triples, counts = np.unique(keys, return_counts=True)
        # Below the highest order a character counts once for each context it follows: what follows much is likely anew.
        pairs, after = np.unique(triples % (size * size), return_counts=True)
        singles = np.bincount(pairs % size, minlength=size).astype(np.float64)
        discount = min(0.75, singles[singles > 0].min())
        kept = np.maximum(singles - discount, 0) / singles.sum()
        unigram = kept + (1 - kept.sum()) / size
        return cls(size, unigram, _Order.count(pairs, after, size), _Order.count(triples, counts, size))

    def log_probabilities(self, grids: NDArray[np.int64]) -> Floats:
        """Natural logarithms of p of every character in poems (poems, lines, columns): the same shape."""
        keys = _keys(grids.astype(np.int64), self.size).reshape(grids.shape)
        lower = keys % (self.size * self.size)
        single = self.unigram[keys % self.size]
        pair = self.pairs.shares(lower) + self.pairs.lefts(lower // self.size) * single
        triple = self.triples.shares(keys) + self.triples.lefts(keys // self.size) * pair
        logs: Floats = np.log(triple)
        return logs

    def row(self, earlier: int, previous: int) -> Floats:
        """(size,) p of every character after two; BREAK stands for a line's beginning."""
        context = earlier * self.size + previous
        row = self.unigram * self.pairs.lefts(np.array(previous))
        self.pairs.add_row(row, previous, self.size)
        row *= self.triples.lefts(np.array(context))
        self.triples.add_row(row, context, self.size)
        return row


def _keys(grids: Ids, size: int) -> Ids:
    """A number for each character and the two before it, in reading order."""
    poems, lines, columns = grids.shape
    framed = np.full((poems, lines, columns + 1), BREAK, np.int64)
    framed[:, :, 1:] = grids
    run = np.pad(framed.reshape(poems, -1), ((0, 0), (1, 0)), constant_values=BREAK)
    keys = (run[:, :-2] * size + run[:, 1:-1]) * size + run[:, 2:]
    # A window that ends in a break guesses nothing.
    return np.pad(keys, ((0, 0), (0, 1))).reshape(poems, lines, columns + 1)[:, :, :-1].ravel()


def _discounts(counts: Ids) -> Floats:
    """What is taken off a count of 0, 1, 2, and 3 or more."""
    met = np.bincount(np.minimum(counts, 5), minlength=5).astype(np.float64)
    base = met[1] / max(met[1] + 2 * met[2], 1)
    taken = [i - (i + 1) * base * met[i + 1] / met[i] if met[i] else 0.5 for i in (1, 2, 3)]
    # Too few counts give discounts out of bounds; a count never loses more than itself, nor nothing.
    return np.array([0.0, *(min(max(value, 0.1), i) for i, value in enumerate(taken, 1))])
