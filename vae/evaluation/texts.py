"""What can be counted on poems as text, whoever wrote them: variety, novelty, repeats and form. One value a poem each.

All take poems as ids (poems, lines, columns); pairs and runs of four stay within lines.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vae.prosody.check import check

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]
RUN = 4
RULES = ("format", "rhyme", "tone")


def distinct(grids: Ids, length: int = 2) -> Floats:
    """distinct-n: of all runs of `length` characters, the share that are different ones.

    A run that occurs k times counts 1 / k each time, so that the mean over the poems is the share of the whole set; it
    falls with the number of poems, and compares sets of one size.
    """
    codes = _runs(grids, length)
    _, at, counts = np.unique(codes, return_inverse=True, return_counts=True)
    once: Floats = (1 / counts)[at.reshape(codes.shape)].mean(1)
    return once


def seen(grids: Ids, known: Ids) -> Floats:
    """The share of runs of four that stand in the training part; known: the sorted codes that `runs_of_four` gave."""
    codes = _runs(grids, RUN)
    at = np.minimum(np.searchsorted(known, codes), len(known) - 1)
    share: Floats = (known[at] == codes).mean(1)
    return share


def runs_of_four(poems: Sequence[Ids]) -> Ids:
    """The sorted codes of every run of four in arrays of poems, an array a shape."""
    return np.unique(np.concatenate([_runs(grids, RUN).ravel() for grids in poems]))


def repeats(grids: Ids) -> Floats:
    """The share of characters that stood earlier in their poem, but for a character doubled on the spot (重重)."""
    flat = grids.reshape(len(grids), -1).astype(np.int64)
    order = np.argsort(flat, axis=1, kind="stable")
    ranked = np.take_along_axis(flat, order, 1)
    again = (ranked[:, 1:] == ranked[:, :-1]) & (np.diff(order, axis=1) > 1)
    share: Floats = again.sum(1) / flat.shape[1]
    return share


def copied(poems: Sequence[Sequence[str]], lines: frozenset[str]) -> Floats:
    """The share of a poem's lines that stand in the corpus' training part, word for word."""
    return np.array([np.mean([line in lines for line in poem]) for poem in poems])


def form(poems: Sequence[Sequence[str]]) -> dict[str, Floats]:
    """By rule, 1 where a poem keeps it by 平水韻, any reading of a character counting, else 0."""
    reports = [check(poem) for poem in poems]
    kept = np.array([[report.format_ok, report.rhyme_ok, report.tone_ok] for report in reports], np.float64)
    return dict(zip(RULES, kept.T, strict=True))


def _runs(grids: Ids, length: int) -> Ids:
    """(poems, runs) a number for each run of characters within a line."""
    base = 1 << 15  # four ids below this fit in 60 bits
    wide = grids.astype(np.int64)
    columns = grids.shape[2] - length + 1
    codes = np.zeros((*grids.shape[:2], columns), np.int64)
    for i in range(length):
        codes = codes * base + wide[:, :, i : i + columns]
    return codes.reshape(len(grids), -1)
