"""The pytest fixture: a fake Discord that discord.py in this process takes for the real one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import discord.client
import discord.gateway
import discord.http
import discord.shard
import discord.webhook.async_
import pytest
import yarl

from .clock import Clock
from .server import FakeDiscord


class ClockedAsyncio:
    """asyncio as discord.py sees it, but for `sleep`: that moves Discord's clock instead of waiting."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, delay: float, result: object = None) -> object:
        self._clock.advance(delay)
        return await asyncio.sleep(0, result)


@pytest.fixture
async def fake_discord(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        monkeypatch.setattr(discord.http.Route, "BASE", fake.api)
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(fake.gateway_url))
        for module in (discord.http, discord.webhook.async_, discord.client, discord.shard):
            monkeypatch.setattr(module, "asyncio", ClockedAsyncio(fake.clock))
        yield fake
        assert not fake.misspoken, "The fake is at fault:\n" + "\n".join(fake.misspoken)
        assert not fake.invalid, "Discord refused what the bot sent:\n" + "\n".join(fake.invalid)
