"""The queue before the poet: who is next, with whom, with how many candidates. Plain and synchronous; time is an argument.

Everybody's first wish goes before anybody's second. A wish is a person's first while no earlier one of theirs is waiting
or being written; firsts are served in the order in which they became so. One may ride with another that is served before its
turn, but nobody's second time while somebody's first waits for its turn: between the coming of a person's only wish and
its beginning at most one wish of any other person is begun, however many that person has.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from itertools import groupby

from bot.errors import TooManyWishes, WorkerBusy
from bot.worker.pace import USUAL, Arrivals, Pace, Policy, Work
from bot.worker.wish import Wish
from vae.poem import CANDIDATES

ROWS = 128
"""Candidates in a batch; a single wish may need more."""
OWN = 2
"""Wishes a person may have in flight."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Wishes of one number of candidates each, to be written together."""

    candidates: int
    wishes: tuple[Wish, ...]
    began: float

    @property
    def work(self) -> Work:
        return Work.of(self.wishes, self.candidates)


@dataclass(slots=True)
class _Lane:
    """One person's wishes. turn: when its foremost wish became a first."""

    turn: int
    begun: int = 0
    waiting: deque[Wish] = field(default_factory=deque)


class Queue:
    """At most `limit` wishes wait. rows: the bound of a batch, which may be lowered and raised.

    batches: those being written, at most `hands` of them.
    """

    def __init__(
        self, limit: int, *, own: int = OWN, rows: int = ROWS, policy: Policy | None = None, pace: Pace | None = None
    ) -> None:
        self.limit, self.own, self.rows, self.most_rows = limit, own, rows, rows
        self.policy, self.pace, self.arrivals = policy or Policy(), pace or Pace(), Arrivals()
        self.batches: list[Batch] = []
        self._hands = 1
        self._lanes: dict[Hashable, _Lane] = {}
        self._begun: dict[Wish, None] = {}
        self._last_begun: dict[Hashable, int] = {}  # of each lane, as far as it lies after the turn of one that waits
        self._numbers = itertools.count(1)
        self._order: list[tuple[int, Wish]] | None = None  # (rank, wish) as they will be served
        self._ends: dict[Wish, float] | None = None
        self._waiting = 0

    @property
    def hands(self) -> int:
        """How many batches may be written side by side."""
        return self._hands

    @hands.setter
    def hands(self, hands: int) -> None:
        if hands != self._hands:
            self._hands, self._ends = hands, None

    def __len__(self) -> int:
        """Wishes that wait; those being written are not among them."""
        return self._waiting

    def put(self, wish: Wish, now: float) -> None:
        """Raises TooManyWishes where the person has `own` in flight, WorkerBusy where the queue is full."""
        lane = self._lanes.get(_lane_of(wish))
        if wish.person is not None and self.in_flight(wish.person) >= self.own:
            raise TooManyWishes(limit=self.own)
        if self._waiting >= self.limit:
            raise WorkerBusy(waiting=self._waiting, seconds=_whole(self.clearing_time(now)))
        wish.number = next(self._numbers)
        self.arrivals.came(now)
        if lane is None:
            lane = self._lanes[_lane_of(wish)] = _Lane(wish.number)
        lane.waiting.append(wish)
        self._changed(1)

    def in_flight(self, person: int) -> int:
        """How many wishes of a person's wait or are being written."""
        lane = self._lanes.get(person)
        return 0 if lane is None else lane.begun + len(lane.waiting)

    def withdraw(self, wish: Wish) -> bool:
        """Nobody waits for the wish any more; one that is being written is written to its end. False if it was so before."""
        waited_for, wish.left = not wish.left, True
        lane = self._lanes.get(_lane_of(wish))
        if lane is None or wish not in lane.waiting:
            return waited_for and wish in self._begun
        lane.waiting.remove(wish)
        self._changed(-1)
        self._sweep(wish)
        return True

    def expire(self, now: float) -> list[Wish]:
        """Takes out those whose deadline has passed."""
        late = [wish for _, wish in self._in_order() if wish.deadline <= now]
        for wish in late:
            self.withdraw(wish)
        return late

    def unread(self) -> list[Wish]:
        """Those that wait and are not read yet; `take` passes them over."""
        return [wish for _, wish in self._in_order() if wish.prepared is None]

    def candidates_now(self) -> int:
        """How many candidates a wish of one poem gets, as things stand."""
        waiting = [wish for _, wish in self._in_order()]
        fill = self._waiting / self.limit
        return self.policy.candidates(waiting, fill, self.rows, self.pace, self._hands, self.arrivals)

    def candidates_of(self, wish: Wish, now: int) -> int:
        """The number for one wish where `now` is the number for all: its own number is an upper bound."""
        asked = wish.request.candidates
        if wish.to_the_letter or not CANDIDATES[0] <= asked <= CANDIDATES[1]:
            return asked
        room = max(1, self.rows // wish.poems)
        return min(now, room) if asked == USUAL else min(asked, now, room)

    def take(self, now: float) -> Batch | None:
        """The next batch, begun: the wish that is next of those read, and those that may go with it.

        None where no wish is read, or no hand is free.
        """
        read = [entry for entry in self._in_order() if entry[1].prepared is not None]
        if not read or len(self.batches) >= self._hands:
            return None
        count = self.candidates_now()
        wishes = self._together(read, count)
        for wish in wishes:
            lane = self._lanes[_lane_of(wish)]
            lane.waiting.remove(wish)
            lane.begun += 1
            self._begun[wish] = None
            self._last_begun[_lane_of(wish)] = next(self._numbers)
        oldest = min((lane.turn for lane in self._lanes.values() if lane.waiting and not lane.begun), default=math.inf)
        self._last_begun = {lane: begun for lane, begun in self._last_begun.items() if begun > oldest}
        self._changed(-len(wishes))
        batch = Batch(self.candidates_of(wishes[0], count), tuple(wishes), now)
        self.batches.append(batch)
        return batch

    def answered(self, wish: Wish) -> None:
        """A begun wish has its outcome; its person's next is a first from now on."""
        del self._begun[wish]
        lane = self._lanes[_lane_of(wish)]
        lane.begun -= 1
        lane.turn = next(self._numbers)
        self._changed()
        self._sweep(wish)

    def finished(self, batch: Batch, now: float, *, clean: bool = True) -> None:
        """The batch is done; a clean one, in which nothing failed, tells of the pace."""
        if clean:
            self.pace.observe(batch.work, now - batch.began)
        self.batches.remove(batch)

    def drop_waiting(self) -> list[Wish]:
        dropped = [wish for _, wish in self._in_order()]
        for wish in dropped:
            self.withdraw(wish)
        return dropped

    def leave_begun(self) -> list[Wish]:
        """Those begun that somebody waits for; nobody does from now on, though they are written to their end."""
        waited_for = [wish for wish in self._begun if not wish.left]
        for wish in waited_for:
            wish.left = True
        return waited_for

    def drop_begun(self) -> list[Wish]:
        """Ends the batches unwritten; returns those of them that somebody waits for."""
        waited_for = self.leave_begun()
        for wish in list(self._begun):
            self.answered(wish)
        self.batches.clear()
        return waited_for

    def place(self, wish: Wish) -> int:
        """1 for the wish that is served next; 0 for one that waits no longer."""
        return next((place for place, (_, other) in enumerate(self._in_order(), 1) if other is wish), 0)

    def expected_wait(self, wish: Wish, now: float) -> float:
        """Seconds until a wish is written, by the pace of late."""
        for batch in self.batches:
            if wish in batch.wishes:
                return self._rest(batch, now)
        return self._until_free(now) + self._forecast().get(wish, 0.0)

    def clearing_time(self, now: float) -> float:
        """Seconds until all that waits now is written."""
        return self._until_free(now) + max(self._forecast().values(), default=0.0)

    def running_for(self, now: float) -> float:
        """Seconds that the oldest batch which is being written has taken so far; 0 where none is."""
        return max((now - batch.began for batch in self.batches), default=0.0)

    def enough(self) -> bool:
        """Whether what waits fills a batch."""
        count = self.candidates_now() if self._waiting else 0
        return sum(wish.poems for _, wish in self._in_order()) * count >= self.rows

    def _in_order(self) -> list[tuple[int, Wish]]:
        if self._order is None:
            ranked = [
                (lane.begun + i, lane.turn, wish.number, wish)
                for lane in self._lanes.values()
                for i, wish in enumerate(lane.waiting)
            ]
            self._order = [(rank, wish) for rank, _, _, wish in sorted(ranked, key=lambda entry: entry[:3])]
        return self._order

    def _together(self, read: list[tuple[int, Wish]], count: int) -> list[Wish]:
        """The first of those that are read and those that ride with it: of its number of candidates, and as many as there is room for,
        the most alike in length first, since a batch takes as many steps as its longest poem has places.

        Nobody's later wish goes while anybody's earlier one is passed over, nor makes a batch longer that others wait for.
        What waits is shared among the free hands.
        """
        first, head = read[0]
        candidates, lanes = self.candidates_of(head, count), {_lane_of(head)}
        poems = sum(wish.poems for _, wish in read)
        share = -(-candidates * poems // (self._hands - len(self.batches)))
        room = max(min(self.rows, share), candidates * head.poems)
        together, passed_over = list[Wish](), False
        for rank, entries in groupby(self._in_order(), key=lambda entry: entry[0]):
            if rank > first and passed_over:
                break
            abreast = [wish for _, wish in entries]
            riding = list[Wish]()
            for wish in sorted(abreast, key=lambda wish: abs(wish.places - head.places)):
                may = wish.prepared is not None and (rank == first or lanes == {_lane_of(wish)})
                if may and self.candidates_of(wish, count) == candidates and candidates * wish.poems <= room:
                    riding.append(wish)
                    room -= candidates * wish.poems
            if rank == 0:
                riding = self._in_turn(riding, abreast)
            lanes |= {_lane_of(wish) for wish in riding}
            passed_over |= len(riding) < len(abreast)
            together += riding
        return together

    def _in_turn(self, riding: list[Wish], abreast: list[Wish]) -> list[Wish]:
        """Those of the firsts that may ride: of nobody who had a wish begun since one of those passed over became a first. The room of
        the others is given up."""
        while True:
            passed_over = set(abreast).difference(riding)
            earliest = min((self._lanes[_lane_of(wish)].turn for wish in passed_over), default=math.inf)
            kept = [wish for wish in riding if self._last_begun.get(_lane_of(wish), 0) < earliest]
            if kept == riding:
                return kept
            riding = kept

    def _forecast(self) -> dict[Wish, float]:
        """How many seconds after a hand is free each wish is written, if nobody else comes."""
        if self._ends is None:
            count = self.candidates_now() if self._waiting else 0
            batches: list[list[Wish]] = []
            open_batch: dict[tuple[int, int], list[Wish]] = {}
            for rank, wish in self._in_order():
                candidates = self.candidates_of(wish, count)
                kind = (rank, candidates)
                batch = open_batch.get(kind)
                if batch is None or candidates * (wish.poems + sum(each.poems for each in batch)) > self.rows:
                    batch = open_batch[kind] = []
                    batches.append(batch)
                batch.append(wish)
            self._ends, free = {}, [0.0] * self._hands
            for batch in batches:
                end = free[0] + self.pace.seconds(Work.of(batch, self.candidates_of(batch[0], count)))
                heapq.heapreplace(free, end)
                self._ends.update(dict.fromkeys(batch, end))
        return self._ends

    def _until_free(self, now: float) -> float:
        """Seconds until a hand is free."""
        if len(self.batches) < self._hands:
            return 0.0
        return min(self._rest(batch, now) for batch in self.batches)

    def _rest(self, batch: Batch, now: float) -> float:
        return max(0.0, batch.began + self.pace.seconds(batch.work) - now)

    def _changed(self, by: int = 0) -> None:
        self._waiting += by
        self._order = self._ends = None

    def _sweep(self, wish: Wish) -> None:
        lane = self._lanes[_lane_of(wish)]
        if not lane.begun and not lane.waiting:
            del self._lanes[_lane_of(wish)]


def _lane_of(wish: Wish) -> Hashable:
    # Each wish of the house has a lane of its own.
    return wish if wish.person is None else wish.person


def _whole(seconds: float) -> int:
    return max(1, round(seconds))
