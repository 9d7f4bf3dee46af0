"""The worker as the event loop sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from bot.worker.figures import Figures
from bot.worker.pace import Policy
from bot.worker.queue import Queue
from bot.worker.thread import PAUSES, PoetThread
from bot.worker.ticket import Ticket
from bot.worker.watchdog import watch_loop
from bot.worker.wish import Request, Writes
from vae.poem import BlendRequest, Poem, WriteRequest


class Worker:
    """Takes people's wishes and hands back poems; see `bot.worker.queue` for who is served when.

    limit: wishes that may wait; timeout: seconds from a wish's birth until it is given up.
    """

    def __init__(
        self,
        load: Callable[[], Writes],
        *,
        limit: int,
        timeout: float,
        policy: Policy | None = None,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self.figures = Figures()
        self._timeout = timeout
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken: asyncio.Future[None] | None = None
        self._ended: asyncio.Future[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._thread = PoetThread(
            load, Queue(limit, policy=policy), self.figures, awake=self._awake, ended=self._end, pauses=pauses
        )

    async def start(self) -> None:
        """Returns when the poet is awake. Raises WeightsError, SettingsError, or PoetGone for any other failure."""
        self._loop = asyncio.get_running_loop()
        self._woken, self._ended = self._loop.create_future(), self._loop.create_future()
        self._thread.start()
        await self._woken
        self._watch = self._loop.create_task(watch_loop(self.figures.lag), name="watchdog")

    @property
    def ready(self) -> bool:
        """Whether the poet is awake and takes wishes."""
        return self._thread.ready

    @contextmanager
    def vital(self) -> Iterator[None]:
        """Within, the poet must live: where it is gone for good, what is being done is cancelled, and PoetGone raised."""
        task, ended = asyncio.current_task(), self._ended
        assert task is not None
        assert ended is not None

        def leave(_: asyncio.Future[None]) -> None:
            if self._thread.gone is not None:
                task.cancel()

        ended.add_done_callback(leave)
        try:
            yield
        except asyncio.CancelledError:
            if (gone := self._thread.gone) is None:
                raise
            task.uncancel()
            raise gone from None
        finally:
            ended.remove_done_callback(leave)

    @property
    def depth(self) -> int:
        """Wishes that wait; those being written are not among them."""
        return self._thread.depth

    @property
    def running_for(self) -> float:
        """Seconds that the batch which is being written has taken so far; 0 where none is."""
        return self._thread.running_for

    def ask(self, request: Request, *, person: int | None = None, born: datetime | None = None) -> Ticket:
        """Puts a wish in the queue. Raises WorkerError where it is not taken: WorkerBusy says for how long.

        person: whose wish it is; None is the house's own, which takes no turns. born: when the person wished, such as
        an interaction's own time; the deadline counts from there.
        """
        return Ticket(self._thread, request, person, self._timeout, self._age(born))

    async def write(self, request: WriteRequest, *, person: int | None = None, born: datetime | None = None) -> Poem:
        """Raises WishError, or WorkerError where the wish was sound but no poem came of it."""
        return (await self.ask(request, person=person, born=born))[0]

    async def blend(
        self, request: BlendRequest, *, person: int | None = None, born: datetime | None = None
    ) -> list[Poem]:
        """Raises WishError, or WorkerError where the wish was sound but no poems came of it."""
        return await self.ask(request, person=person, born=born)

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Within, no wish is taken, and those that waited are told; the running batch goes on."""
        self._thread.refuse()
        try:
            yield
        finally:
            self._thread.relent()

    async def stop(self, grace: float = 8.0) -> None:
        """Takes no more wishes, tells those that wait, and lets the running batch be finished for `grace` seconds."""
        self._thread.close()
        if self._ended is not None:
            await asyncio.wait([self._ended], timeout=grace)
        self._thread.abandon()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])

    def _age(self, born: datetime | None) -> float:
        """Seconds since birth. A clock that disagrees with Discord's costs a wish no more than half its time."""
        if born is None:
            return 0.0
        return min(max(0.0, (datetime.now(UTC) - born).total_seconds()), self._timeout / 2)

    def _awake(self, error: BaseException | None) -> None:
        self._tell(self._woken, error)

    def _end(self) -> None:
        self._tell(self._ended, None)

    def _tell(self, future: asyncio.Future[None] | None, error: BaseException | None) -> None:
        assert self._loop is not None
        assert future is not None

        def settle() -> None:
            if future.done():
                return
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)

        with suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(settle)
