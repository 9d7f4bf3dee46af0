"""Questions about ratings: one a person and poem, changeable; an author's own stars do not count.

`standings` and `totals` hold the sums of those that count, kept in the same transaction, so that no question adds up
many rows. The lock on the poem's row orders those who rate it at the same time.
"""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import NoSuchPoem
from bot.store.records import Ratings
from bot.store.schema import poems, ratings, standings, totals
from bot.store.sql import insert, is_number, meet, now

EVERYWHERE = 0
"""The row of `totals` that sums over all poems."""


async def rate(connection: AsyncConnection, person: int, number: int, stars: int | None) -> Ratings:
    """Sets the stars, or takes them back where `stars` is None; what the poem stands at after that."""
    if stars is not None and not 1 <= stars <= 5:
        raise ValueError(f"{stars} stars")
    locked = select(poems.c.author_id, poems.c.guild_id, poems.c.created_at).where(poems.c.id == number)
    poem = (await connection.execute(locked.with_for_update())).first() if is_number(number) else None
    if poem is None:
        raise NoSuchPoem(number=number)
    before = await of_person(connection, person, number)
    if before != stars:
        await _write(connection, person, number, stars)
        if poem.author_id != person:
            change, more = (stars or 0) - (before or 0), (stars is not None) - (before is not None)
            await _count(connection, number, poem.guild_id, poem.created_at, change, more)
    return await of_poem(connection, number)


async def of_poem(connection: AsyncConnection, number: int) -> Ratings:
    found = None
    if is_number(number):
        standing = select(standings.c.stars, standings.c.ratings).where(standings.c.poem_id == number)
        found = (await connection.execute(standing)).first()
    return Ratings(None, 0) if found is None else Ratings(found.stars / found.ratings, found.ratings)


async def of_person(connection: AsyncConnection, person: int, number: int) -> int | None:
    if not is_number(number):
        return None
    given = select(ratings.c.stars).where(ratings.c.poem_id == number, ratings.c.person_id == person)
    return (await connection.execute(given)).scalar()


async def forget_standing(connection: AsyncConnection, number: int) -> None:
    """Before a poem goes: takes its stars out of all sums."""
    standing = select(standings.c.guild_id, standings.c.stars, standings.c.ratings).where(standings.c.poem_id == number)
    found = (await connection.execute(standing)).first()
    if found is not None:
        await _total(connection, found.guild_id, -found.stars, -found.ratings)
        await connection.execute(delete(standings).where(standings.c.poem_id == number))


async def _write(connection: AsyncConnection, person: int, number: int, stars: int | None) -> None:
    if stars is None:
        gone = delete(ratings).where(ratings.c.poem_id == number, ratings.c.person_id == person)
        await connection.execute(gone)
        return
    await meet(connection, person)
    given = {"stars": stars, "rated_at": now()}
    row = insert(connection, ratings).values(poem_id=number, person_id=person, **given)
    await connection.execute(row.on_conflict_do_update(index_elements=["poem_id", "person_id"], set_=given))


async def _count(
    connection: AsyncConnection, number: int, guild_id: int | None, created_at: int, stars: int, more: int
) -> None:
    standing = await of_poem(connection, number)
    if standing.count + more == 0:
        await connection.execute(delete(standings).where(standings.c.poem_id == number))
    elif standing.count == 0:
        row = insert(connection, standings).values(
            poem_id=number, guild_id=guild_id, created_at=created_at, stars=stars, ratings=more
        )
        await connection.execute(row)
    else:
        sums = {"stars": standings.c.stars + stars, "ratings": standings.c.ratings + more}
        await connection.execute(update(standings).where(standings.c.poem_id == number).values(sums))
    await _total(connection, guild_id, stars, more)


async def _total(connection: AsyncConnection, guild_id: int | None, stars: int, more: int) -> None:
    # Everybody's row first, in every transaction, so that no two wait for each other.
    for scope in dict.fromkeys((EVERYWHERE, EVERYWHERE if guild_id is None else guild_id)):
        sums = {"stars": totals.c.stars + stars, "ratings": totals.c.ratings + more}
        changed = await connection.execute(update(totals).where(totals.c.guild_id == scope).values(sums))
        if changed.rowcount == 0:
            row = insert(connection, totals).values(guild_id=scope, stars=stars, ratings=more)
            await connection.execute(row.on_conflict_do_update(index_elements=["guild_id"], set_=sums))
