"""Which characters keep company: how often they stand in one poem, beyond what chance would bring together.

Firth's "you shall know a word by the company it keeps" as Church & Hanks (1990) count it and Bullinaria & Levy (2012,
doi:10.3758/s13428-011-0183-8) flatten it: positive pointwise mutual information of characters in one quatrain or half a
regulated poem, and of that matrix the directions that say most, in which each character is a vector of length 1. So 邊塞
lies near 戍 烽 胡 笳, which no poem about it need hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from vae.corpus import Packed
from vae.keeping import written
from vae.vocabulary import SPECIAL

SHIPPED = Path(__file__).parent / "data" / "company.npz"
DEPTH = 64
LINES = 4
"""Of a poem that are counted together."""
DOUBT = 5.0
"""Meetings added to those found and to those that chance would bring: what was met seldom says little."""
GRAIN = 127
"""Parts of 1 that the numbers are kept in."""
_ROWS = 4096


@dataclass(frozen=True, eq=False)
class Company:
    """vectors: (vocabulary, DEPTH) of length 1, of nothing for special ids."""

    vectors: NDArray[np.float32]

    @staticmethod
    @cache
    def digest() -> str:
        """Of the table that ships."""
        return hashlib.sha256(SHIPPED.read_bytes()).hexdigest()[:12]

    @classmethod
    @cache
    def shipped(cls) -> Company:
        return cls.load(SHIPPED)

    @classmethod
    def load(cls, path: Path) -> Company:
        """What `save` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(_of_length_1(arrays["vectors"].astype(np.float32)))

    @classmethod
    def count(cls, packed: Packed, vocabulary: int) -> Company:
        """From poems, as many characters as a vocabulary has: a minute or two. The same but for rounding on every machine."""
        met, seen, poems = torch.zeros(vocabulary, vocabulary), torch.zeros(vocabulary), 0
        for ids in _together(packed):
            there = torch.zeros(len(ids), vocabulary).scatter_(1, torch.from_numpy(ids.astype(np.int64)), 1.0)
            there[:, :SPECIAL] = 0
            met += there.T @ there
            seen += there.sum(0)
            poems += len(ids)
        more = ((met + DOUBT) / (seen[:, None] * seen / max(poems, 1) + DOUBT)).log().clamp_(min=0)
        more.fill_diagonal_(0)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            directions, strengths, _ = torch.svd_lowrank(more, q=min(DEPTH, vocabulary), niter=4)
        directions[~more.any(1)] = 0  # what has no company at all lies nowhere, not wherever rounding puts it
        return cls(_of_length_1((directions * strengths.sqrt()).numpy()))

    def save(self, path: Path) -> None:
        """Raises Unwritten."""
        with written(path) as aside:
            np.savez_compressed(aside, allow_pickle=False, vectors=(self.vectors * GRAIN).round().astype(np.int8))

    def near(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """How near every character is to all of some together: (vocabulary,) cosines."""
        middle = self.vectors[ids].sum(0)
        cosines: NDArray[np.float32] = self.vectors @ (middle / max(float(np.linalg.norm(middle)), 1e-6))
        return cosines


def _together(packed: Packed) -> Iterable[NDArray[np.uint16]]:
    """(poems, places) of ids, some thousand poems or halves of poems at a time."""
    for form, poems in packed.poems.items():
        parts = poems.reshape(-1, min(form.lines, LINES) * form.columns)
        for start in range(0, len(parts), _ROWS):
            yield parts[start : start + _ROWS]


def _of_length_1(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = functional.normalize(torch.from_numpy(vectors), dim=1).numpy()
    return found
