"""The bot on Discord: logs in, answers, and leaves nobody waiting when it goes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeAlias

import aiohttp
import discord

from bot import VERSION
from bot.chat import errors
from bot.chat.asked import note_when_done
from bot.chat.daily import Daily
from bot.chat.gate import Gate
from bot.chat.identifies import Identifies
from bot.chat.pulse import fault_of
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
RETRY_AFTER = 5.0
GRACE, FAREWELL = 0.5, 0.2
"""Shares of SHUTDOWN_TIMEOUT: until wishes in hand are met, until people are told that they are not."""


async def run(
    desk: Desk, settings: Settings, *, grace: float | None = None, patience: float = PATIENCE, clock: Clock = time.time
) -> None:
    """Answers people on Discord until cancelled; then wishes in hand have `grace` seconds to be met.

    Raises DiscordRefused, DiscordUnreachable, IdentifiesSpent or PortTaken.
    """
    assert settings.discord_token is not None
    token, known = settings.discord_token.get_secret_value(), commands_file(settings)
    client = Lanting(
        desk,
        known,
        Starts(known.with_name("starts.json"), token),
        grace=settings.shutdown_timeout * GRACE if grace is None else grace,
        farewell=settings.shutdown_timeout * FAREWELL,
        patience=patience,
        clock=clock,
    )
    try:
        async with AsyncExitStack() as stack:
            if settings.port is not None:
                asked = {**probes(desk.worker, desk.store), "gateway": client.gateway}
                await stack.enter_async_context(
                    served(settings.port, asked, registry(desk.worker, {"version": VERSION}))
                )
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
        raise DiscordUnreachable(reason=f"{type(error).__name__}: {error}") from error
    finally:
        await client.close()


async def _serve(client: Lanting, token: str) -> None:
    """While it leaves it still hears Discord, so that who wishes for something then is told."""
    serving = asyncio.create_task(client.start(token))
    try:
        await asyncio.shield(serving)
    finally:
        await client.close()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


class Lanting(discord.Client):
    """known: see `bot.chat.sync`. grace, farewell: seconds that wishes in hand are given at the end, and that their
    people then have to be told. patience: see `Waiting`."""

    def __init__(
        self,
        desk: Desk,
        known: Path,
        starts: Starts,
        *,
        grace: float,
        farewell: float,
        patience: float,
        clock: Clock,
    ) -> None:
        super().__init__(
            intents=discord.Intents.none(),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            # Without the guilds intent no guild is ever told of, so there is none to wait for.
            guild_ready_timeout=0,
        )
        self.desk = desk
        self.grace, self.farewell = grace, farewell
        self.known = known
        self.starts = starts
        self.identifies = Identifies(self.http)
        self.tree = Tree(self)
        self.gate = Gate(clock)
        self.waiting = Waiting(patience)
        self.daily = Daily(self)
        self.in_hand: dict[asyncio.Task[object], Interaction] = {}
        self.connected = False
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

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        await super().before_identify_hook(shard_id, initial=initial)
        if not initial:
            await self.identifies.wait_again()

    async def setup_hook(self) -> None:
        await self.tree.prepare()
        await sync(self.tree, self.known)
        self.daily.start()

    async def on_interaction(self, interaction: Interaction) -> None:
        if interaction.type is discord.InteractionType.modal_submit:
            await submitted(interaction)

    async def gateway(self) -> str | None:
        """What is wrong with the connection to Discord, for `bot.health`."""
        return fault_of(self.ws if self.connected else None)

    async def on_resumed(self) -> None:
        self.connected = True

    async def on_disconnect(self) -> None:
        self.connected = False

    async def on_ready(self) -> None:
        self.connected = True
        self.starts.succeeded()
        log.info("on Discord as %s; invite it with %s", self.user, discord.utils.oauth_url(self.application_id or 0))

    async def connect(self, *, reconnect: bool = True) -> None:
        """discord.py ends the connection for good when it cannot read one event; we begin a new one."""
        while True:
            try:
                return await super().connect(reconnect=reconnect)
            except (LookupError, TypeError, ValueError, AttributeError):
                log.exception("an event from Discord could not be read; connecting anew")
                await self.ws.close()
                await asyncio.sleep(RETRY_AFTER)

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
