"""Discord's time, which only a test moves."""

from __future__ import annotations

import time
from datetime import UTC, datetime

DISCORD_EPOCH = 1_420_070_400.0
PATIENCE = 60.0
"""Real seconds after which a test that waits for the bot is told what it waited for in vain."""


class Clock:
    """Starts at the real time, since clients compare ids' times with their own clock, and stands still from then on."""

    def __init__(self) -> None:
        self.now = time.time()
        self._issued = 0

    def advance(self, seconds: float) -> None:
        self.now += seconds

    def catch_up(self) -> None:
        """Moves on to the real time, which passes while a bot in a process of its own works: it would take what is asked for
        too old, were its own clock ahead by seconds."""
        self.now = max(self.now, time.time())

    def snowflake(self) -> int:
        """A new id that carries the present time, as all of Discord's ids do."""
        self._issued += 1
        return (int((self.now - DISCORD_EPOCH) * 1000) << 22) | (self._issued & 0x3FFFFF)

    def iso(self) -> str:
        return datetime.fromtimestamp(self.now, UTC).isoformat()
