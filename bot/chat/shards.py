"""The shards of this process: which servers are theirs, when they may identify, and whether they are connected."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.chat import pulse
from bot.errors import StoreError
from bot.store import Store, buckets

if TYPE_CHECKING:
    from bot.chat.client import Lanting

log = logging.getLogger(__name__)

IDENTIFY_EVERY = buckets.IDENTIFY_EVERY.total_seconds()


class Share(Collector):
    """The shards of the bot that this process has; `connected` holds the numbers of those that are."""

    def __init__(self, client: Lanting) -> None:
        self._client = client
        self.connected: set[int] = set()

    @property
    def own(self) -> Sequence[int]:
        """Empty until it is known how many shards the bot has."""
        return self._client.shard_ids or range(self._client.shard_count or 0)

    @property
    def speak_for_the_bot(self) -> bool:
        """Whether what is to be done once for the whole bot is to be done here: where shard 0 is."""
        return self._client.shard_ids is None or 0 in self._client.shard_ids

    def have(self, guild_id: int) -> bool:
        count = self._client.shard_count
        return count is None or (guild_id >> 22) % count in self.own

    async def fault(self) -> str | None:
        """What is wrong with the connections to Discord, for `bot.health`."""
        missing = [shard for shard in self.own if shard not in self.connected]
        if self.own and not missing:
            faults = (pulse.fault_of(info._parent.ws) for info in self._client.shards.values())
            return next((fault for fault in faults if fault is not None), None)
        return "not connected to Discord" + (f": shards {', '.join(map(str, missing))}" if len(self.own) > 1 else "")

    def collect(self) -> Iterable[Metric]:
        connected = GaugeMetricFamily("lanting_shard_connected", "1 while the shard is on Discord.", labels=["shard"])
        for shard in self.own:
            connected.add_metric([str(shard)], float(shard in self.connected))
        yield connected
        latency = GaugeMetricFamily("lanting_shard_latency_seconds", "Of its last heartbeat.", labels=["shard"])
        for shard, seconds in self._client.latencies:
            latency.add_metric([str(shard)], seconds)
        yield latency


class Turns:
    """When a shard may identify, where several processes have the shards of one bot: they take turns by the store.

    Discord keeps a bucket for each of `concurrency` shards that may identify at once; who comes too early is sent away.
    """

    def __init__(self, store: Store, concurrency: int) -> None:
        self._store, self._concurrency = store, concurrency

    async def wait(self, shard: int) -> None:
        try:
            while (seconds := await self._store.draw_identify(shard % self._concurrency)) > 0:  # noqa: ASYNC110
                await asyncio.sleep(seconds)  # another process may be quicker again: nobody here could set an event
        except StoreError as error:
            log.warning("shard %d identifies without waiting for its turn: %s", shard, error)
            await asyncio.sleep(IDENTIFY_EVERY)


def spare(parsers: dict[str, Callable[[Any], None]]) -> None:
    """An event that discord.py cannot read is logged and dropped; by itself discord.py would close every shard."""
    for event, parse in parsers.items():
        parsers[event] = _spared(event, parse)


def _spared(event: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
    def read(data: object) -> None:
        try:
            parse(data)
        except (LookupError, TypeError, ValueError, AttributeError):
            log.exception("an event from Discord could not be read: %s", event)

    return read
