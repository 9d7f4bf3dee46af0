"""Whether the gateway's connection still lives, and is not only still open."""

from __future__ import annotations

import time

from discord.gateway import DiscordWebSocket

STALE = 60.0
"""Seconds. Discord answers a heartbeat at once, and one is sent every forty-one seconds."""


def fault_of(socket: DiscordWebSocket | None) -> str | None:
    """In a few words, None where all is well."""
    beat = None if socket is None else socket._keep_alive
    if beat is None:
        return "not connected to Discord"
    silent = time.perf_counter() - beat._last_recv
    return None if silent < STALE else f"Discord was not heard for {silent:.0f} s"
