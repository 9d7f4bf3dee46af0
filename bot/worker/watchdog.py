"""Watches how late the event loop is."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

log = logging.getLogger(__name__)

INTERVAL = 0.05
STALL = 0.1


class _Takes(Protocol):
    def add(self, value: float) -> None: ...


async def watch_loop(lags: _Takes) -> None:
    """Adds how many seconds late the loop came to every tick, until cancelled; logs what held it up for over 100 ms."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + INTERVAL
        await asyncio.sleep(INTERVAL)
        note(loop.time() - due, lags)


def note(lag: float, lags: _Takes) -> None:
    lags.add(max(0.0, lag))
    if lag > STALL:
        log.warning("the event loop stood still for %.0f ms", 1000 * lag)
