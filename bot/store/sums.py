"""The sums of all ratings made anew from the ratings themselves, as an import and the benchmark need them."""

from __future__ import annotations

from sqlalchemy import Integer, cast, delete, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.ratings import EVERYWHERE
from bot.store.schema import Id, poems, ratings, standings, totals


async def renew(connection: AsyncConnection) -> None:
    for table in (standings, totals):
        await connection.execute(delete(table))
    counted = (
        select(
            ratings.c.poem_id,
            poems.c.guild_id,
            poems.c.created_at,
            cast(func.sum(ratings.c.stars), Id),
            func.count(),
        )
        .join_from(ratings, poems, poems.c.id == ratings.c.poem_id)
        .where(poems.c.author_id.is_distinct_from(ratings.c.person_id))
        .group_by(ratings.c.poem_id, poems.c.guild_id, poems.c.created_at)
    )
    await connection.execute(
        insert(standings).from_select(["poem_id", "guild_id", "created_at", "stars", "ratings"], counted)
    )
    sums = cast(func.sum(standings.c.stars), Id), cast(func.sum(standings.c.ratings), Id)
    of_guilds = select(standings.c.guild_id, *sums).where(standings.c.guild_id > EVERYWHERE)
    of_all = select(literal(EVERYWHERE, Integer), *sums).select_from(standings).having(func.count() > 0)
    for scope in (of_guilds.group_by(standings.c.guild_id), of_all):
        await connection.execute(insert(totals).from_select(["guild_id", "stars", "ratings"], scope))
