"""What processes share: nobody draws more than there is, whichever process they ask."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.service.quota import Allowance, OwnBuckets
from bot.store import Store
from bot.store.schema import person_quotas

START = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("seed", range(3))
async def test_buckets_in_the_store_are_those_in_memory(seed: int, store: Store):
    dice, now, allowance = random.Random(seed), 0.0, Allowance(burst=6, per_minute=15)
    memory = OwnBuckets(lambda: now)
    cost, answers = timedelta(seconds=allowance.seconds(1)), Counter()
    for _ in range(60):
        now += dice.choice((0, 0.25, 1, 2, 9))
        person, poems = dice.randrange(1, 4), dice.randrange(1, 5)
        moment = START + timedelta(seconds=now)
        wait = await store.draw_quota(person, poems * cost, allowance.burst * cost, moment)
        assert wait == pytest.approx(await memory.draw(person, poems, allowance), abs=1e-4)
        answers[wait > 0] += 1
    assert min(answers.values()) > 5


async def test_of_many_that_draw_at_once_as_many_get_it_as_there_is(where: Path | str):
    stores = await asyncio.gather(*(Store.open(where) for _ in range(2)))
    draws = [store.draw_quota(1, 60 * SECOND, 600 * SECOND) for store in stores for _ in range(15)]
    waits = await asyncio.gather(*draws)
    assert waits.count(0) == 10
    assert all(0 < wait <= 60 for wait in waits if wait)
    await asyncio.gather(*(store.close() for store in stores))


async def test_people_whose_buckets_are_full_are_forgotten(store: Store):
    async def known() -> int:
        async with store._database.reading() as connection:
            return (await connection.execute(select(func.count()).select_from(person_quotas))).scalar_one()

    for person in range(1, 21):
        await store.draw_quota(person, SECOND, 60 * SECOND, START)
    assert await known() == 20
    await store.draw_quota(99, SECOND, 60 * SECOND, START + SECOND)
    assert await known() == 1


async def test_crowds_in_two_processes_never_wait_for_each_other_for_ever(where: Path | str):
    """Each draw finds buckets to forget that others are drawing from."""
    stores = await asyncio.gather(*(Store.open(where) for _ in range(2)))
    millisecond = timedelta(milliseconds=1)
    draws = [
        store.draw_quota(person, millisecond, SECOND) for _ in range(5) for store in stores for person in range(1, 21)
    ]
    assert set(await asyncio.gather(*draws)) == {0.0}
    await asyncio.gather(*(store.close() for store in stores))


async def test_a_shard_of_each_bucket_may_identify_in_five_seconds(store: Store):
    for seconds, bucket, wait in ((0, 0, 0), (0, 1, 0), (2, 0, 3), (2, 0, 3), (5, 0, 0), (5.5, 1, 0), (6, 0, 4)):
        assert await store.draw_identify(bucket, START + seconds * SECOND) == pytest.approx(wait)


async def test_the_time_is_the_databases(store: Store):
    assert await store.draw_identify(0) == 0
    assert 4 < await store.draw_identify(0) <= 5
