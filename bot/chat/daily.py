"""Posts each server's daily poem at its hour."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.chat.locale import Say
from bot.chat.replies import persistently
from bot.chat.views.poem import poem_page
from bot.errors import BotError
from bot.logs import begin
from bot.service import daily_poem
from bot.store import Due
from vae.errors import PoetError

if TYPE_CHECKING:
    from bot.chat.client import Lanting

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between looks at the clock."""


class Daily:
    def __init__(self, client: Lanting) -> None:
        self._client = client
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="daily poems")

    async def stop(self) -> None:
        """A poem that is being posted is posted to its end, or given back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        await self._client.wait_until_ready()
        while True:
            await self.post_due(datetime.now(UTC))
            await asyncio.sleep(EVERY)

    async def post_due(self, moment: datetime) -> None:
        """All that is due at a moment in the servers of our shards. What fails for one is logged, and the others have
        theirs."""
        try:
            waiting = await daily_poem.due_servers(self._client.desk, moment)
        except BotError as error:
            log.error("the daily poems cannot be looked up: %s", error)
            return
        for due in (due for due in waiting if self._client.share.have(due.guild.id)):
            begin()
            try:
                await self._post(due)
            except (BotError, PoetError) as error:
                log.error("no daily poem for server %d: %s", due.guild.id, error)

    async def _post(self, due: Due) -> None:
        desk, channel_id = self._client.desk, due.guild.daily_channel_id
        assert channel_id is not None
        written = await daily_poem.claim_and_write(desk, due)
        if written is None:
            return
        page = poem_page(Say.to(due.guild.locale), written, pictures=self._client.pictures)
        channel = self._client.get_partial_messageable(channel_id, guild_id=due.guild.id)
        try:
            message = await persistently(lambda: channel.send(view=page))
        except (discord.Forbidden, discord.NotFound) as error:
            log.warning("server %d has no daily poem any more: %s", due.guild.id, error)
            await daily_poem.no_longer_there(desk, due)
        except (discord.HTTPException, aiohttp.ClientError, OSError, asyncio.CancelledError) as error:
            log.warning("the daily poem of server %d is put off: %s", due.guild.id, error)
            await daily_poem.give_back(desk, due)
            if isinstance(error, asyncio.CancelledError):
                raise
        else:
            await daily_poem.posted(desk, due, written.number, message.id)
