"""Token buckets that the processes of one bot share. A row says when a bucket is full again; no row: it is full.

The time is the database's, in microseconds since 1970, since the clocks of two hosts do not agree.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, Table, case, cast, delete, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import identifies, person_quotas
from bot.store.sql import insert, meet

IDENTIFY_EVERY = timedelta(seconds=5)
"""How long Discord wants to pass between two shards of a bucket that identify."""


async def draw_person(
    connection: AsyncConnection, person: int, cost: timedelta, burst: timedelta, moment: datetime | None
) -> float:
    """Draws `cost` from a bucket that holds `burst`. 0, or the seconds until it has so much: then nothing is drawn."""
    await meet(connection, person)
    wait = await _draw(connection, person_quotas, person, cost, burst, moment)
    if not wait:
        await _sweep(connection, moment)
    return wait


async def draw_identify(connection: AsyncConnection, bucket: int, moment: datetime | None) -> float:
    return await _draw(connection, identifies, bucket, IDENTIFY_EVERY, IDENTIFY_EVERY, moment)


async def _draw(
    connection: AsyncConnection, table: Table, key: int, cost: timedelta, burst: timedelta, moment: datetime | None
) -> float:
    """One statement, so that of two that draw at once the second sees what the first has left."""
    (owner,), full = table.primary_key.columns, table.c.full_at_us
    now = _now(connection, moment)
    later = case((full > now, full), else_=now)
    drawn = insert(connection, table).values({owner: key, full: now + _us(cost)})
    drawn = drawn.on_conflict_do_update(index_elements=[owner], set_={full: later + _us(cost)})
    lacks = (await connection.execute(drawn.returning(full - now))).scalar_one() - _us(burst)
    if lacks <= 0:
        return 0.0
    await connection.rollback()
    return float(lacks) / 1_000_000


async def _sweep(connection: AsyncConnection, moment: datetime | None) -> None:
    """Forgets whose bucket is full again; a row that another process holds is left to it, so that none waits."""
    key, full = person_quotas.c.person_id, person_quotas.c.full_at_us
    gone = select(key).where(full <= _now(connection, moment)).with_for_update(skip_locked=True)
    await connection.execute(delete(person_quotas).where(key.in_(gone)))


def _now(connection: AsyncConnection, moment: datetime | None) -> ColumnElement[int]:
    if moment is not None:
        return literal(int(moment.timestamp() * 1_000_000), BigInteger)
    if connection.dialect.name == "sqlite":  # its clock is the host's, which all who have the file open share
        return literal(time.time_ns() // 1000, BigInteger)
    return cast(func.extract("epoch", func.clock_timestamp()) * 1_000_000, BigInteger)


def _us(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
