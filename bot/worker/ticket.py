"""What a person holds while the wish waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextlib import suppress

from bot.errors import WishTimedOut, WishWithdrawn, WorkerError
from bot.worker.thread import PoetThread
from bot.worker.wish import Outcome, Request
from vae.poem import Poem


class Ticket:
    """A wish that was taken. Await it for its poems; used in the event loop only.

    Awaiting raises WishError (the wish must change) or WorkerError (it was sound, but no poem came of it). Cancelling
    the task that awaits takes the wish back.
    """

    def __init__(self, thread: PoetThread, request: Request, person: int | None, patience: float, age: float) -> None:
        """Puts the wish in the queue. patience: seconds from the wish's birth; age: how many of them are over.

        Raises WorkerError where it is not taken.
        """
        loop = asyncio.get_running_loop()
        self._thread = thread
        self._future: asyncio.Future[list[Poem]] = loop.create_future()
        self._wish = thread.put(request, person, patience, age, self._settle_from_thread(loop))
        self._timer = loop.call_later(patience - age, self._end, WishTimedOut(seconds=f"{patience:g}"))
        self._future.add_done_callback(self._done)

    def __await__(self) -> Generator[None, None, list[Poem]]:
        return self._future.__await__()

    @property
    def done(self) -> bool:
        """Whether there is an outcome, good or bad."""
        return self._future.done()

    @property
    def request(self) -> Request:
        return self._wish.request

    def place(self) -> int:
        """1 for the wish that is served next, 2 for the one after; 0 for one that is being written or done."""
        return self._thread.place(self._wish)

    def expected_wait(self) -> float:
        """Seconds until the poems are there, by the pace of late; 0 when they are."""
        return 0.0 if self.done else self._thread.expected_wait(self._wish)

    def seconds_left(self) -> float:
        """Until the wish is given up."""
        return max(0.0, self._timer.when() - asyncio.get_running_loop().time())

    def cancel(self) -> bool:
        """Takes the wish back: who awaits it gets WishWithdrawn. False where there is an outcome already."""
        return self._end(WishWithdrawn())

    def _end(self, error: WorkerError) -> bool:
        if self.done:
            return False
        self._future.set_exception(error)
        self._thread.withdraw(self._wish, error.key)
        return True

    def _settle_from_thread(self, loop: asyncio.AbstractEventLoop) -> Callable[[Outcome], None]:
        def settle(outcome: Outcome) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(self._settle, outcome)

        return settle

    def _settle(self, outcome: Outcome) -> None:
        if self.done:
            return
        if isinstance(outcome, BaseException):
            self._future.set_exception(outcome)
        else:
            self._future.set_result(outcome)

    def _done(self, future: asyncio.Future[list[Poem]]) -> None:
        self._timer.cancel()
        if future.cancelled():
            self._thread.withdraw(self._wish, WishWithdrawn.key)
        else:
            future.exception()  # asked for, lest asyncio complain of an error that nobody stayed to hear
