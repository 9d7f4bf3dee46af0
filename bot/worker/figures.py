"""What the worker has done, in numbers: for the page of metrics and for the log."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
COUNTS = (1, 2, 4, 8, 16, 32, 64, 128)


class Histogram:
    """How often values were at most each of `bounds`, as Prometheus counts them; the last count is of all that is larger."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    @property
    def count(self) -> int:
        return sum(self.counts)

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    @property
    def mean(self) -> float:
        return self.total / self.count if self.count else 0.0


@dataclass(slots=True)
class Figures:
    """Since the start. Whoever writes holds the worker's lock; `lag` is the loop's own.

    wait: seconds from a wish's coming to its beginning; decode: seconds a batch; batch: wishes in one; candidates: for a
    wish that was begun; lag: seconds by which the event loop was late. drops: by the key of the error that was told.
    """

    came: int = 0
    granted: int = 0
    poems: int = 0
    falls: int = 0
    halvings: int = 0
    drops: Counter[str] = field(default_factory=Counter)
    wait: Histogram = field(default_factory=lambda: Histogram(SECONDS))
    decode: Histogram = field(default_factory=lambda: Histogram(SECONDS))
    batch: Histogram = field(default_factory=lambda: Histogram(COUNTS))
    candidates: Histogram = field(default_factory=lambda: Histogram(COUNTS))
    lag: Histogram = field(default_factory=lambda: Histogram(SECONDS))
