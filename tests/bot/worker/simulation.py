"""The worker's rounds on a virtual clock: wishes come while batches are written, and nothing sleeps."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

from bot.errors import BotError
from bot.worker.figures import Figures
from bot.worker.pace import REVISION
from bot.worker.queue import Queue
from bot.worker.rounds import Rounds
from bot.worker.wish import Outcome, Request, Wish
from tests.bot.worker.clerk import Clerk, Note
from vae.poem import WriteRequest


@dataclass(eq=False)
class Told:
    """One wish and all that became of it: more than one outcome would be a fault."""

    person: int | None
    came: float
    alone: bool  # whether the person had nothing else in flight
    wish: Wish | None = None
    refusal: BotError | None = None
    begun: float | None = None
    candidates: int = 0
    outcomes: list[Outcome | str] = field(default_factory=list)
    done: float | None = None

    @property
    def wait(self) -> float:
        assert self.done is not None
        return self.done - self.came


@dataclass(frozen=True)
class Wrote:
    """One call of the poet."""

    began: float
    ended: float
    notes: tuple[Note, ...]


class Simulation:
    """A queue, its rounds, and a poet that takes step x places + row x characters seconds for a batch, and for each line that it
    writes anew as long as for some candidates."""

    STEP, ROW = 2e-3, 0.15e-3

    def __init__(self, queue: Queue, *, step: float = STEP, row: float = ROW, patience: float = 30.0) -> None:
        self.now = 0.0
        self.told: list[Told] = []
        self.wrote: list[Wrote] = []
        self.queue, self.patience, self.figures = queue, patience, Figures()
        self._step, self._row = step, row
        self._ties, self._events = itertools.count(), list[tuple[float, int, Callable[[], None]]]()
        self.clerk = Clerk()
        self.clerk.go_on.set()
        self.clerk.on_grant = self._take_time
        self.rounds = Rounds(queue, self.clerk, self.figures, nullcontext(), lambda: self.now)

    def at(self, when: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._ties), do))

    def wish(self, when: float, person: int | None, request: Request | None = None) -> Told:
        """A wish that will come at its time."""
        told = Told(person, when, False)
        self.at(when, lambda: self._put(told, request or WriteRequest()))
        return told

    def give_up(self, when: float, told: Told) -> None:
        """What a ticket does when its person takes the wish back."""

        def leave() -> None:
            if told.wish is not None and self.queue.withdraw(told.wish):
                told.outcomes.append("given up")

        self.at(when, leave)

    def run(self) -> None:
        """Until nothing is to come and nothing waits; a poet that falls rises at once."""
        while True:
            try:
                if not self.rounds.once():
                    if not self._events:
                        return
                    self._pass(self._events[0][0])
            except (SystemExit, RuntimeError) as error:
                for wish in self.queue.drop_waiting() + self.queue.drop_begun():
                    wish.settle(error)

    def _put(self, told: Told, request: Request) -> None:
        in_flight = [other for other in self.told if other.person == told.person and other.wish and not other.outcomes]
        told.alone = told.person is not None and not in_flight
        self.told.append(told)

        def settle(outcome: Outcome) -> None:
            told.outcomes.append(outcome)
            told.done = self.now

        wish = Wish(request, told.person, self.now, self.now + self.patience, self.patience, settle)
        try:
            self.queue.put(wish, self.now)
            told.wish = wish
        except BotError as error:
            told.refusal = error

    def _take_time(self, notes: Sequence[Note]) -> None:
        began = self.now
        (batch,) = self.queue.batches
        for told in self.told:
            if told.wish in batch.wishes and told.begun is None:
                told.begun, told.candidates = batch.began, batch.candidates
        places = max(note.form.size for note in notes)
        rows = ((note.rows + REVISION * note.revisions, note.form.size) for note in notes)
        self._pass(began + self._step * places + self._row * sum(count * size for count, size in rows))
        self.wrote.append(Wrote(began, self.now, tuple(notes)))

    def _pass(self, until: float) -> None:
        while self._events and self._events[0][0] <= until:
            when, _, do = heapq.heappop(self._events)
            self.now = max(self.now, when)
            do()
        self.now = max(self.now, until)


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
