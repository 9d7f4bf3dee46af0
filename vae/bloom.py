"""A set of all lines of the corpus, small enough to ship: it never misses one, and seldom takes a new line for one.

Bloom filter (Bloom 1970), its positions from two halves of one digest (Kirsch & Mitzenmacher 2006, doi:10.1007/11841036_42).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib import resources

import numpy as np
from numpy.typing import NDArray

FILE = "lines.bloom"
BITS_A_LINE, HASHES = 19, 13
"""One new line in some nine thousand is taken for an old one: (1 - e^(-13/19))^13."""
LENGTHS = (5, 7)


@dataclass(frozen=True, eq=False)
class Bloom:
    """octets: (bytes,) the filter's bits, the first of them the highest of the first byte."""

    octets: NDArray[np.uint8]

    def __contains__(self, text: str) -> bool:
        size = len(self.octets) * 8
        digest = _digest(text)
        start, step = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")
        for _ in range(HASHES):
            place = start % size
            if not self.octets[place >> 3] >> (7 - (place & 7)) & 1:
                return False
            start = start + step & 0xFFFFFFFFFFFFFFFF
        return True

    @classmethod
    def of(cls, texts: Collection[str]) -> Bloom:
        size = -(-max(1, len(texts)) * BITS_A_LINE // 8) * 8
        digests = np.frombuffer(b"".join(map(_digest, texts)), "<u8").reshape(-1, 2)
        bits = np.zeros(size, bool)
        places, steps = digests[:, 0].copy(), digests[:, 1]
        for _ in range(HASHES):
            bits[places % np.uint64(size)] = True
            places += steps  # wraps at 2^64, as above
        return cls(np.packbits(bits))

    @classmethod
    def of_lines(cls, lines: Iterable[str]) -> Bloom:
        """From normalised lines; those of other lengths than 5 and 7 are passed over."""
        return cls.of({line for line in lines if len(line) in LENGTHS})

    @classmethod
    @cache
    def shipped(cls) -> Bloom:
        """The lines of the corpus."""
        return cls(np.frombuffer(resources.files("vae").joinpath("data", FILE).read_bytes(), np.uint8))

    def dump(self) -> bytes:
        """The bytes of a filter's file."""
        return self.octets.tobytes()


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
