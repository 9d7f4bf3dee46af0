"""Builds the parts, starts them in order, stops them in reverse."""

from __future__ import annotations

import asyncio
import io
import logging
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from bot import console
from bot.console.screen import harmless
from bot.errors import BotError
from bot.service.desk import Desk
from bot.settings import Settings, read_settings
from bot.store import Store
from bot.worker import Worker, poet_loader
from vae.errors import PoetError, WeightsError


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """The store, then the poet; closed in reverse. Raises StoreError, WeightsError or PoetGone."""
    async with AsyncExitStack() as stack:
        store = await Store.open(settings.database)
        stack.push_async_callback(store.close)
        load = poet_loader(settings.weights, settings.device, settings.torch_threads)
        worker = Worker(load, limit=settings.queue_limit, timeout=settings.wish_timeout)
        stack.push_async_callback(worker.stop)
        with console.waking():
            await worker.start()
        yield Desk(worker, store)


def main(job: str) -> int:
    """Does the job, `run` or `migrate`, and returns the exit code; says on standard error what went wrong.

    0 done or told to stop, 1 a line of a pipe failed or Discord is out of reach, 2 settings, 3 Discord refused the
    token, 4 the store cannot be used, 5 the weights cannot be used.
    """
    try:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8", errors="replace")
        settings = read_settings()
        _log(settings)
        return asyncio.run(_until_told(_migrate(settings) if job == "migrate" else _run(settings)))
    except (BotError, PoetError) as error:
        print(harmless(f"lanting: {error}"), file=sys.stderr)  # noqa: T201
        return 5 if isinstance(error, WeightsError) else getattr(error, "exit_code", 1)


async def _run(settings: Settings) -> int:
    async with open_desk(settings) as desk:
        if settings.discord_token is None:
            return await console.run(desk)
        from bot.chat import client  # noqa: PLC0415 - the console starts quicker without

        await client.run(desk, settings)
        return 0


async def _migrate(settings: Settings) -> int:
    store = await Store.open(settings.database)
    await store.close()
    return 0


async def _until_told(job: Coroutine[Any, Any, int]) -> int:
    """The job's own exit code, or 0 where SIGTERM or SIGINT ended it; signals after that do not disturb the ending."""
    loop = asyncio.get_running_loop()
    task = loop.create_task(job)
    told = asyncio.Event()
    signals = (signal.SIGTERM, signal.SIGINT)

    def hear_no_more() -> None:
        for number in signals:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)

    def stop() -> None:
        told.set()
        hear_no_more()
        task.cancel()

    for number in signals:
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if told.is_set():
            return 0
        raise
    finally:
        hear_no_more()


def _log(settings: Settings) -> None:
    quiet = "warning" if settings.discord_token is None else "info"
    logging.basicConfig(
        level=(settings.log_level or quiet).upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for chatty in ("alembic", "aiosqlite"):  # aiosqlite would log what people typed
        logging.getLogger(chatty).setLevel(logging.WARNING)
