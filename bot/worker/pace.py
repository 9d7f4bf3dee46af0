"""How long the decoder takes, learnt from the batches it wrote; and what follows for candidates and for waiting."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from vae.poem import CANDIDATES, Form, WriteRequest

MEMORY = 0.95
"""What a batch still counts for when the next one has been seen."""
USUAL = WriteRequest().candidates


class Pace:
    """Seconds to write a batch: places x (step + row x rows), least squares over the batches so far, older ones fading.

    Of batches that were all of one size nothing can be told of another; there the shape of a processor's cost holds:
    a step costs as much as `STEP_ROWS` rows.
    """

    STEP_ROWS = 16.0

    def __init__(self, row: float = 0.4e-3) -> None:
        self.step, self.row = row * self.STEP_ROWS, row
        self._sums = (0.0, 0.0, 0.0, 0.0, 0.0)  # weight, rows, seconds a place, rows squared, rows x seconds a place

    def seconds(self, form: Form, rows: int) -> float:
        """What a batch of so many candidates is expected to take."""
        return form.size * (self.step + self.row * rows)

    def observe(self, form: Form, rows: int, seconds: float) -> None:
        x, y = float(rows), seconds / form.size
        weight, xs, ys, xx, xy = (MEMORY * sum_ for sum_ in self._sums)
        weight, xs, ys, xx, xy = weight + 1, xs + x, ys + y, xx + x * x, xy + x * y
        self._sums = weight, xs, ys, xx, xy
        usual = ys / (weight * self.STEP_ROWS + xs)  # seconds a row, were the shape as usual
        for x, prior in ((1.0, 0.5), (128.0, 0.5)):
            y = usual * (self.STEP_ROWS + x)
            weight, xs, ys, xx, xy = (
                weight + prior,
                xs + prior * x,
                ys + prior * y,
                xx + prior * x * x,
                xy + prior * x * y,
            )
        row = (xy - xs * ys / weight) / (xx - xs * xs / weight)
        self.row = max(row, 0.0)
        self.step = max((ys - self.row * xs) / weight, 0.0)


@dataclass(frozen=True, slots=True)
class Policy:
    """How many candidates a wish gets while others wait.

    most: for a wish that asks for no number and that nobody waits behind, as far as they can be written within `goal`
    and before another is likely to come; `USUAL` otherwise. goal: seconds within which all that waits shall be written. The
    number falls from 16 to 1 as the queue fills from `easy` to `tight`, whatever the pace, so that it is 1 before anyone is
    refused.
    """

    most: int = CANDIDATES[1]
    goal: float = 1.25
    easy: float = 0.25
    tight: float = 0.75

    def candidates(
        self,
        waiting: Mapping[Form, int],
        wishes: int,
        fill: float,
        rows: int,
        pace: Pace,
        hands: int = 1,
        gap: float = math.inf,
    ) -> int:
        """waiting: poems of each form; wishes: how many people's wishes these are; fill: share of the queue in use;
        hands: batches that are written side by side; gap: seconds from one wish to the next."""

        def takes(candidates: int) -> float:
            return sum(
                -(-poems * candidates // rows) * pace.seconds(form, 0) + poems * candidates * form.size * pace.row
                for form, poems in waiting.items()
            )

        goal = self.goal * hands
        if wishes <= 1:  # nobody is kept waiting
            least, most, goal = min(USUAL, self.most), self.most, min(goal, gap)
        else:
            pressed = (self.tight - fill) / (self.tight - self.easy)
            least, most = 1, max(1, int(USUAL ** min(1.0, max(0.0, pressed))))
        fitting = (count for count in range(most, least, -1) if takes(count) <= goal)
        return next(fitting, least)


class Arrivals:
    """How thick wishes come, and how long an idle decoder waits for company for the first one.

    gap: seconds from one wish to the next, of late; 1 at most.
    """

    WINDOW = (0.005, 0.020)
    """Seconds."""

    def __init__(self) -> None:
        self._last: float | None = None
        self.gap = 1.0

    def came(self, now: float) -> None:
        if self._last is not None:
            self.gap += 0.2 * (min(1.0, now - self._last) - self.gap)
        self._last = now

    @property
    def window(self) -> float:
        """Twice the usual gap between wishes; where none is to be hoped for within the longest window, the shortest."""
        shortest, longest = self.WINDOW
        return min(longest, max(shortest, 2 * self.gap)) if self.gap < longest else shortest
