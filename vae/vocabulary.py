"""Characters <-> ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources

import numpy as np
from numpy.typing import NDArray

FILE = "vocabulary.txt"
SPECIAL = 2


@dataclass(frozen=True)
class Vocabulary:
    """The characters a net can read and write, commonest first.

    Ids: 0 begins a sequence and stands for a hidden character; 1 stands for a character outside the vocabulary;
    the character `characters[i]` has id `i + SPECIAL`.
    """

    characters: str
    hidden: int = field(default=0, init=False)
    unknown: int = field(default=1, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ids", {char: i + SPECIAL for i, char in enumerate(self.characters)})

    def __len__(self) -> int:
        return len(self.characters) + SPECIAL

    def __contains__(self, char: str) -> bool:
        return char in self._ids

    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def encode(self, text: str) -> NDArray[np.uint16]:
        """(characters,) ids of normalised text."""
        return np.array([self._ids.get(char, self.unknown) for char in text], dtype=np.uint16)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids; the two special ones become □."""
        return "".join("□" if i < SPECIAL else self.characters[i - SPECIAL] for i in ids)

    @classmethod
    def shipped(cls) -> Vocabulary:
        text = resources.files("vae").joinpath("data", FILE).read_text(encoding="utf-8")
        return cls("".join(text.split()))

    @classmethod
    def count(cls, texts: Iterable[str], least: int = 20) -> Vocabulary:
        """The characters that occur at least `least` times in normalised texts, commonest first."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(text)
        kept = sorted((char for char, n in counts.items() if n >= least), key=lambda char: (-counts[char], char))
        return cls("".join(kept))

    def dump(self) -> str:
        """The text of a vocabulary file."""
        return "".join(self.characters[i : i + 60] + "\n" for i in range(0, len(self.characters), 60))
