"""How sure a figure is: 95 % intervals by the bootstrap over poems (Efron 1979, percentiles)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

RESAMPLES = 1000
LEVEL = 95.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value, and the ends of the interval that 95 of 100 such measurements would hold the truth in."""

    value: float
    low: float
    high: float

    @property
    def spread(self) -> float:
        """Half the interval's width."""
        return (self.high - self.low) / 2


def mean(values: ArrayLike, seed: int = 0) -> Figure:
    """Of one value a poem."""
    numbers = np.asarray(values, np.float64)
    return statistic(len(numbers), lambda picked: float(numbers[picked].mean()), seed=seed)


def statistic(
    poems: int, of: Callable[[NDArray[np.int64]], float], *, resamples: int = RESAMPLES, seed: int = 0
) -> Figure:
    """Of anything that can be reckoned from some of the poems: `of` takes their indices, with repeats."""
    rng = np.random.default_rng(seed)
    drawn = np.array([of(rng.integers(0, poems, poems)) for _ in range(resamples)])
    low, high = np.percentile(drawn, ((100 - LEVEL) / 2, (100 + LEVEL) / 2))
    return Figure(of(np.arange(poems)), float(low), float(high))
