"""Shards: each is told of its own servers and no others, and identifies when it is its turn."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
import pytest

from tests.fake_discord import FakeDiscord
from tests.fake_discord.people import DIRECT_MESSAGE, GROUP, server_of_shard

PING = {"id": "1", "name": "ping", "type": 1}


class Sharded(discord.AutoShardedClient):
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"{self.shard_ids}")


@asynccontextmanager
async def sharded(fake: FakeDiscord, **how: object) -> AsyncIterator[Sharded]:
    async with Sharded(intents=discord.Intents.none(), **how) as client:
        job = asyncio.create_task(client.start(fake.token))
        yield client
    await asyncio.wait([job])


def shards(fake: FakeDiscord) -> list[list[int]]:
    return sorted(session.shard for session in fake.gateway.sessions.values())


async def test_a_client_takes_as_many_as_are_recommended(fake_discord):
    fake_discord.gateway.recommended = 3
    async with sharded(fake_discord):
        await fake_discord.gateway.connected(3)
        assert shards(fake_discord) == [[0, 3], [1, 3], [2, 3]]
    assert fake_discord.gateway.sessions == {}


@pytest.mark.parametrize("shard", range(4))
async def test_what_happens_in_a_server_is_told_to_its_shard_alone(shard, fake_discord):
    gateway, place = fake_discord.gateway, fake_discord.channels.add(server_of_shard(shard, 4))
    async with sharded(fake_discord, shard_ids=[0, 1], shard_count=4):
        await gateway.connected(2)
        async with sharded(fake_discord, shard_ids=[2, 3], shard_count=4):
            await gateway.connected(4)
            ping = await (await fake_discord.interact(2, PING, place=place)).until_answered()
            assert ping.texts == [str([0, 1] if shard < 2 else [2, 3])]
            told = {session.shard[0]: [event["t"] for event in session.events] for session in gateway.sessions.values()}
            assert [number for number, events in told.items() if "INTERACTION_CREATE" in events] == [shard]
            (ready,) = (s.events[0]["d"] for s in gateway.sessions.values() if s.shard[0] == shard)
            assert str(place.guild_id) in [guild["id"] for guild in ready["guilds"]]


async def test_servers_of_shards_are_of_those_shards():
    numbers = {server_of_shard(shard, 4, number).guild_id: shard for shard in range(4) for number in range(3)}
    assert len(numbers) == 12
    assert all((guild >> 22) % 4 == shard for guild, shard in numbers.items())


@pytest.mark.parametrize("place", [DIRECT_MESSAGE, GROUP])
async def test_what_happens_in_no_server_is_told_to_shard_0(place, fake_discord):
    async with sharded(fake_discord, shard_ids=[1], shard_count=2), sharded(fake_discord, shard_ids=[0], shard_count=2):
        await fake_discord.gateway.connected(2)
        ping = await (await fake_discord.interact(2, PING, place=place)).until_answered()
        assert ping.texts == ["[0]"]


async def test_one_shard_of_a_bucket_identifies_in_five_seconds(fake_discord):
    gateway = fake_discord.gateway
    gateway.max_concurrency = 1
    async with sharded(fake_discord, shard_ids=[0], shard_count=2):
        await gateway.connected()
        async with sharded(fake_discord, shard_ids=[1], shard_count=2):  # at once, as one that knows of no other
            await gateway.connected(2)
    assert (gateway.too_early, gateway.identifies) == (1, 3)


async def test_shards_of_other_buckets_need_not_wait(fake_discord):
    gateway, begun = fake_discord.gateway, fake_discord.clock.now
    gateway.max_concurrency = 2
    async with (
        sharded(fake_discord, shard_ids=[0], shard_count=2),
        sharded(fake_discord, shard_ids=[1], shard_count=2),
    ):
        await gateway.connected(2)
    assert (gateway.too_early, fake_discord.clock.now) == (0, begun)


@pytest.mark.parametrize("shard", [[2, 2], [-1, 2]])
async def test_a_shard_that_there_cannot_be_is_sent_away(shard, wire):
    async with wire.session.ws_connect(wire.discord.gateway_url) as socket:
        await socket.receive()
        identify = {"token": wire.discord.token, "intents": 0, "properties": {}, "shard": shard}
        await socket.send_str(json.dumps({"op": 2, "d": identify}))
        assert (await socket.receive()).data == 4010
