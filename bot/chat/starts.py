"""Failed starts, kept in a file, so that a host which begins the program again and again does not do so to Discord.

Ten thousand refused requests within ten minutes get a host's address banned.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import discord

log = logging.getLogger(__name__)

FIRST, LONGEST = 10.0, 600.0
"""Seconds between a failed start and the next: after the first failure, twice as long after each more, at most."""
FIRST_TRY, LONGEST_TRY = 5.0, 300.0
"""The same between tries to reach Discord, within one start."""


def doubled(first: float, longest: float, times: int) -> float:
    """first, 2 first, 4 first …, at most longest; times counts from 1."""
    return float(min(longest, first * 2.0 ** min(times - 1, 60)))


@dataclass(frozen=True, slots=True)
class Starts:
    """file: where failures are counted; one token's do not make another wait."""

    file: Path
    token: str
    clock: Callable[[], float] = time.time

    async def wait(self) -> None:
        """Until it is time for another start."""
        if (seconds := self.pause()) > 0:
            log.warning("the last start failed; waiting %.0f s before Discord is asked again", seconds)
            await asyncio.sleep(seconds)

    def pause(self) -> float:
        """Seconds to wait now."""
        failed, last = self._read()
        if not failed:
            return 0.0
        pause = doubled(FIRST, LONGEST, failed)
        return min(pause, max(0.0, last + pause - self.clock()))

    def failed(self) -> None:
        """One start more came to nothing."""
        kept = {"token": self._fingerprint(), "failed": self._read()[0] + 1, "last": self.clock()}
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_text(json.dumps(kept), encoding="utf-8")
        except OSError as error:
            log.warning(
                "%s cannot be written (%s): the next start will not know that this one failed", self.file, error
            )

    def succeeded(self) -> None:
        try:
            self.file.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s cannot be removed (%s): the next start may wait in vain", self.file, error)

    def _read(self) -> tuple[int, float]:
        """How many starts failed in a row, and when the last did."""
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            if kept["token"] == self._fingerprint():
                return int(kept["failed"]), float(kept["last"])
        except (OSError, ValueError, TypeError, LookupError):
            pass
        return 0, 0.0

    def _fingerprint(self) -> str:
        return hashlib.sha256(self.token.encode()).hexdigest()[:12]


async def persevering(sign_in: Callable[[], Awaitable[None]]) -> None:
    """Signs in, again and again with growing pauses while Discord is out of reach. Raises discord.LoginFailure."""
    tries = 0
    while True:
        try:
            return await sign_in()
        except (OSError, aiohttp.ClientError, discord.HTTPException) as error:
            tries += 1
            seconds = doubled(FIRST_TRY, LONGEST_TRY, tries)
            log.error("Discord cannot be reached (%s: %s); trying again in %g s", type(error).__name__, error, seconds)
            await asyncio.sleep(seconds)
