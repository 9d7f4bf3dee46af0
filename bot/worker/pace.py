"""How long the decoder takes, learnt from the batches it wrote; and what follows for candidates and for waiting."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from bot.worker.wish import Wish
from vae.poem import CANDIDATES, WriteRequest

MEMORY = 0.95
"""What a batch still counts for when the next one has been seen."""
USUAL = WriteRequest().candidates
REVISION = 13
"""Candidates of a poem that take about as long as one of its lines written anew: 8 (七律, 五律) to 13 (七絕) on one thread, 7 to 12 on two,
measured."""
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Work:
    """What a batch is: so many steps, one for each place of its longest form, and so many characters in all candidates, to which
    each line that is written anew adds as many as `REVISION` candidates have."""

    places: int
    characters: int

    @classmethod
    def of(cls, wishes: Collection[Wish], candidates: int) -> Work:
        rows = ((candidates * wish.poems + REVISION * wish.revisions(candidates), wish.places) for wish in wishes)
        characters = sum(count * places for count, places in rows)
        return cls(max((wish.places for wish in wishes), default=0), characters)


class Pace:
    """Seconds to write a batch: step x places + character x characters, least squares over the batches so far, older ones fading.

    Of batches that had all as many rows to a place nothing can be told of others; there the shape of a processor's cost
    holds: a step costs as much as `STEP_ROWS` characters.
    """

    STEP_ROWS = 16.0

    def __init__(self, character: float = 0.4e-3) -> None:
        self.step, self.character = character * self.STEP_ROWS, character
        self._sums = (0.0, 0.0, 0.0, 0.0, 0.0)  # weight, rows, seconds a place, rows squared, rows x seconds a place

    def seconds(self, work: Work) -> float:
        """What a batch is expected to take."""
        return self.step * work.places + self.character * work.characters

    def observe(self, work: Work, seconds: float) -> None:
        x, y = work.characters / work.places, seconds / work.places
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
        slope = (xy - xs * ys / weight) / (xx - xs * xs / weight)
        self.character = max(slope, 0.0)
        self.step = max((ys - self.character * xs) / weight, 0.0)


@dataclass(frozen=True, slots=True)
class Policy:
    """How many candidates a wish gets while others wait.

    most: for a wish that asks for no number and that nobody waits behind, as far as they can be written within `goal`
    and before another is likely to come; `USUAL` otherwise. goal: seconds within which all that waits shall be written. The
    number falls from 16 to 1 as the queue fills from `easy` to `tight`, whatever the pace, so that it is 1 before anyone is
    refused. busy: the share of the decoder's time that candidates may fill at the rate at which wishes come: who spends more
    on those who wait now finds so many waiting afterwards that they get less than their share. kept: candidates that nobody
    goes without, however long it takes, until the queue is `easy` full.
    """

    most: int = CANDIDATES[1]
    goal: float = 1.25
    busy: float = 0.45
    kept: int = 4
    easy: float = 0.25
    tight: float = 0.75

    def candidates(
        self,
        waiting: Collection[Wish],
        fill: float,
        rows: int,
        pace: Pace,
        hands: int = 1,
        arrivals: Arrivals | None = None,
    ) -> int:
        """fill: share of the queue in use; rows: the bound of a batch; hands: batches that are written side by side."""
        arrivals = arrivals or Arrivals()
        one, poems = Work.of(waiting, 1), sum(wish.poems for wish in waiting)

        def takes(candidates: int) -> float:
            batches = -(-poems * candidates // rows)
            return pace.seconds(Work(batches * one.places, Work.of(waiting, candidates).characters))

        goal = self.goal * hands
        if len(waiting) <= 1:  # nobody is kept waiting
            least, most, goal = min(USUAL, self.most), self.most, min(goal, arrivals.gap)
        else:
            ease = min(1.0, max(0.0, (self.tight - fill) / (self.tight - self.easy)))
            characters = Work.of(waiting, 2).characters - one.characters
            each = pace.character * characters / len(waiting)  # seconds for a candidate of a wish, beside the steps
            bearable = self.busy * hands * arrivals.usual / max(each, TINY)
            least = math.ceil(self.kept**ease)
            most = max(least, int(min(USUAL**ease, bearable)))
        fitting = (count for count in range(most, least, -1) if takes(count) <= goal)
        return next(fitting, least)


class Arrivals:
    """How thick wishes come, and how long an idle decoder waits for company for the first one.

    gap: seconds from one wish to the next, of late; 1 at most.
    """

    WINDOW = (0.005, 0.020)
    """Seconds."""
    LATELY, GRACE = 128, 1.0
    """Wishes; seconds."""

    def __init__(self) -> None:
        self._last: float | None = None
        self.gap = 1.0
        self._times: deque[float] = deque(maxlen=self.LATELY)

    def came(self, now: float) -> None:
        if self._last is not None:
            self.gap += 0.2 * (min(1.0, now - self._last) - self.gap)
        self._last = now
        self._times.append(now)

    @property
    def usual(self) -> float:
        """Seconds from one wish to the next, over the last ones together, as if `GRACE` had passed before the first: some
        that come at once are no rate yet; infinity before the first."""
        return (self._times[-1] - self._times[0] + self.GRACE) / len(self._times) if self._times else math.inf

    @property
    def window(self) -> float:
        """Twice the usual gap between wishes; where none is to be hoped for within the longest window, the shortest."""
        shortest, longest = self.WINDOW
        return min(longest, max(shortest, 2 * self.gap)) if self.gap < longest else shortest
