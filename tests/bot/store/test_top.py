"""The list of the best, held against the same list made the long way round."""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from bot.store import Ratings, Store, sums
from bot.store.schema import poems
from bot.store.top import PRIOR_WEIGHT
from tests.bot.poems import a_poem

GUILDS = (7, 8, None)
PEOPLE = range(1, 13)


async def test_one_rating_of_five_stars_does_not_pass_many_of_nearly_five(store: Store):
    one, many, middling = await store.add_poems([a_poem()] * 3, author_id=None, guild_id=7)
    await store.rate(1, one, 5)
    for person in PEOPLE:
        await store.rate(person, many, 5 if person > 1 else 4)
        await store.rate(person, middling, 3)
    assert [ranked.poem.number for ranked in await store.top(7)] == [many, one, middling]
    assert [ranked.ratings.count for ranked in await store.top(7)] == [12, 1, 12]


@pytest.mark.parametrize("chance", [random.Random(1), random.Random(2)], ids=["1", "2"])
async def test_the_best_are_those_that_a_look_at_all_finds(store: Store, chance: random.Random):
    now = datetime.now(UTC)
    given: dict[int, dict[int, int]] = defaultdict(dict)
    about: dict[int, tuple[int, int | None, int]] = {}
    for _ in range(30):
        author, guild, days = chance.choice(PEOPLE), chance.choice(GUILDS), chance.choice((1, 5, 20, 300))
        (number,) = await store.add_poems([a_poem()], author_id=author, guild_id=guild)
        about[number] = author, guild, days
        async with store._database.writing() as connection:
            written = int((now - timedelta(days=days)).timestamp())
            await connection.execute(update(poems).where(poems.c.id == number).values(created_at=written))
    for _ in range(150):
        person, number = chance.choice(PEOPLE), chance.choice(list(about))
        if chance.random() < 0.1:
            await store.unrate(person, number)
            given[number].pop(person, None)
        else:
            given[number][person] = chance.randint(1, 5)
            await store.rate(person, number, given[number][person])
    gone = chance.sample(list(about), 3)
    for number in gone:
        await store.delete_poem(number)
        del about[number], given[number]

    counted = {n: [s for person, s in given[n].items() if person != about[n][0]] for n in about if given[n]}
    for renewed in (False, True):
        for guild in (7, 8, None):
            within = {n: stars for n, stars in counted.items() if stars and guild in (None, about[n][1])}
            every = [star for stars in within.values() for star in stars]
            mean = sum(every) / len(every)
            score = {n: (PRIOR_WEIGHT * mean + sum(s)) / (PRIOR_WEIGHT + len(s)) for n, s in within.items()}
            for days in (3, 10, 100, None) if renewed else (None,):
                late = [n for n in within if days is None or about[n][2] <= days]
                best = sorted(late, key=lambda n: (-round(score[n], 9), -len(within[n]), -n))[:5]
                found = await store.top(guild, None if days is None else now - timedelta(days=days), limit=5)
                assert [ranked.poem.number for ranked in found] == best
                assert [ranked.score for ranked in found] == pytest.approx([score[n] for n in best])
                assert all(r.ratings == Ratings(r.ratings.mean, len(within[r.poem.number])) for r in found)
        async with store._database.writing() as connection:
            await sums.renew(connection)
