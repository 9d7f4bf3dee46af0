"""How often the bot may still identify. Discord counts, over all processes and restarts; where its count is used up, it
takes the token away and writes to the owner."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import aiohttp
import discord
from discord.http import HTTPClient

from bot.errors import IdentifiesSpent

log = logging.getLogger(__name__)

KEPT = 10
"""Identifies that are left for the owner to start the bot by hand."""
BEARABLE = 45.0
"""Seconds that an open socket may wait before it identifies: discord.py gives it up after sixty."""


def pause_before(limit: Mapping[str, int]) -> float:
    """Seconds to wait before the next identify. limit: Discord's session_start_limit, its `reset_after` milliseconds.

    None while more than half are left; then as long as makes the rest last until Discord counts anew.
    """
    left, seconds = limit["remaining"] - KEPT, limit["reset_after"] / 1000
    if 2 * limit["remaining"] > limit["total"]:
        return 0.0
    return seconds / left if left > 0 else seconds


class Identifies:
    """Asks Discord for its count before each identify."""

    def __init__(self, http: HTTPClient) -> None:
        self._http = http

    async def wait(self) -> None:
        """Before the process identifies for the first time, and before its socket is open."""
        if (seconds := await self._pause()) > 0:
            await asyncio.sleep(seconds)

    async def wait_again(self) -> None:
        """Before it identifies anew because its session is gone. Raises IdentifiesSpent where that must wait for long."""
        if (seconds := await self._pause()) > BEARABLE:
            raise IdentifiesSpent(seconds=f"{seconds:.0f}")
        await asyncio.sleep(seconds)

    async def _pause(self) -> float:
        try:
            _, _, limit = await self._http.get_bot_gateway()
            seconds = pause_before({name: int(limit[name]) for name in ("total", "remaining", "reset_after")})
        except (OSError, aiohttp.ClientError, discord.GatewayNotFound, LookupError, TypeError, ValueError) as error:
            log.warning("Discord does not say how often the bot may still identify (%s)", type(error).__name__)
            return 0.0
        if seconds:
            log.warning("%d identifies of %d are left; waiting %.0f s", limit["remaining"], limit["total"], seconds)
        return seconds
