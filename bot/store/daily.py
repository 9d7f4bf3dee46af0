"""Questions about daily poems: which servers wait for one, and who posts it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.guilds import guild
from bot.store.records import DailyPoem, Due, Guild
from bot.store.schema import daily_poems, guilds
from bot.store.sql import insert, now

LATE_BY_HOURS = 6
"""How long after its hour a daily poem is still posted, where the program was not there in time."""


async def due(connection: AsyncConnection, moment: datetime) -> tuple[Due, ...]:
    latest = (
        select(func.max(daily_poems.c.day)).where(daily_poems.c.guild_id == guilds.c.id).correlate(guilds)
    ).scalar_subquery()
    waiting = (
        select(guilds, latest.label("latest"))
        .where(guilds.c.daily_channel_id >= 0, guilds.c.enabled == 1)
        .order_by(guilds.c.daily_channel_id)
    )
    found = []
    for row in await connection.execute(waiting):
        settings = guild(row)
        day = _day_of(settings, moment)
        if day is not None and (row.latest is None or row.latest < day.isoformat()):
            found.append(Due(settings, day))
    return tuple(found)


async def claim(connection: AsyncConnection, guild_id: int, day: date) -> bool:
    row = insert(connection, daily_poems).values(guild_id=guild_id, day=day.isoformat(), claimed_at=now())
    return (await connection.execute(row.on_conflict_do_nothing())).rowcount > 0


async def release(connection: AsyncConnection, guild_id: int, day: date) -> bool:
    unposted = delete(daily_poems).where(*_of(guild_id, day), daily_poems.c.message_id.is_(None))
    return (await connection.execute(unposted)).rowcount > 0


async def posted(connection: AsyncConnection, guild_id: int, day: date, number: int, message_id: int) -> None:
    row = update(daily_poems).where(*_of(guild_id, day)).values(poem_id=number, message_id=message_id)
    await connection.execute(row)


async def of_day(connection: AsyncConnection, guild_id: int, day: date) -> DailyPoem | None:
    found = (await connection.execute(select(daily_poems).where(*_of(guild_id, day)))).first()
    return None if found is None else DailyPoem(guild_id, day, found.poem_id, found.message_id)


def _of(guild_id: int, day: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return daily_poems.c.guild_id == guild_id, daily_poems.c.day == day.isoformat()


def _day_of(settings: Guild, moment: datetime) -> date | None:
    """The day whose daily poem may be posted at this moment, if there is one."""
    try:
        there = moment.astimezone(ZoneInfo(settings.time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        there = moment.astimezone(ZoneInfo("UTC"))
    hours = (there.hour - settings.daily_hour) % 24
    if hours >= LATE_BY_HOURS:
        return None
    # Past midnight the poem is still the one of the day before.
    return (there if there.hour >= settings.daily_hour else there - timedelta(days=1)).date()
