"""The bot on Discord: logs in, answers, and leaves nobody waiting when it goes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TypeAlias

import aiohttp
import discord
import yarl

from bot import VERSION
from bot.chat import errors
from bot.chat.asked import note_when_done
from bot.chat.daily import Daily
from bot.chat.gate import Gate
from bot.chat.identifies import Identifies
from bot.chat.resuming import install as install_resuming
from bot.chat.shards import Share, Turns, spare
from bot.chat.starts import Starts, persevering
from bot.chat.sync import commands_file, sync
from bot.chat.tree import Pressed, Tree, submitted
from bot.chat.waiting import PATIENCE, Waiting
from bot.errors import DiscordRefused, DiscordUnreachable, WorkerClosed
from bot.health.numbers import registry
from bot.health.parts import probes
from bot.health.server import served
from bot.service.desk import Desk
from bot.settings import Settings

log = logging.getLogger(__name__)

Clock: TypeAlias = Callable[[], float]
Interaction: TypeAlias = "discord.Interaction[Lanting]"

AUTHENTICATION_FAILED = 4004
GRACE, FAREWELL = 0.5, 0.2
"""Shares of SHUTDOWN_TIMEOUT: until wishes in hand are met, until people are told that they are not."""


async def run(
    desk: Desk, settings: Settings, *, grace: float | None = None, patience: float = PATIENCE, clock: Clock = time.time
) -> None:
    """Answers people on Discord until cancelled; then wishes in hand have `grace` seconds to be met.

    Raises DiscordRefused, DiscordUnreachable, IdentifiesSpent or PortTaken.
    """
    assert settings.discord_token is not None
    token, bound = settings.discord_token.get_secret_value(), settings.shutdown_timeout
    client = Lanting(
        desk,
        settings,
        grace=bound * GRACE if grace is None else grace,
        farewell=bound * FAREWELL,
        patience=patience,
        clock=clock,
    )
    try:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(client)  # discord.py can close only what was opened
            if settings.port is not None:
                asked = {**probes(desk.worker, desk.store), "gateway": client.share.fault}
                numbers = registry(desk.worker, {"version": VERSION})
                numbers.register(client.share)
                await stack.enter_async_context(served(settings.port, asked, numbers))
            await client.starts.wait()
            await _serve(client, token)
    except discord.LoginFailure:
        client.starts.failed()
        raise DiscordRefused from None
    except discord.ConnectionClosed as error:
        client.starts.failed()
        if error.code == AUTHENTICATION_FAILED:
            raise DiscordRefused from None
        raise DiscordUnreachable(reason=str(error)) from error
    except (OSError, aiohttp.ClientError, discord.HTTPException, discord.GatewayNotFound) as error:
        client.starts.failed()
        raise DiscordUnreachable(reason=f"{type(error).__name__}: {error}") from error


async def _serve(client: Lanting, token: str) -> None:
    """While it leaves it still hears Discord, so that who wishes for something then is told."""
    serving = asyncio.create_task(client.start(token))
    try:
        await asyncio.shield(serving)
    finally:
        await client.close()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


install_resuming()


class Lanting(discord.AutoShardedClient):
    """grace, farewell: seconds that wishes in hand are given at the end, and that their people then have to be told.

    patience: see `Waiting`.
    """

    def __init__(
        self, desk: Desk, settings: Settings, *, grace: float, farewell: float, patience: float, clock: Clock
    ) -> None:
        assert settings.discord_token is not None
        super().__init__(
            intents=discord.Intents.none(),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            # Without the guilds intent no guild is ever told of, so there is none to wait for.
            guild_ready_timeout=0,
            shard_count=settings.shard_count,
        )
        self.shard_ids = None if settings.shard_ids is None else list(settings.shard_ids)
        spare(self._connection.parsers)
        self.desk = desk
        self.grace, self.farewell = grace, farewell
        self.known = commands_file(settings)
        self.starts = Starts(self.known.with_name("starts.json"), settings.discord_token.get_secret_value())
        self.identifies = Identifies(self.http)
        self.share = Share(self)
        self.turns: Turns | None = None
        self.alone = settings.all_shards
        self.tree = Tree(self)
        self.gate = Gate(clock)
        self.waiting = Waiting(patience)
        self.daily = Daily(self)
        self.in_hand: dict[asyncio.Task[object], Interaction] = {}
        self.add_dynamic_items(Pressed)

    @property
    def pictures(self) -> bool:
        """Whether poems can be drawn here."""
        return self.desk.draws

    def takes(self, interaction: Interaction) -> bool:
        """Takes an interaction in hand, but for one that is too old to be answered; from the task that answers it."""
        if not self.gate.lets_in(interaction.created_at):
            log.info("interaction %s came too late", interaction.id)
            return False
        # discord.py forgets the tasks that answer; kept here, they can be awaited at the end.
        task = asyncio.current_task()
        assert task is not None
        self.in_hand[task] = interaction
        task.add_done_callback(lambda done: self.in_hand.pop(done, None))
        note_when_done(task, interaction)
        return True

    async def login(self, token: str) -> None:
        await persevering(lambda: super(Lanting, self).login(token))
        await self.identifies.wait()

    async def setup_hook(self) -> None:
        await self.tree.prepare()
        if self.share.speak_for_the_bot:
            await sync(self.tree, self.known)
        if not self.alone:
            self.turns = Turns(self.desk.store, (await self.fetch_session_start_limits()).max_concurrency)
        self.daily.start()

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        # Before the socket opens, since one that waits for long is closed; and after an error in the hook discord.py would
        # try again for ever.
        await self._wait_to_identify(shard_id, initial=initial)
        await super().launch_shard(gateway, shard_id, initial=True)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        if not initial:
            await self._wait_to_identify(shard_id, initial=False)

    async def _wait_to_identify(self, shard_id: int | None, *, initial: bool) -> None:
        if not initial:
            await self.identifies.wait_again()
        if self.turns is None or shard_id is None:
            await super().before_identify_hook(shard_id, initial=initial)
        else:
            await self.turns.wait(shard_id)

    async def on_interaction(self, interaction: Interaction) -> None:
        if interaction.type is discord.InteractionType.modal_submit:
            await submitted(interaction)

    async def on_shard_ready(self, shard_id: int) -> None:
        self.share.connected.add(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        self.share.connected.add(shard_id)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        self.share.connected.discard(shard_id)

    async def on_ready(self) -> None:
        self.starts.succeeded()
        log.info("on Discord as %s; invite it with %s", self.user, discord.utils.oauth_url(self.application_id or 0))

    async def close(self) -> None:
        await self.daily.stop()
        with self.desk.worker.refusing():
            await self._finish()
            await super().close()

    async def _finish(self) -> None:
        """Wishes in hand are met, or their people are told that they will not be."""
        await asyncio.sleep(0)  # what arrived this moment is taken in hand
        loop = asyncio.get_running_loop()
        end = loop.time() + self.grace
        while self.in_hand and loop.time() < end:
            await asyncio.wait(self.in_hand, timeout=end - loop.time())
        late = list(self.in_hand)
        unanswered = [self.in_hand[task] for task in late]
        for task in late:
            task.cancel()
        farewells = [errors.answer(interaction, WorkerClosed()) for interaction in unanswered]
        try:
            async with asyncio.timeout(self.farewell):
                await asyncio.gather(*late, *farewells, return_exceptions=True)
        except TimeoutError:
            log.warning("%d people could not be told that their wish will not be met", len(unanswered))
