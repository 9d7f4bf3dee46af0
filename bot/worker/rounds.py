"""One round of the poet's work: drop, read, put together, write, hand out. It starts no thread, and has no clock of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial

from bot.errors import WishFailed, WishTimedOut
from bot.logs import about
from bot.worker import faults
from bot.worker.figures import Figures
from bot.worker.queue import Batch, Queue
from bot.worker.wish import Outcome, Wish, Writes
from vae.errors import PoetError

log = logging.getLogger(__name__)

QUIET = 50
"""Clean batches after which the bound of a batch, once lowered for want of memory, is doubled again."""


class Rounds:
    """Serves a queue with a poet. The queue and the figures are touched only under `lock`; the poet is called outside it.

    Several threads may go through rounds side by side: one at a time reads and puts a batch together.
    """

    def __init__(
        self,
        queue: Queue,
        poet: Writes,
        figures: Figures,
        lock: AbstractContextManager[object],
        clock: Callable[[], float],
    ) -> None:
        self._queue, self._poet, self._figures, self._lock, self._clock = queue, poet, figures, lock, clock
        self._reading = threading.Lock()
        self._quiet = 0

    def once(self) -> bool:
        """Drops, reads and writes one batch; False where none waited. Whatever is no Exception, and what breaks the
        device, is raised with the wishes in hand unanswered: they stay in `queue.batches`."""
        with self._reading:
            batch = self._put_together()
        if batch is not None:
            self._write_batch(batch)
        return batch is not None

    def _put_together(self) -> Batch | None:
        with self._lock:
            late = self._queue.expire(self._clock())
            unread = self._queue.unread()
            count = self._queue.candidates_now() if unread else 0
        for wish in late:
            self._tell(wish, WishTimedOut(seconds=f"{wish.patience:g}"))
        for wish in unread:
            self._read(wish, self._queue.candidates_of(wish, count))
        with self._lock:
            return self._queue.take(self._clock())

    def _read(self, wish: Wish, candidates: int) -> bool:
        """Has the poet read a wish that is not begun; False where that was its end."""
        outcome = self._prepare(wish, candidates)
        if outcome is None:
            return True
        with self._lock:
            waited = self._queue.withdraw(wish)
        if waited:
            self._tell(wish, outcome)
        return False

    def _prepare(self, wish: Wish, candidates: int) -> Exception | None:
        """Leaves `wish.prepared` with so many candidates, or returns why it cannot be."""
        try:
            request = wish.with_candidates(candidates)
            wish.prepared = self._poet.prepare(request)
            if wish.with_candidates(candidates) != request:  # now that its form is known
                wish.prepared = self._poet.prepare(wish.with_candidates(candidates))
        except Exception as error:
            return self._failure(error, wish)
        return None

    def _write_batch(self, batch: Batch) -> None:
        with self._lock:
            self._figures.batch.add(len(batch.wishes))
            for wish in batch.wishes:
                self._figures.wait.add(batch.began - wish.came)
                self._figures.candidates.add(batch.candidates)
        ready = [wish for wish in batch.wishes if self._is_ready(wish, batch.candidates)]
        clean = (not ready or self._write(ready, batch.candidates)) and len(ready) == len(batch.wishes)
        with self._lock:
            now = self._clock()
            self._figures.decode.add(now - batch.began)
            self._queue.finished(batch, now, clean=clean)
            self._recover_rows(clean)
        with about(*(wish.asked for wish in batch.wishes)):
            log.debug("wrote %d wishes, %.0f ms", len(batch.wishes), 1000 * (now - batch.began))

    def _is_ready(self, wish: Wish, candidates: int) -> bool:
        """Reads a begun wish again where load has changed its number of candidates; False where that was its end."""
        assert wish.prepared is not None
        if wish.prepared.rows == candidates * wish.poems:
            return True
        outcome = self._prepare(wish, candidates)
        if outcome is not None:
            self._answer(wish, outcome)
        return outcome is None

    def _write(self, wishes: Sequence[Wish], candidates: int, *, again: bool = False) -> bool:
        """Writes and answers them all; False where anything failed. A batch that fails is tried once more, one wish at
        a time."""
        try:
            granted = self._poet.grant([wish.prepared for wish in wishes])
        except Exception as error:
            if faults.of_device(error):
                raise
            remedy = self._remedy(error, wishes, candidates, again=again)
        else:
            for wish, poems in zip(wishes, granted, strict=True):
                self._answer(wish, poems)
            return True
        remedy()  # out here, since the error's traceback keeps in memory what the failed batch had there
        return False

    def _remedy(self, error: Exception, wishes: Sequence[Wish], candidates: int, *, again: bool) -> Callable[[], None]:
        """What is to be done for wishes whose batch failed."""
        if faults.of_memory(error):
            return partial(self._write_less, wishes, candidates, faults.named(error))
        # What the poet itself says of a wish written alone, it would say again.
        if again or (len(wishes) == 1 and isinstance(error, PoetError)):
            return partial(self._answer, wishes[0], self._failure(error, wishes[0]))
        with about(*(wish.asked for wish in wishes)):
            log.warning("a batch of %d failed; trying one at a time", len(wishes), exc_info=error)
        return partial(self._write_each, wishes, candidates)

    def _write_each(self, wishes: Sequence[Wish], candidates: int) -> None:
        for wish in wishes:
            self._write_alone(wish, candidates)

    def _write_alone(self, wish: Wish, candidates: int) -> None:
        if wish.left:
            self._answer(wish, [])  # nobody hears it
        else:
            self._write([wish], candidates, again=True)

    def _write_less(self, wishes: Sequence[Wish], candidates: int, reason: str) -> None:
        """There was no memory for these: half as many at once from now on, or half the candidates of a single wish."""
        rows = candidates * sum(wish.poems for wish in wishes)
        with self._lock:
            self._queue.rows = max(1, min(self._queue.rows, rows // 2))
            self._figures.halvings += 1
            self._quiet = 0
        with about(*(wish.asked for wish in wishes)):
            log.warning("no memory for %d candidates at once; at most %d from now on", rows, self._queue.rows)
        if len(wishes) > 1:
            middle = len(wishes) // 2
            for half in (wishes[:middle], wishes[middle:]):
                self._write(half, candidates)
        elif candidates == 1 or wishes[0].to_the_letter:
            with about(wishes[0].asked):
                log.error("a wish failed for want of memory: %s", reason)
            self._answer(wishes[0], WishFailed(reason=reason))
        elif self._is_ready(wishes[0], candidates // 2):
            self._write(wishes, candidates // 2)

    def _recover_rows(self, clean: bool) -> None:
        self._quiet = self._quiet + 1 if clean else 0
        if self._quiet >= QUIET and self._queue.rows < self._queue.most_rows:
            self._queue.rows, self._quiet = min(self._queue.most_rows, 2 * self._queue.rows), 0

    def _failure(self, error: Exception, wish: Wish) -> Exception:
        if isinstance(error, PoetError | WishFailed):
            return error
        with about(wish.asked):
            log.error("a wish failed", exc_info=error)
        return WishFailed(reason=faults.named(error))

    def _answer(self, wish: Wish, outcome: Outcome) -> None:
        """The outcome of a begun wish."""
        with self._lock:
            self._queue.answered(wish)
        if not wish.left:
            self._tell(wish, outcome)

    def _tell(self, wish: Wish, outcome: Outcome) -> None:
        with self._lock:
            if isinstance(outcome, BaseException):
                self._figures.drops[getattr(outcome, "key", "failed")] += 1
            else:
                self._figures.granted += 1
                self._figures.poems += len(outcome)
        wish.settle(outcome)
