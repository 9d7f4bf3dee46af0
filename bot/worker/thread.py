"""The poet's thread: loads the poet, serves the queue, and wakes the poet again after a fall; helped by one thread more
for every hand more that the poet has."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from bot.errors import BotError, PoetFell, PoetGone, WorkerClosed
from bot.worker import faults
from bot.worker.figures import Figures
from bot.worker.queue import Queue
from bot.worker.rounds import Rounds
from bot.worker.wish import Outcome, Request, Wish, Writes, WritesSideBySide
from vae.errors import PoetError

log = logging.getLogger(__name__)

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
"""Seconds between a fall and the next waking, after the first fall, the second in a row, and so on."""
BREAKS = 3
"""Falls in a row, the first of them the device's, after which it is taken to be broken for as long as the process lives."""


class PoetThread:
    """Owns the only poet. Every method may be called from any thread, and none of them waits for the poet.

    awake: called in the thread with None once the poet is ready for the first time, or with why it never will be.
    ended: called when the thread is done, because it was closed or the poet is `gone`.
    """

    def __init__(
        self,
        load: Callable[[], Writes],
        queue: Queue,
        figures: Figures,
        *,
        awake: Callable[[BaseException | None], None],
        ended: Callable[[], None],
        pauses: Sequence[float] = PAUSES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load, self._queue, self._figures, self._clock = load, queue, figures, clock
        self._awake, self._ended, self._pauses = awake, ended, pauses
        self._changed = threading.Condition()
        self._refusal: BotError | None = None  # why no wishes are taken now
        self._closed = False
        self._ready = self._risen = False
        self._falls = self._breaks = 0  # in a row: all of them, and those since the device broke
        self._broken: BaseException | None = None  # what broke one of the hands
        # A daemon, so that a poem that will not end cannot keep the process alive past `close`.
        self._thread = threading.Thread(target=self._run, name="poet", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether wishes are being granted: the poet is awake, takes wishes, and its thread lives."""
        return self._ready and self._refusal is None and self._thread.is_alive()

    @property
    def gone(self) -> PoetGone | None:
        """Why the poet will not be woken any more; None while it may be."""
        return self._refusal if isinstance(self._refusal, PoetGone) else None

    def put(
        self, request: Request, person: int | None, patience: float, age: float, settle: Callable[[Outcome], None]
    ) -> Wish:
        """The wish, now in the queue. Raises WorkerError where it is not taken."""
        now = self._clock()
        wish = Wish(request, person, now, now + patience - age, patience, settle)
        with self._changed:
            try:
                if self._refusal is not None:
                    raise type(self._refusal)(**self._refusal.details)
                self._queue.put(wish, now)
            except BotError as error:
                self._figures.drops[error.key] += 1
                raise
            self._figures.came += 1
            self._changed.notify_all()
        return wish

    def withdraw(self, wish: Wish, reason: str) -> None:
        """What nobody waits for is not begun; what is begun runs to its end and is forgotten."""
        with self._changed:
            if self._queue.withdraw(wish):
                self._figures.drops[reason] += 1

    def place(self, wish: Wish) -> int:
        with self._changed:
            return self._queue.place(wish)

    def expected_wait(self, wish: Wish) -> float:
        with self._changed:
            return self._queue.expected_wait(wish, self._clock())

    @property
    def depth(self) -> int:
        with self._changed:
            return len(self._queue)

    @property
    def running_for(self) -> float:
        with self._changed:
            return self._queue.running_for(self._clock())

    def refuse(self) -> None:
        """No wishes are taken and those that wait are told, until `relent`; the running batch goes on to its end."""
        with self._changed:
            self._refusal = self._refusal or WorkerClosed()
            waiting = self._queue.drop_waiting()
        self._refuse(waiting, WorkerClosed())

    def relent(self) -> None:
        with self._changed:
            if isinstance(self._refusal, WorkerClosed) and not self._closed:
                self._refusal = None

    def close(self) -> None:
        """No more wishes are taken and those that wait are told; the running batch goes on to its end."""
        with self._changed:
            self._closed, self._refusal = True, self._refusal or WorkerClosed()
            waiting = self._queue.drop_waiting()
            self._changed.notify_all()
        self._refuse(waiting, WorkerClosed())

    def abandon(self) -> None:
        """Those whose wishes are being written are told that nothing will come of them; the batch itself goes on."""
        with self._changed:
            begun = self._queue.leave_begun()
        self._refuse(begun, WorkerClosed())

    def _refuse(self, wishes: Sequence[Wish], refusal: BotError) -> None:
        with self._changed:
            self._figures.drops[refusal.key] += len(wishes)
        for wish in wishes:
            wish.settle(refusal)

    def _run(self) -> None:
        try:
            while not self._closed and self.gone is None:
                self._live()
        finally:
            self._ready = False
            self._ended()

    def _live(self) -> None:
        """One life of the poet, and the rest after its fall. When this returns nothing holds the fallen poet any more, not
        even a traceback: there may be no memory for two."""
        try:
            poet = self._load()
            self._rise()
            self._serve(poet)
        except BaseException as error:  # whatever ends the poet, those who wait must hear of it
            if self._breaks or faults.of_device(error):  # a broken device may next be found missing
                self._breaks += 1
            if not self._risen or self._breaks == BREAKS:
                self._give_up(error)
                return
            self._fall(error)
            self._rest(self._pauses[min(self._falls, len(self._pauses) - 1)])
            self._falls += 1
        finally:
            self._broken = None

    def _serve(self, poet: Writes) -> None:
        """Until closed. Raises what broke one of the hands, when the others have done their batches."""
        rounds = Rounds(self._queue, poet, self._figures, self._changed, self._clock)
        if not isinstance(poet, WritesSideBySide):
            self._lend_a_hand(rounds, lambda: 1)
        else:
            try:
                self._lend_hands(rounds, poet)
            finally:
                poet.close()
        if self._broken is not None:
            raise self._broken

    def _lend_hands(self, rounds: Rounds, poet: WritesSideBySide) -> None:
        arguments = (rounds, lambda: poet.hands)
        others = [
            threading.Thread(target=self._lend_a_hand, args=arguments, name=f"poet's hand {number}", daemon=True)
            for number in range(2, poet.most_hands + 1)
        ]
        for thread in others:
            thread.start()
        self._lend_a_hand(*arguments)
        for thread in others:
            thread.join()

    def _lend_a_hand(self, rounds: Rounds, hands: Callable[[], int]) -> None:
        """One batch after another, until closed or broken. hands: how many batches may be written at once, now."""
        try:
            while self._work_comes(hands):
                if rounds.once():
                    self._falls = self._breaks = 0
                with self._changed:
                    self._changed.notify_all()  # a hand is free
        except BaseException as error:  # the hands fall together
            with self._changed:
                self._broken = self._broken or error
                self._changed.notify_all()

    def _rise(self) -> None:
        with self._changed:
            first, self._risen = not self._risen, True
            if not self._closed:
                self._refusal = None
            self._ready = True
        if first:
            self._awake(None)
        else:
            log.warning("the poet is awake again")

    def _give_up(self, error: BaseException) -> None:
        """The poet never woke, and who runs the program must mend something first; or the device stays broken, which only
        another process can mend."""
        gone = PoetGone(reason=faults.named(error))
        foreseen = isinstance(error, PoetError | BotError)
        if self._risen:
            log.critical("the device stays broken: the program has to be started again", exc_info=error)
        elif not foreseen:
            log.critical("the poet cannot be woken", exc_info=error)
        self._down(gone)
        self._awake(error if foreseen else gone)

    def _fall(self, error: BaseException) -> None:
        log.critical("the poet fell and will be woken again", exc_info=error)
        self._down(PoetFell(reason=faults.named(error)))

    def _down(self, reason: PoetFell | PoetGone) -> None:
        """All who wait are told, and so is who comes."""
        with self._changed:
            self._ready = False
            if isinstance(reason, PoetGone) or not isinstance(self._refusal, WorkerClosed):
                self._refusal = reason
            self._figures.falls += self._risen
            wishes = self._queue.drop_waiting() + self._queue.drop_begun()
        self._refuse(wishes, reason)

    def _rest(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed, seconds)

    def _work_comes(self, hands: Callable[[], int]) -> bool:
        """Returns True when there is something to write, False when there will be nothing more.

        A decoder that is idle waits a moment for company for the first wish; one that comes from a batch does not, since
        what came meanwhile waits already.
        """
        with self._changed:
            idle = not len(self._queue)
            while not (self._over or self._may_begin(hands())):
                self._changed.wait()
            if idle:
                self._changed.wait_for(lambda: self._over or self._queue.enough(), self._queue.arrivals.window)
            return not self._over

    @property
    def _over(self) -> bool:
        return self._closed or self._broken is not None

    def _may_begin(self, hands: int) -> bool:
        self._queue.hands = hands
        return len(self._queue) > 0 and len(self._queue.batches) < hands
