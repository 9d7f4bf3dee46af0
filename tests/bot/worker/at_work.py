"""Workers that are awake, busy or asked, with a clerk for their poet."""

from __future__ import annotations

import asyncio

from bot.worker import Worker
from tests.bot.worker.clerk import Clerk
from vae.poem import Poem, WriteRequest


async def begin(clerk: Clerk, limit: int = 8, patience: float = 30) -> Worker:
    worker = Worker(lambda: clerk, limit=limit, timeout=patience, pauses=(0.0,))
    await worker.start()
    return worker


async def busy(clerk: Clerk, limit: int = 8, patience: float = 30) -> tuple[Worker, asyncio.Task[Poem]]:
    """A worker whose poet is in the midst of a wish."""
    worker = await begin(clerk, limit, patience)
    held = asyncio.create_task(worker.write(WriteRequest(seed="wait")))
    await asyncio.to_thread(clerk.waits.wait)
    return worker, held


async def ask(worker: Worker, seed: str) -> asyncio.Task[Poem]:
    """A wish that stands in line when this returns."""
    task = asyncio.create_task(worker.write(WriteRequest(seed=seed)))
    await asyncio.sleep(0)
    return task
