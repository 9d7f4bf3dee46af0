"""Questions about poems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.records import Page, StoredPoem
from bot.store.schema import poems
from bot.store.sql import LAST, is_number, meet, now
from vae.poem import TEXT_LIMIT, Form, Poem, Recipe, WriteRequest

SHOWN = tuple(column for column in poems.c if column.name not in {"code", "seed"})
_SEEDS_LOOKED_THROUGH = 200


async def add(
    connection: AsyncConnection,
    written: Sequence[Poem],
    codes: Sequence[bytes | None],
    author_id: int | None,
    place: dict[str, int | None],
) -> list[int]:
    if author_id is not None:
        await meet(connection, author_id)
    numbers = []
    moment = now()
    for poem, code in zip(written, codes, strict=True):
        values = {**row(poem), **place, "code": code, "author_id": author_id, "created_at": moment}
        added = await connection.execute(plain_insert(poems).values(values).returning(poems.c.id))
        numbers.append(added.scalar_one())
    return numbers


async def by_number(connection: AsyncConnection, number: int) -> StoredPoem | None:
    return await _first(connection, poems.c.id == number) if is_number(number) else None


async def by_id(connection: AsyncConnection, poem_id: str) -> StoredPoem | None:
    return await _first(connection, poems.c.poem_id == poem_id)


async def by_message(connection: AsyncConnection, message_id: int) -> tuple[StoredPoem, ...]:
    rows = await connection.execute(select(*SHOWN).where(poems.c.message_id == message_id).order_by(poems.c.id))
    return tuple(stored(found) for found in rows.mappings())


async def code(connection: AsyncConnection, number: int) -> bytes | None:
    if not is_number(number):
        return None
    return (await connection.execute(select(poems.c.code).where(poems.c.id == number))).scalar()


async def of_author(connection: AsyncConnection, author_id: int, page: int, size: int) -> Page[StoredPoem]:
    theirs = poems.c.author_id == author_id
    total = (await connection.execute(select(func.count()).where(theirs))).scalar_one()
    listed = select(*SHOWN).where(theirs).order_by(poems.c.id.desc()).limit(size).offset(offset(page, size))
    return Page(tuple(stored(found) for found in (await connection.execute(listed)).mappings()), page, size, total)


async def recent_seeds(connection: AsyncConnection, author_id: int, limit: int) -> tuple[str, ...]:
    latest = (
        select(poems.c.id, poems.c.seed)
        .where(poems.c.author_id == author_id)
        .order_by(poems.c.id.desc())
        .limit(_SEEDS_LOOKED_THROUGH)
        .subquery()
    )
    newest_first = (
        select(latest.c.seed)
        .where(latest.c.seed.is_not(None), latest.c.seed != "")
        .group_by(latest.c.seed)
        .order_by(func.max(latest.c.id).desc())
        .limit(limit)
    )
    return tuple((await connection.execute(newest_first)).scalars())


async def set_message(connection: AsyncConnection, number: int, message_id: int, channel_id: int | None) -> bool:
    if not is_number(number):
        return False
    posted = update(poems).where(poems.c.id == number).values(message_id=message_id, channel_id=channel_id)
    return (await connection.execute(posted)).rowcount > 0


def offset(page: int, size: int) -> int:
    """Rows before a page; pages are counted from 1, and one far past the end is empty."""
    if page < 1 or size < 1:
        raise ValueError(f"page {page} of {size}")
    return min((page - 1) * size, LAST)


def row(poem: Poem) -> dict[str, Any]:
    request = poem.recipe.request
    seed = request.seed if isinstance(request, WriteRequest) else None
    return {
        "poem_id": poem.id,
        "form": poem.form.value,
        "lines": "\n".join(poem.lines),
        "recipe": poem.recipe.to_json(),
        # To offer it again; the recipe has all of it. PostgreSQL's text cannot hold NUL.
        "seed": None if seed is None else seed.replace("\0", "")[:TEXT_LIMIT],
    }


def stored(found: RowMapping) -> StoredPoem:
    return StoredPoem(
        number=found["id"],
        poem_id=found["poem_id"],
        poem=Poem(tuple(found["lines"].split("\n")), Form(found["form"]), Recipe.from_json(found["recipe"])),
        author_id=found["author_id"],
        guild_id=found["guild_id"],
        channel_id=found["channel_id"],
        message_id=found["message_id"],
        created_at=datetime.fromtimestamp(found["created_at"], UTC),
    )


async def _first(connection: AsyncConnection, which: ColumnElement[bool]) -> StoredPoem | None:
    result = await connection.execute(select(*SHOWN).where(which).order_by(poems.c.id).limit(1))
    found = result.mappings().first()
    return None if found is None else stored(found)
