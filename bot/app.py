"""Builds the parts, starts them in order, stops them in reverse."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot import console
from bot.pictures.studio import Studio
from bot.service.desk import Desk
from bot.service.quota import Allowance, Quota
from bot.settings import Settings
from bot.store import Store
from bot.store.lasting import why_it_will_not_last
from bot.worker import Worker, poet_loader

log = logging.getLogger(__name__)

STOP = 0.1
"""Share of SHUTDOWN_TIMEOUT: until the poet's thread has ended. Whoever wished for its last batch was answered before."""


@asynccontextmanager
async def open_worker(settings: Settings) -> AsyncIterator[Worker]:
    """The poet, awake. Raises WeightsError, SettingsError or PoetGone."""
    load = poet_loader(settings.weights, settings.device, settings.torch_threads)
    worker = Worker(load, limit=settings.queue_limit, timeout=settings.wish_timeout)
    try:
        with console.waking():
            await worker.start()
        yield worker
    finally:
        await worker.stop(settings.shutdown_timeout * STOP)


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """The store, then the poet; closed in reverse. Raises StoreError, WeightsError or PoetGone."""
    async with AsyncExitStack() as stack:
        _warn_of_a_disk_that_forgets(settings)
        store = await Store.open(settings.database)
        stack.push_async_callback(store.close)
        worker = await stack.enter_async_context(open_worker(settings))
        studio = Studio()
        stack.push_async_callback(studio.close)
        yield Desk(worker, store, quota_of(settings), studio)


def quota_of(settings: Settings) -> Quota:
    person, server = settings.person_quota, settings.server_quota
    return Quota(Allowance(burst=person, per_minute=person), Allowance(burst=server, per_minute=server))


def _warn_of_a_disk_that_forgets(settings: Settings) -> None:
    """Loud where the program serves people; what is tried at the console may be forgotten."""
    if isinstance(settings.database, Path) and (reason := why_it_will_not_last(settings.database)):
        log.log(
            logging.INFO if settings.discord_token is None else logging.CRITICAL,
            "THE DATABASE %s WILL BE LOST at the next start: %s. Mount a volume and point DATABASE_URL into it, use "
            "PostgreSQL, or copy the file elsewhere with `python -m bot backup`; see the README, 'What is kept'.",
            settings.database,
            reason,
        )
