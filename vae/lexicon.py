"""Which pairs of neighbouring characters poets use as words: 明月, 悠悠, and not 月悠.

Verse falls into feet (2|3 in lines of five, 2|2|3 in lines of seven), and words keep within them. The shipped table says
of each pair of characters whether poems of the corpus have it within a foot at least twice; `vae.derive` makes it.
"""

from __future__ import annotations

import lzma
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from importlib import resources

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from vae.script import to_simplified
from vae.vocabulary import SPECIAL, Vocabulary

FILE = "words.xz"
LEAST = 2
"""Uses within a foot that make a word of a pair."""


def within_foot(column: int, columns: int) -> bool:
    """Whether the character at a column (from 0) belongs to the foot of the one before it, in lines of 5 or 7."""
    return column > 0 and (column % 2 == 1 or column == columns - 1)


@dataclass(frozen=True, eq=False)
class Lexicon:
    """packed: (vocabulary, bytes) uint8, eight pairs a byte (see `words`).

    kin: (vocabulary,) a number that characters share which look alike in Simplified (閒 and 閑, both 闲): to a reader of
    it they are one character, and often enough one word.
    """

    packed: Tensor
    kin: Tensor

    @classmethod
    def of(cls, words: Tensor, kin: Tensor) -> Lexicon:
        """words: (vocabulary, vocabulary) bool, the first character by row, the second by column."""
        return cls(torch.from_numpy(np.packbits(words.numpy(), axis=1)), kin)

    @classmethod
    def shipped(cls, vocabulary: Vocabulary) -> Lexicon:
        """The table for the shipped vocabulary."""
        packed = bytearray(lzma.decompress(resources.files("vae").joinpath("data", FILE).read_bytes()))
        return cls(torch.from_numpy(np.frombuffer(packed, np.uint8).reshape(len(vocabulary), -1)), _kin(vocabulary))

    @classmethod
    def count(cls, lines: Collection[str], vocabulary: Vocabulary) -> Lexicon:
        """From normalised lines; those of other lengths than 5 and 7 are passed over."""
        counts = np.zeros((len(vocabulary), len(vocabulary)), np.int32)
        for columns in (5, 7):
            rows = np.array([vocabulary.encode(line) for line in lines if len(line) == columns], np.int64)
            for column in range(1, columns):
                if len(rows) and within_foot(column, columns):
                    np.add.at(counts, (rows[:, column - 1], rows[:, column]), 1)
        counts[:SPECIAL] = counts[:, :SPECIAL] = 0
        return cls.of(torch.from_numpy(counts >= LEAST), _kin(vocabulary))

    def to(self, device: str) -> Lexicon:
        return Lexicon(self.packed.to(device), self.kin.to(device))

    def words(self, ids: Tensor) -> Tensor:
        """What follows each character as a word: (…, vocabulary) float32, 1 where it does and 0 elsewhere."""
        found = functional.embedding(self.packed[ids].int(), self._bits)  # (…, bytes, 8)
        return found.flatten(-2)[..., : len(self.kin)]

    @cached_property
    def _bits(self) -> Tensor:
        octets, places = torch.arange(256, device=self.kin.device), torch.arange(7, -1, -1, device=self.kin.device)
        return (octets[:, None] >> places & 1).float()  # (256, 8)

    @cached_property
    def doubled(self) -> Tensor:
        """(vocabulary,) bool: characters that make a word with themselves, 悠悠."""
        own = torch.arange(len(self.kin), device=self.kin.device)
        return (self.packed[own, own // 8] >> 7 - own % 8 & 1).bool()

    @cached_property
    def relatives(self) -> Tensor:
        """(vocabulary, most) the characters of the same kin as each, itself among them; short rows repeat their last."""
        order = self.kin.argsort(stable=True)
        _, group, sizes = torch.unique(self.kin, return_inverse=True, return_counts=True)
        first, size = (sizes.cumsum(0) - sizes)[group], sizes[group]
        ranks = torch.arange(int(sizes.max()), device=self.kin.device)
        return order[first[:, None] + torch.minimum(ranks, size[:, None] - 1)]

    def dump(self) -> bytes:
        """The bytes of a lexicon file."""
        return lzma.compress(self.packed.numpy().tobytes(), preset=9)


def _kin(vocabulary: Vocabulary) -> Tensor:
    # Line breaks keep OpenCC from reading neighbours as a phrase.
    shown = to_simplified("\n".join(vocabulary.characters)).split("\n")
    first = {char: i for i, char in reversed(list(enumerate(shown, SPECIAL)))}
    return torch.tensor([*range(SPECIAL), *(first[char] for char in shown)])
