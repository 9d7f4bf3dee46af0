"""The bot on Discord: logs in, answers, and leaves nobody waiting when it goes."""

from __future__ import annotations

import asyncio
import logging
from typing import TypeAlias

import aiohttp
import discord
from discord import app_commands

from bot.chat import errors
from bot.chat.commands import COMMANDS
from bot.errors import DiscordRefused, DiscordUnreachable, WorkerClosed
from bot.service.desk import Desk
from bot.settings import Settings

log = logging.getLogger(__name__)

Interaction: TypeAlias = "discord.Interaction[Lanting]"

AUTHENTICATION_FAILED = 4004
RETRY_AFTER = 5.0
FAREWELL = 2.0

# discord.py warns of what is absent here on purpose: voice, and the guilds intent.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
logging.getLogger("discord.state").addFilter(lambda record: "Guilds intent" not in record.getMessage())


async def run(desk: Desk, settings: Settings, *, grace: float = 5.0) -> None:
    """Answers people on Discord until cancelled; then wishes in hand have `grace` seconds to be met.

    Raises DiscordRefused or DiscordUnreachable.
    """
    assert settings.discord_token is not None
    client = Lanting(desk, grace)
    try:
        await client.start(settings.discord_token.get_secret_value())
    except discord.LoginFailure:
        raise DiscordRefused from None
    except discord.ConnectionClosed as error:
        if error.code == AUTHENTICATION_FAILED:
            raise DiscordRefused from None
        raise DiscordUnreachable(reason=str(error)) from error
    except (OSError, aiohttp.ClientError, discord.HTTPException, discord.GatewayNotFound) as error:
        raise DiscordUnreachable(reason=f"{type(error).__name__}: {error}") from error
    finally:
        await client.close()


class Lanting(discord.Client):
    def __init__(self, desk: Desk, grace: float) -> None:
        super().__init__(
            intents=discord.Intents.none(),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            # Without the guilds intent no guild is ever told of, so there is none to wait for.
            guild_ready_timeout=0,
        )
        self.desk = desk
        self.grace = grace
        self.tree = Tree(self)
        self.in_hand: dict[asyncio.Task[object], Interaction] = {}
        for command in COMMANDS:
            self.tree.add_command(command)

    async def setup_hook(self) -> None:
        await sync(self.tree)

    async def on_ready(self) -> None:
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
        await self._finish()
        await super().close()

    async def _finish(self) -> None:
        """Wishes in hand are met, or their people are told that they will not be."""
        await asyncio.sleep(0)  # what arrived this moment is taken in hand
        if not self.in_hand:
            return
        _, late = await asyncio.wait(self.in_hand, timeout=self.grace)
        unanswered = [self.in_hand[task] for task in late]
        for task in late:
            task.cancel()
        farewells = [errors.answer(interaction, WorkerClosed()) for interaction in unanswered]
        try:
            async with asyncio.timeout(FAREWELL):
                await asyncio.gather(*late, *farewells, return_exceptions=True)
        except TimeoutError:
            log.warning("%d people could not be told that their wish will not be met", len(unanswered))


class Tree(app_commands.CommandTree[Lanting]):
    """Commands for servers, direct messages and private channels, however the bot was installed."""

    def __init__(self, client: Lanting) -> None:
        super().__init__(
            client,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        # discord.py forgets the tasks that answer; kept here, they can be awaited at the end.
        task = asyncio.current_task()
        assert task is not None
        self.client.in_hand[task] = interaction
        task.add_done_callback(lambda done: self.client.in_hand.pop(done, None))
        return True

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        await errors.answer(interaction, error)


async def sync(tree: Tree) -> None:
    """Tells Discord the commands; where it will not have them, those it knows already go on working."""
    try:
        await tree.sync()
    except discord.HTTPException:
        log.exception("Discord did not take the commands")
