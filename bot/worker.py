"""The poet's thread: it alone loads and calls the Poet, so that the event loop never waits for a net."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bot.errors import BotError, PoetGone, SettingsError, WishFailed, WishTimedOut, WorkerBusy, WorkerClosed
from vae.errors import PoetError
from vae.poem import BlendRequest, Poem, WriteRequest

log = logging.getLogger(__name__)
T = TypeVar("T")


class Writes(Protocol):
    """What the thread needs of a Poet."""

    def write(self, request: WriteRequest) -> Poem: ...
    def blend(self, request: BlendRequest) -> list[Poem]: ...


def poet_loader(weights: Path | None, device: str, torch_threads: int | None) -> Callable[[], Writes]:
    """A function for `Worker` that loads the shipped poet, or the one in `weights`; it imports torch when called.

    torch_threads: how many cores one operation may use; None leaves torch's own choice.
    """

    def load() -> Writes:
        import torch  # noqa: PLC0415 - takes seconds, and only this thread needs it

        from vae.poet import Poet  # noqa: PLC0415

        if device == "cuda" and not torch.cuda.is_available():
            raise SettingsError(reason="DEVICE is 'cuda', but torch finds no CUDA device here; it must be auto or cpu.")
        if torch_threads is not None:
            torch.set_num_threads(torch_threads)
        return Poet.load(weights, device)

    return load


@dataclass(slots=True, eq=False)
class _Wish:
    grant: Callable[[Writes], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]

    def settle(self, outcome: object) -> None:
        """From any thread: hands the outcome, an exception or a result, to whoever still waits."""
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            self.loop.call_soon_threadsafe(self._settle, outcome)

    def _settle(self, outcome: object) -> None:
        if self.future.done():
            return
        if isinstance(outcome, BaseException):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)


class Worker:
    """Wishes wait in a line of at most `limit`; each is granted alone, in order, within `timeout` seconds or never."""

    def __init__(self, load: Callable[[], Writes], *, limit: int, timeout: float) -> None:
        self._load = load
        self._limit = limit
        self._timeout = timeout
        self._waiting: deque[_Wish] = deque()
        self._changed = threading.Condition()
        self._begun: _Wish | None = None
        self._refusal: BotError | None = None  # set once no more wishes are taken
        self._ended: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Returns when the poet is awake. Raises WeightsError, SettingsError, or PoetGone for any other failure."""
        loop = asyncio.get_running_loop()
        awake = _Wish(lambda poet: None, loop, loop.create_future())
        ended = _Wish(lambda poet: None, loop, loop.create_future())
        self._ended = ended.future
        # A daemon, so that a poem that will not end cannot keep the process alive past `stop`.
        threading.Thread(target=self._run, args=(awake, ended), name="poet", daemon=True).start()
        await awake.future

    async def write(self, request: WriteRequest) -> Poem:
        """Raises WishError, or WorkerError where the wish was sound but no poem came of it."""
        return await self._ask(lambda poet: poet.write(request))

    async def blend(self, request: BlendRequest) -> list[Poem]:
        """Raises WishError, or WorkerError where the wish was sound but no poems came of it."""
        return await self._ask(lambda poet: poet.blend(request))

    async def stop(self, grace: float = 8.0) -> None:
        """Takes no more wishes, lets those in line be granted for `grace` seconds and refuses the rest."""
        self._refuse(WorkerClosed())
        if self._ended is not None:
            await asyncio.wait([self._ended], timeout=grace)
        self._drop_all(WorkerClosed())

    async def _ask(self, grant: Callable[[Writes], T]) -> T:
        loop = asyncio.get_running_loop()
        wish = _Wish(grant, loop, loop.create_future())
        self._enqueue(wish)
        try:
            async with asyncio.timeout(self._timeout):
                return await wish.future  # type: ignore[no-any-return]
        except TimeoutError:
            raise WishTimedOut(seconds=f"{self._timeout:g}") from None
        finally:
            self._withdraw(wish)

    def _enqueue(self, wish: _Wish) -> None:
        with self._changed:
            if self._refusal is not None:
                raise type(self._refusal)(**self._refusal.details)
            if len(self._waiting) >= self._limit:
                raise WorkerBusy(waiting=len(self._waiting))
            self._waiting.append(wish)
            self._changed.notify()

    def _withdraw(self, wish: _Wish) -> None:
        """What nobody waits for is not begun; what is begun runs to its end and is forgotten."""
        with self._changed, suppress(ValueError):
            self._waiting.remove(wish)

    def _refuse(self, refusal: BotError) -> None:
        with self._changed:
            self._refusal = self._refusal or refusal
            self._changed.notify()

    def _drop_all(self, refusal: BotError) -> None:
        with self._changed:
            dropped = [*self._waiting, *([self._begun] if self._begun else [])]
            self._waiting.clear()
        for wish in dropped:
            wish.settle(refusal)

    def _run(self, awake: _Wish, ended: _Wish) -> None:
        """The thread: wakes the poet and grants wish after wish until no more are taken and none is left."""
        try:
            poet = self._load()
            awake.settle(None)
            while (wish := self._next()) is not None:
                wish.settle(_outcome(wish, poet))
        except BaseException as error:  # whatever ends the thread, those who wait must hear of it
            gone = PoetGone(reason=_named(error))
            self._refuse(gone)
            self._drop_all(gone)
            foreseen = isinstance(error, PoetError | BotError)
            if not foreseen:
                log.critical("the poet's thread ended", exc_info=error)
            awake.settle(error if foreseen else gone)
        finally:
            ended.settle(None)

    def _next(self) -> _Wish | None:
        with self._changed:
            self._begun = None
            while not self._waiting:
                if self._refusal is not None:
                    return None
                self._changed.wait()
            self._begun = self._waiting.popleft()
            return self._begun


def _outcome(wish: _Wish, poet: Writes) -> object:
    try:
        return wish.grant(poet)
    except PoetError as error:
        return error
    except Exception as error:
        log.exception("a wish failed")
        return WishFailed(reason=_named(error))


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
