"""How many poems a person, and a server, may have in a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from bot.errors import CoolDown, ServerCoolDown
from bot.store import Store

FORGET_AFTER = 4096
"""Buckets remembered before those that are full again are dropped."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """burst: poems at once; per_minute: poems that come back in a minute."""

    burst: int
    per_minute: float

    def seconds(self, poems: int) -> float:
        """In which so many poems come back."""
        return poems * 60 / self.per_minute


class Buckets(Protocol):
    """Token buckets, one for each of Discord's numbers."""

    async def draw(self, who: int, poems: int, allowance: Allowance) -> float:
        """0 where so many were free; otherwise the seconds until they are, and nothing is drawn."""
        ...


ROUNDING = 1e-6
"""Seconds that sums of a clock's floats may be off: nobody is refused for them."""


@dataclass(slots=True)
class OwnBuckets:
    """In memory: right where nobody else draws from them. clock: seconds."""

    clock: Callable[[], float] = time.monotonic
    _full_at: dict[int, float] = field(default_factory=dict)

    async def draw(self, who: int, poems: int, allowance: Allowance) -> float:
        now = self.clock()
        full_at = max(now, self._full_at.get(who, now)) + allowance.seconds(poems)
        if (wait := full_at - now - allowance.seconds(allowance.burst)) > ROUNDING:
            return wait
        self._full_at[who] = full_at
        if len(self._full_at) > FORGET_AFTER:
            self._full_at = {key: full for key, full in self._full_at.items() if full > now}
        return 0.0

    def put_back(self, who: int, poems: int, allowance: Allowance) -> None:
        if who in self._full_at:
            self._full_at[who] -= allowance.seconds(poems)


@dataclass(frozen=True, slots=True)
class SharedBuckets:
    """People's, in the store: whoever writes in servers of several processes has one bucket in all of them."""

    store: Store

    async def draw(self, who: int, poems: int, allowance: Allowance) -> float:
        """Raises StoreError."""
        cost, burst = (timedelta(seconds=allowance.seconds(n)) for n in (poems, allowance.burst))
        return await self.store.draw_quota(who, cost, burst)


@dataclass(slots=True)
class Quota:
    """The console, person 0, has no bounds. A server belongs to one shard, so its bucket is always the process's own."""

    person: Allowance = Allowance(burst=30, per_minute=30)
    server: Allowance = Allowance(burst=120, per_minute=120)
    people: Buckets = field(default_factory=OwnBuckets)
    servers: OwnBuckets = field(default_factory=OwnBuckets)

    async def spend(self, person: int, guild: int | None, poems: int) -> None:
        """Raises CoolDown or ServerCoolDown, which say when so many poems will be free again, or StoreError; then
        nothing is spent."""
        if person == 0:
            return
        if guild is not None and (wait := await self.servers.draw(guild, poems, self.server)) > 0:
            raise ServerCoolDown(seconds=_whole(wait))
        try:
            if (wait := await self.people.draw(person, poems, self.person)) > 0:
                raise CoolDown(seconds=_whole(wait))
        except BaseException:
            if guild is not None:
                self.servers.put_back(guild, poems, self.server)
            raise


def _whole(seconds: float) -> int:
    return max(1, -int(-seconds // 1))
