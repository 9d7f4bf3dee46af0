"""What the program asks of its own parts, to know whether it is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.errors import StoreError
from bot.health.server import Probe
from bot.store import Store
from bot.worker import Worker

TICK, LATE = 0.05, 0.5
"""Seconds of a sleep, and how late after it the event loop may be."""

STUCK = 30.0
"""Seconds. A batch takes one or two."""


def probes(worker: Worker, store: Store) -> Mapping[str, Probe]:
    """Of everything but the gateway."""

    async def poet() -> str | None:
        if not worker.ready:
            return "the poet is not awake"
        return None if worker.running_for < STUCK else f"at one batch for {worker.running_for:.0f} s"

    async def written() -> str | None:
        try:
            await store.check_writable()
        except StoreError as error:
            return error.key
        return None

    return {"poet": poet, "store": written, "loop": loop_late}


async def loop_late() -> str | None:
    loop = asyncio.get_running_loop()
    due = loop.time() + TICK
    await asyncio.sleep(TICK)
    late = loop.time() - due
    return None if late < LATE else f"{late:.1f} s late"
