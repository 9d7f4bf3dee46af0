"""Questions about what a server has set."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.records import Guild
from bot.store.schema import guilds
from bot.store.sql import insert
from vae.poem import Script


async def settings(connection: AsyncConnection, guild_id: int) -> Guild:
    found = (await connection.execute(select(guilds).where(guilds.c.id == guild_id))).first()
    return Guild(id=guild_id) if found is None else guild(found)


async def save(connection: AsyncConnection, settings: Guild) -> None:
    values = asdict(settings) | {
        "script": None if settings.script is None else settings.script.value,
        "enabled": int(settings.enabled),
    }
    row = insert(connection, guilds).values(values)
    await connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))


async def forget(connection: AsyncConnection, guild_id: int) -> bool:
    return (await connection.execute(delete(guilds).where(guilds.c.id == guild_id))).rowcount > 0


def guild(found: Row[tuple[object, ...]]) -> Guild:
    return Guild(
        id=found.id,
        locale=found.locale,
        script=None if found.script is None else Script(found.script),
        daily_channel_id=found.daily_channel_id,
        daily_hour=found.daily_hour,
        time_zone=found.time_zone,
        writer_role_id=found.writer_role_id,
        enabled=bool(found.enabled),
    )
