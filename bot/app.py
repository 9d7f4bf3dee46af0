"""Builds the parts, starts them in order, stops them in reverse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bot import console
from bot.service.desk import Desk
from bot.settings import Settings
from bot.store import Store
from bot.worker import Worker, poet_loader


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
