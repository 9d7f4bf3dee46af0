"""A shard that takes its session up again after a break of the connection, however long Discord cannot be reached."""

from __future__ import annotations

import discord.shard
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

TRIES_WHERE_TOLD = 3
"""Tries at the address that Discord gave for resuming; what answers there may be what broke."""
MOST_DOUBLINGS = 5
"""Of the second between two tries to reach the gateway again: discord.py's own ten come to a quarter of an hour."""


class ResumingShard(discord.shard.Shard):
    """discord.py's own begins a new session after the first try that fails, and what Discord has kept for the old one is
    lost. Where Discord has forgotten the session it says so, and a new one is begun then."""

    _tries = 0

    def launch(self) -> None:
        self._tries = 0
        self._backoff._max = MOST_DOUBLINGS
        super().launch()

    async def reconnect(self) -> None:
        if self.ws.session_id is None:
            await super().reconnect()
            return
        self._tries += 1
        if self._tries > TRIES_WHERE_TOLD:
            self.ws.gateway = DiscordWebSocket.DEFAULT_GATEWAY
        await self.reidentify(ReconnectWebSocket(self.id, resume=True))


def install() -> None:
    """From now on every shard of discord.py's is one of these."""
    discord.shard.Shard = ResumingShard  # type: ignore[misc]
