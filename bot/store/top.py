"""The best poems, by a Bayesian average.

    score = (w * m + stars) / (w + ratings)

m is the mean of all stars that count in the scope (a server, or everywhere), w how many ratings that prior weighs: a poem
with one rating of five stars does not pass one with a hundred of 4.8. The prior moves with every rating, so no score can
be kept in an index; what can is (ratings, stars), and among poems with as many ratings the one with more stars is better.
So the best k of each number of ratings, which an index has in order, hold the best k of all; numbers of ratings are few.
Of equals the newest come first, so that a list of late poems need not pass by all the early ones.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, Select, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.poems import SHOWN, stored
from bot.store.ratings import EVERYWHERE
from bot.store.records import Ranked, Ratings
from bot.store.schema import poems, standings, totals

PRIOR_WEIGHT = 5.0
"""Ratings that the prior counts as."""

BRIEF_S = 8 * 86_400
"""Seconds of a period so short that all its poems are looked at; in a longer one the best are looked up."""


async def best(
    connection: AsyncConnection, guild_id: int | None, since: datetime | None, moment: int, limit: int
) -> tuple[Ranked, ...]:
    mean = await _mean(connection, EVERYWHERE if guild_id is None else guild_id)
    begin = 0 if since is None else int(since.timestamp())
    chosen = _of_brief_period(guild_id, begin) if moment - begin <= BRIEF_S else _of_long_period(guild_id, begin, limit)
    candidates = chosen.subquery()
    score = (PRIOR_WEIGHT * mean + candidates.c.stars) / (PRIOR_WEIGHT + candidates.c.ratings)
    ranked = (
        select(candidates, score.label("score"))
        .order_by(score.desc(), candidates.c.ratings.desc(), candidates.c.poem_id.desc())
        .limit(limit)
        .subquery()
    )
    listed = (
        select(*SHOWN, ranked.c.stars, ranked.c.ratings, ranked.c.score)
        .join_from(ranked, poems, poems.c.id == ranked.c.poem_id)
        .order_by(ranked.c.score.desc(), ranked.c.ratings.desc(), ranked.c.poem_id.desc())
    )
    return tuple(
        Ranked(stored(row), row["score"], Ratings(row["stars"] / row["ratings"], row["ratings"]))
        for row in (await connection.execute(listed)).mappings()
    )


async def _mean(connection: AsyncConnection, scope: int) -> float:
    total = select(totals.c.stars, totals.c.ratings).where(totals.c.guild_id == scope, totals.c.ratings > 0)
    found = (await connection.execute(total)).first()
    return 0.0 if found is None else found.stars / found.ratings


def _of_brief_period(guild_id: int | None, begin: int) -> Select[tuple[int, int, int]]:
    where = _in(guild_id), standings.c.created_at >= begin
    return select(standings.c.poem_id, standings.c.stars, standings.c.ratings).where(*where)


def _of_long_period(guild_id: int | None, begin: int, limit: int) -> Select[tuple[int, int, int]]:
    most = func.max(standings.c.ratings)
    numbers = select(most.label("ratings")).where(_in(guild_id)).cte("numbers", recursive=True)
    fewer = select(most).where(_in(guild_id), standings.c.ratings < numbers.c.ratings).scalar_subquery()
    numbers = numbers.union_all(select(fewer).where(numbers.c.ratings.is_not(None)))
    same = standings.alias("same")
    # A sum, which no index has: by the index of times the best would have to be sorted out of all.
    late_enough = same.c.created_at + 0 >= begin
    best_of_number = (
        select(same.c.poem_id)
        .where(_in(guild_id, same), same.c.ratings == numbers.c.ratings, late_enough)
        .order_by(same.c.stars.desc(), same.c.poem_id.desc())
        .limit(limit)
        .correlate(numbers)
    )
    return select(standings.c.poem_id, standings.c.stars, standings.c.ratings).join_from(
        numbers, standings, standings.c.poem_id.in_(best_of_number)
    )


def _in(guild_id: int | None, table: FromClause = standings) -> ColumnElement[bool]:
    return true() if guild_id is None else table.c.guild_id == guild_id
