"""Those who manage a server say what Lanting does there."""

from __future__ import annotations

import dataclasses
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.errors import NoServer, NotAManager, UnknownTimeZone
from bot.service.desk import Author, Desk
from bot.store import Guild


async def settings(desk: Desk, author: Author) -> Guild:
    """Raises NoServer in direct messages, NotAManager, StoreError."""
    if author.guild_id is None:
        raise NoServer
    if not author.manages:
        raise NotAManager
    return await desk.store.guild(author.guild_id)


async def change_settings(desk: Desk, author: Author, **changes: Any) -> Guild:  # noqa: ANN401 - fields of Guild
    """What the server has set after the change. Raises UnknownTimeZone and what `settings` raises."""
    before = await settings(desk, author)
    if "time_zone" in changes:
        changes["time_zone"] = _time_zone(changes["time_zone"])
    after = dataclasses.replace(before, **changes)
    if after != before:
        await desk.store.save_guild(after)
    return after


def time_zones(typed: str, limit: int = 25) -> list[str]:
    """Names of time zones that have what was typed in them, those that begin with it first."""
    wanted = typed.strip().lower().replace(" ", "_")
    found = [name for name in available_timezones() if wanted in name.lower()]
    return sorted(found, key=lambda name: (wanted not in name.lower().split("/")[-1][: len(wanted)], name))[:limit]


def _time_zone(typed: str) -> str:
    name = typed.strip().replace(" ", "_")
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownTimeZone(given=typed.strip()[:40]) from None
