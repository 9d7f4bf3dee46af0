"""One bot as two processes of two shards each, on one PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.store import Guild, Store
from tests.bot.chat.conftest import verses
from tests.bot.store.conftest import postgres_server, postgres_url
from tests.fake_discord import FakeDiscord
from tests.fake_discord.people import DIRECT_MESSAGE, server_of_shard

__all__ = ["postgres_server", "postgres_url"]

ROOT = Path(__file__).parents[3]
SERVERS = [server_of_shard(shard, 4) for shard in range(4)]
WALK = {"a": "大漠孤煙直", "b": "長河落日圓", "form": "couplet", "steps": 20}


@asynccontextmanager
async def processes(discord: FakeDiscord, database: str, folder: Path):
    """Ends them by SIGTERM, and holds them to end well."""
    own = {"DISCORD_TOKEN": discord.token, "DATABASE_URL": database, "DEVICE": "cpu", "PERSON_QUOTA": "25"}
    begun: list[Process] = []
    for ids in ("0,1", "2-3"):
        (folder / ids).mkdir()  # where it runs, and keeps what Discord was told: two hosts share no disk
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.fake_discord.against", discord.api, discord.gateway_url, "bot"),
            env=os.environ | own | {"SHARD_IDS": ids, "SHARD_COUNT": "4", "PYTHONPATH": str(ROOT)},
            cwd=folder / ids,
            stdout=PIPE,
            stderr=PIPE,
        )
        begun.append(process)
    try:
        yield
    finally:
        for process in begun:
            process.send_signal(signal.SIGTERM)
        ended = [(await process.communicate())[1].decode() for process in begun]
    for process, said in zip(begun, ended, strict=True):
        assert process.returncode == 0, said
        assert "Traceback" not in said


async def test_two_processes_are_one_bot(postgres_url: str, tmp_path: Path):
    store = await Store.open(postgres_url)
    begun = datetime.now(UTC)
    for place in SERVERS:
        wanted = Guild(id=place.guild_id, daily_channel_id=place.channel_id, daily_hour=begun.hour, time_zone="UTC")
        await store.save_guild(wanted)
    async with FakeDiscord() as discord:
        discord.gateway.max_concurrency = 4
        for place in SERVERS:
            discord.channels.add(place)
        async with processes(discord, postgres_url, tmp_path):
            await discord.gateway.connected(4)
            assert sorted(s.shard for s in discord.gateway.sessions.values()) == [[shard, 4] for shard in range(4)]
            assert (discord.gateway.identifies, discord.gateway.too_early) == (4, 0)
            await each_server_has_its_daily_poem_once(discord)
            await everybody_is_answered_once(discord)
            await a_persons_quota_holds_everywhere(discord)
            assert len(discord.rest.syncs) == 1
        assert discord.invalid == []
        for place in SERVERS:  # nobody asked for it, and it is the only one
            assert len([message for message in discord.channels.said(place) if message.origin is None]) == 1
            assert (await store.daily_poem(place.guild_id, begun.date())).message_id is not None
    await store.close()


async def each_server_has_its_daily_poem_once(discord: FakeDiscord) -> None:
    for place in SERVERS:
        (message,) = await discord.channels.until_said(place)
        assert verses(message.everything)


async def everybody_is_answered_once(discord: FakeDiscord) -> None:
    asked = [await discord.slash("help", place=place) for place in (*SERVERS, DIRECT_MESSAGE)]
    for exchange in asked:
        await exchange.until_answered()
        assert len(exchange.messages) == 1
        assert exchange.refused == []


async def a_persons_quota_holds_everywhere(discord: FakeDiscord) -> None:
    alice = discord.visitor("alice", SERVERS[0])
    walked = await (await alice.slash("blend", WALK)).until_answered()
    assert verses(walked.texts[0])
    refused = await (await alice.at(SERVERS[2]).slash("blend", WALK)).until_answered()
    assert "That is enough for a moment: again in" in refused.texts[0]
    bobs = await (await discord.visitor("bob", SERVERS[2]).slash("poem", form="couplet")).until_answered()
    assert verses(bobs.texts[0])
