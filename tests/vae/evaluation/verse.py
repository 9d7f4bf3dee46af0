"""Made-up verse whose statistics are known: each character strongly suggests the next, and the next line's topic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae.vocabulary import SPECIAL

SIZE = 62
TOPICS, KINDS = 6, 10


def poems(count: int, seed: int, lines: int = 4, columns: int = 5) -> NDArray[np.int64]:
    """(count, lines, columns): a poem keeps to a topic of ten characters, nine places of ten."""
    rng = np.random.default_rng(seed)
    topic = rng.integers(TOPICS, size=(count, 1, 1))
    stray = rng.random((count, lines, columns)) < 0.1
    topics = np.where(stray, rng.integers(TOPICS, size=stray.shape), topic)
    # Of ten characters the first come oftener.
    kinds = np.minimum(rng.geometric(0.3, size=stray.shape) - 1, KINDS - 1)
    return (SPECIAL + topics * KINDS + kinds).astype(np.int64)
