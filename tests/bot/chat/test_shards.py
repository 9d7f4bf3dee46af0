"""A bot in parts: each answers for its own shards, and together they are one."""

from __future__ import annotations

from datetime import UTC, datetime

import aiohttp
import pytest

from bot.chat import shards
from bot.chat.daily import Daily
from bot.service.desk import Desk
from bot.store import Guild, Store
from tests.bot.chat.conftest import on_discord
from tests.fake_discord.clock import Clock
from tests.fake_discord.exchange import COMMAND
from tests.fake_discord.fixture import ClockedAsyncio
from tests.fake_discord.people import server_of_shard

MORNING = datetime(2026, 1, 1, 8, 30, tzinfo=UTC)


class OnDiscordsClock(Store):
    clock: Clock

    async def draw_identify(self, bucket, moment=None):
        return await super().draw_identify(bucket, datetime.fromtimestamp(self.clock.now, UTC))


@pytest.fixture
async def desk(worker, fake_discord, tmp_path, monkeypatch):
    """Waiting for a turn moves Discord's clock, and takes no real time."""
    monkeypatch.setattr(shards, "asyncio", ClockedAsyncio(fake_discord.clock))
    store = await OnDiscordsClock.open(tmp_path / "lanting.db")
    store.clock = fake_discord.clock
    yield Desk(worker, store)
    await store.close()


@pytest.fixture
def parts(settings):
    """The settings of two processes."""
    return [settings.model_copy(update={"shard_count": 4, "shard_ids": ids}) for ids in ((0, 1), (2, 3))]


async def test_all_shards_in_one_process(fake_discord, desk, settings):
    async with on_discord(fake_discord, desk, settings.model_copy(update={"shard_count": 3})) as bot:
        await fake_discord.gateway.connected(3)
        for shard in range(3):
            helped = await bot.asked("help", place=server_of_shard(shard, 3))
            assert "/poem" in helped.texts[0]


async def test_it_takes_as_many_shards_as_discord_recommends(fake_discord, desk, settings):
    fake_discord.gateway.recommended = 2
    async with on_discord(fake_discord, desk, settings):
        await fake_discord.gateway.connected(2)
        assert sorted(s.shard for s in fake_discord.gateway.sessions.values()) == [[0, 2], [1, 2]]


async def test_it_is_ready_when_each_of_its_shards_is(fake_discord, desk, parts, unused_tcp_port):
    asked, gateway = parts[1].model_copy(update={"port": unused_tcp_port}), fake_discord.gateway
    async with on_discord(fake_discord, desk, asked), aiohttp.ClientSession(f"http://127.0.0.1:{asked.port}") as host:

        async def told(path: str) -> str:
            async with host.get(path) as answer:
                return await answer.text()

        await gateway.connected(2)
        # The commands are told by the other part.
        helped = await fake_discord.interact(
            COMMAND, {"id": "1", "name": "help", "type": 1}, place=server_of_shard(3, 4)
        )
        await helped.until_answered()
        assert "gateway: ok" in await told("/readyz")
        fake_discord.faults.lose("READY", "user")
        await gateway.invalidate(resumable=False, shard=3)
        await gateway.until(lambda gateway: gateway.identifies == 3)
        assert "gateway: not connected to Discord: shards 3" in await told("/readyz")
        numbers = await told("/metrics")
        assert 'lanting_shard_connected{shard="2"} 1.0' in numbers
        assert 'lanting_shard_connected{shard="3"} 0.0' in numbers


async def test_the_part_with_shard_0_tells_discord_the_commands(fake_discord, desk, parts):
    async with on_discord(fake_discord, desk, parts[1]):
        assert fake_discord.rest.syncs == []
        async with on_discord(fake_discord, desk, parts[0]):
            await fake_discord.gateway.connected(4)
            assert len(fake_discord.rest.syncs) == 1


async def test_each_part_posts_the_daily_poems_of_its_own_servers(fake_discord, desk, parts, monkeypatch):
    clients: list[Daily] = []
    monkeypatch.setattr(Daily, "start", lambda daily: clients.append(daily))  # noqa: PLW0108 - a built-in is no method
    servers = [fake_discord.channels.add(server_of_shard(shard, 4)) for shard in range(4)]
    for place in servers:
        wanted = Guild(id=place.guild_id, daily_channel_id=place.channel_id, daily_hour=8, time_zone="UTC")
        await desk.store.save_guild(wanted)

    def posted() -> list[int]:
        return [len(fake_discord.channels.said(place)) for place in servers]

    async with on_discord(fake_discord, desk, parts[1]), on_discord(fake_discord, desk, parts[0]):
        await fake_discord.gateway.connected(4)
        second, first = clients
        await second.post_due(MORNING)
        assert posted() == [0, 0, 1, 1]
        await first.post_due(MORNING)
        await second.post_due(MORNING)
        assert posted() == [1, 1, 1, 1]


async def test_the_parts_identify_by_turns(fake_discord, desk, parts):
    gateway, begun = fake_discord.gateway, fake_discord.clock.now
    gateway.max_concurrency = 1
    async with on_discord(fake_discord, desk, parts[0]):
        await gateway.connected(2)
        async with on_discord(fake_discord, desk, parts[1]):
            await gateway.connected(4)
            await gateway.invalidate(resumable=False, shard=1)
            await gateway.until(lambda gateway: gateway.identifies == 5)
            await gateway.connected(4)
    assert gateway.too_early == 0
    assert fake_discord.clock.now - begun == pytest.approx(20, abs=0.01)


async def test_where_the_store_fails_a_shard_identifies_all_the_same(desk, tmp_path, fake_discord, caplog):
    begun = fake_discord.clock.now
    await desk.store.close()
    for path in tmp_path.glob("lanting.db*"):
        path.write_text("no database any more")
    await shards.Turns(desk.store, 1).wait(3)
    assert "shard 3 identifies without waiting for its turn" in caplog.text
    assert fake_discord.clock.now - begun == shards.IDENTIFY_EVERY
