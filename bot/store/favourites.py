"""Questions about favourites: which poems a person keeps."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import NoSuchPoem
from bot.store.poems import SHOWN, offset, stored
from bot.store.records import Page, StoredPoem
from bot.store.schema import favourites, poems
from bot.store.sql import insert, is_number, meet, now


async def add(connection: AsyncConnection, person: int, number: int) -> bool:
    poem = select(poems.c.id).where(poems.c.id == number).with_for_update(read=True, key_share=True)
    if not is_number(number) or (await connection.execute(poem)).scalar() is None:
        raise NoSuchPoem(number=number)
    await meet(connection, person)
    row = insert(connection, favourites).values(person_id=person, poem_id=number, created_at=now())
    return (await connection.execute(row.on_conflict_do_nothing())).rowcount > 0


async def remove(connection: AsyncConnection, person: int, number: int) -> bool:
    if not is_number(number):
        return False
    row = delete(favourites).where(favourites.c.person_id == person, favourites.c.poem_id == number)
    return (await connection.execute(row)).rowcount > 0


async def of_person(connection: AsyncConnection, person: int, page: int, size: int) -> Page[StoredPoem]:
    theirs = favourites.c.person_id == person
    total = (await connection.execute(select(func.count()).where(theirs))).scalar_one()
    # The page is chosen on the index alone before the poems are looked up.
    chosen = (
        select(favourites.c.poem_id, favourites.c.created_at)
        .where(theirs)
        .order_by(favourites.c.created_at.desc(), favourites.c.poem_id.desc())
        .limit(size)
        .offset(offset(page, size))
        .subquery()
    )
    listed = (
        select(*SHOWN)
        .join_from(chosen, poems, poems.c.id == chosen.c.poem_id)
        .order_by(chosen.c.created_at.desc(), chosen.c.poem_id.desc())
    )
    return Page(tuple(stored(row) for row in (await connection.execute(listed)).mappings()), page, size, total)


async def keeps(connection: AsyncConnection, person: int, number: int) -> bool:
    if not is_number(number):
        return False
    row = select(favourites.c.poem_id).where(favourites.c.person_id == person, favourites.c.poem_id == number)
    return (await connection.execute(row)).first() is not None


async def of_poem(connection: AsyncConnection, number: int) -> int:
    if not is_number(number):
        return 0
    return (await connection.execute(select(func.count()).where(favourites.c.poem_id == number))).scalar_one()
