"""Builds the parts, starts them in order, stops them in reverse."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot import console
from bot.pictures.studio import Studio
from bot.service.desk import Desk
from bot.service.quota import Allowance, OwnBuckets, Quota, SharedBuckets
from bot.settings import Settings
from bot.store import Store
from bot.store.lasting import why_it_will_not_last
from bot.worker import Worker, poet_loader
from bot.worker.cluster import Plan, cluster_loader
from bot.worker.wish import Writes

log = logging.getLogger(__name__)

STOP = 0.1
"""Share of SHUTDOWN_TIMEOUT: until the poet's thread has ended. Whoever wished for its last batch was answered before."""


@asynccontextmanager
async def open_worker(settings: Settings) -> AsyncIterator[Worker]:
    """The poet, awake. Raises WeightsError, SettingsError or PoetGone; the last also later, where no poet can be had in this
    process any more."""
    worker = Worker(loader_of(settings), limit=settings.queue_limit, timeout=settings.wish_timeout)
    try:
        with console.waking():
            await worker.start()
        with worker.vital():
            yield worker
    finally:
        await worker.stop(settings.shutdown_timeout * STOP)


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """The store, then the poet; closed in reverse. Raises StoreError, WeightsError or PoetGone."""
    async with AsyncExitStack() as stack:
        _warn_of_a_disk_that_forgets(settings)
        warn_of_a_file_for_many(settings)
        store = await Store.open(settings.database)
        stack.push_async_callback(store.close)
        worker = await stack.enter_async_context(open_worker(settings))
        studio = Studio()
        stack.push_async_callback(studio.close)
        yield Desk(worker, store, quota_of(settings, store), studio)


def quota_of(settings: Settings, store: Store) -> Quota:
    """People's quotas stand in the store where the bot runs as several processes."""
    return Quota(
        person=Allowance(burst=settings.person_quota, per_minute=settings.person_quota),
        server=Allowance(burst=settings.server_quota, per_minute=settings.server_quota),
        people=OwnBuckets() if settings.all_shards else SharedBuckets(store),
    )


def loader_of(settings: Settings) -> Callable[[], Writes]:
    """What loads the poet: here, or with a cluster to write on. Raises SettingsError where Ray is wanted and missing."""
    if settings.ray_address is None:
        return poet_loader(settings.weights, settings.device, settings.torch_threads)
    plan = Plan(
        settings.ray_address,
        settings.replicas,
        settings.wish_timeout / 2,  # so that there is time to write here what the cluster did not
        settings.weights,
        settings.device,
        settings.torch_threads or 1,
    )
    return cluster_loader(plan, settings.torch_threads)


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


def warn_of_a_file_for_many(settings: Settings) -> None:
    """Several processes have one SQLite file right on one host, and never over a network."""
    if isinstance(settings.database, Path) and not settings.all_shards:
        log.warning(
            "SHARD_IDS leaves shards to other processes, and the database is the file %s: that holds as long as all of "
            "them run on this host and open this very file. Over several hosts, set DATABASE_URL to a PostgreSQL database.",
            settings.database,
        )
