"""The real bot, service, worker, store and poet, on a Discord that is not the real one."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.chat.client import run
from bot.service.desk import Desk
from bot.settings import Settings
from bot.store import Store
from bot.worker import Worker
from bot.worker.wish import Request
from tests.fake_discord import Exchange, FakeDiscord
from tests.fake_discord.fixture import fake_discord
from vae.poem import Poem
from vae.poet import Poet, Prepared

__all__ = ["fake_discord"]


@pytest.fixture
def settings(fake_discord: FakeDiscord, tmp_path: Path) -> Settings:
    """The fake's token, and the file of the store that `desk` has."""
    return Settings(_env_file=None, discord_token=fake_discord.token, database_url=f"sqlite:///{tmp_path}/lanting.db")


@dataclass
class Bot:
    """A bot that is on Discord."""

    discord: FakeDiscord
    desk: Desk
    job: asyncio.Task[None]

    async def asked(self, command: str, options: dict[str, object] | None = None, **how: object) -> Exchange:
        """Somebody uses a command, and the bot has answered."""
        exchange = await self.discord.slash(command, options, **how)
        return await exchange.until_answered()

    async def listens(self) -> bool:
        """Whether it answers at all; it is asked for help, since poems take their time."""
        exchange = await self.asked("help")
        return "/poem" in exchange.texts[0]

    async def stop(self) -> None:
        self.job.cancel()
        await asyncio.wait([self.job])


@asynccontextmanager
async def on_discord(discord: FakeDiscord, desk: Desk, settings: Settings, **how: object) -> AsyncIterator[Bot]:
    # Nobody is told their place in the queue unless a test is about that; a slow machine must not change what is said.
    how = {"patience": 3600.0, "clock": lambda: discord.clock.now, **how}
    bot = Bot(discord, desk, asyncio.create_task(run(desk, settings, **how)))
    try:
        connected = asyncio.create_task(discord.gateway.connected())
        await asyncio.wait([connected, bot.job], return_when=asyncio.FIRST_COMPLETED)
        if bot.job.done():
            connected.cancel()
            bot.job.result()
        yield bot
    finally:
        await bot.stop()


@pytest.fixture
async def bot(fake_discord: FakeDiscord, desk: Desk, settings: Settings) -> AsyncIterator[Bot]:
    async with on_discord(fake_discord, desk, settings) as bot:
        yield bot


class Sleeper:
    """A poet that falls asleep over its first batch, until it is woken; what it is asked it passes on."""

    def __init__(self, poet: Poet) -> None:
        self.poet, self.begun, self.awake = poet, threading.Event(), threading.Event()

    def prepare(self, request: Request) -> Prepared:
        return self.poet.prepare(request)

    def grant(self, prepared: Sequence[Prepared]) -> list[list[Poem]]:
        self.begun.set()
        self.awake.wait()
        return self.poet.grant(prepared)


@pytest.fixture
async def asleep(poet: Poet, store: Store) -> AsyncIterator[tuple[Sleeper, Desk]]:
    sleeper = Sleeper(poet)
    worker = Worker(lambda: sleeper, limit=8, timeout=60)
    await worker.start()
    yield sleeper, Desk(worker, store)
    sleeper.awake.set()
    await worker.stop()


def numbers(exchange: Exchange) -> list[int]:
    """The numbers of the poems in an answer."""
    return [int(number) for number in re.findall(r"(?:No\. |第 )(\d+)", "\n".join(exchange.texts))]


def verses(text: str) -> list[str]:
    """The lines of the poems in a text, as they are shown."""
    return [line.removeprefix("> ") for line in text.splitlines() if line.startswith("> ")]
