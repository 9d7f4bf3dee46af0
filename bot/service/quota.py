"""How many poems a person, and a server, may have in a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.errors import CoolDown, ServerCoolDown

FORGET_AFTER = 4096
"""Allowances remembered before those that are full again are dropped."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """burst: poems at once; per_minute: poems that come back in a minute."""

    burst: int
    per_minute: float


@dataclass(slots=True)
class Quota:
    """Token buckets, by Discord's numbers. The console, person 0, has no bounds. clock: seconds."""

    person: Allowance = Allowance(burst=30, per_minute=30)
    server: Allowance = Allowance(burst=120, per_minute=120)
    clock: Callable[[], float] = time.monotonic
    _full_at: dict[tuple[str, int], float] = field(default_factory=dict)

    def spend(self, person: int, guild: int | None, poems: int) -> None:
        """Raises CoolDown or ServerCoolDown, which say when so many poems will be free again; then nothing is spent."""
        if person == 0:
            return
        now = self.clock()
        spent = {("person", person): self._after(("person", person), self.person, poems, now)}
        if (wait := self._wait(spent["person", person], self.person, now)) > 0:
            raise CoolDown(seconds=_whole(wait))
        if guild is not None:
            spent["server", guild] = self._after(("server", guild), self.server, poems, now)
            if (wait := self._wait(spent["server", guild], self.server, now)) > 0:
                raise ServerCoolDown(seconds=_whole(wait))
        self._full_at |= spent
        if len(self._full_at) > FORGET_AFTER:
            self._full_at = {key: full for key, full in self._full_at.items() if full > now}

    def _after(self, key: tuple[str, int], allowance: Allowance, poems: int, now: float) -> float:
        """When the bucket would be full again."""
        return max(now, self._full_at.get(key, now)) + poems * 60 / allowance.per_minute

    @staticmethod
    def _wait(full_at: float, allowance: Allowance, now: float) -> float:
        return full_at - now - allowance.burst * 60 / allowance.per_minute


def _whole(seconds: float) -> int:
    return max(1, -int(-seconds // 1))
