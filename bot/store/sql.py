"""What every question shares."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Select, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import people

LAST = (1 << 63) - 1


def insert(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say ON CONFLICT; both databases take the same words."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def now() -> int:
    """Seconds since 1970, UTC."""
    return int(datetime.now(UTC).timestamp())


def is_number(number: int) -> bool:
    """Whether a poem can have this number at all; what people type may be anything."""
    return 0 < number <= LAST


async def meet(connection: AsyncConnection, person: int) -> None:
    """Makes sure that rows may name this person."""
    known = (await connection.execute(select(people.c.id).where(people.c.id == person))).scalar()
    if known is None:
        await connection.execute(insert(connection, people).values(id=person).on_conflict_do_nothing())


async def count(connection: AsyncConnection, rows: Select[tuple[int]]) -> int:
    """How many rows a selection of one column has."""
    return (await connection.execute(select(func.count()).select_from(rows.subquery()))).scalar_one()
