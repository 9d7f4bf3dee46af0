"""How long each question takes in a store of a size that few bots reach."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from statistics import median

from rich.progress import Progress

from bot.store import sums
from bot.store.poems import row
from bot.store.store import Store
from vae.poem import Form, Poem, Recipe, WriteRequest

GUILDS = 2_000
PERIOD_S = 365 * 86_400
"""The poems are spread over a year."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Milliseconds a call. cpu: the mean of the processor's time, which other programs on the machine leave alone."""

    question: str
    cpu: float
    median: float
    p99: float
    worst: float


class Crowd:
    """Who writes, where, and who rates it: a few authors and servers have most of it (Zipf's law)."""

    def __init__(self, poems: int, ratings: int) -> None:
        self.random = random.Random(7)
        self.poems = poems
        self.people = max(10, poems // 5)
        self.now = int(time.time())
        self._mean = ratings / poems
        self._authors = list(accumulate(1 / rank for rank in range(1, self.people + 1)))
        self._guilds = list(accumulate(1 / rank for rank in range(1, GUILDS + 1)))

    def author(self) -> int:
        return self.random.choices(range(1, self.people + 1), cum_weights=self._authors)[0]

    def guild(self) -> int:
        return self.random.choices(range(1, GUILDS + 1), cum_weights=self._guilds)[0]

    def number(self) -> int:
        return self.random.randint(1, self.poems)

    def people_who(self, mean: float) -> set[int]:
        many = min(int(self.random.expovariate(1 / mean) + 0.5), self.people)
        return {self.random.randint(1, self.people) for _ in range(many)}

    def written(self) -> Iterator[dict[str, object]]:
        """The rows of `poems`, the oldest first."""
        lines = ("床前明月光", "疑是地上霜", "舉頭望明月", "低頭思故鄉")
        for number in range(self.poems):
            request = WriteRequest(seed=f"明月{number % 977}")
            recipe = Recipe(model="0123456789ab", random_seed=number, request=request)
            created_at = self.now - PERIOD_S + PERIOD_S * number // self.poems
            values = {"author_id": self.author(), "guild_id": self.guild(), "created_at": created_at}
            yield row(Poem(lines, Form.WUJUE, recipe)) | values

    def rated(self) -> Iterator[tuple[int, int, int, int]]:
        """The rows of `ratings`; each poem has a quality of its own."""
        for number in range(1, self.poems + 1):
            quality = self.random.uniform(2, 4.5)
            for person in sorted(self.people_who(self._mean)):
                stars = min(5, max(1, round(self.random.gauss(quality, 1))))
                yield number, person, stars, self.now

    def kept(self) -> Iterator[tuple[int, int, int]]:
        """The rows of `favourites`: one for two poems."""
        for number in range(1, self.poems + 1):
            for person in self.people_who(0.5):
                yield person, number, self.now - self.random.randrange(PERIOD_S)


async def build(path: Path, poems: int, ratings: int, progress: Progress) -> Crowd:
    """Makes a database of this size in a file that is not there yet."""
    store = await Store.open(path)
    crowd = Crowd(poems, ratings)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")  # nobody minds a benchmark's database half built
        database.execute("PRAGMA cache_size = -1000000")
        database.execute("BEGIN")
        database.executemany("INSERT INTO people (id) VALUES (?)", ((n,) for n in range(1, crowd.people + 1)))
        database.executemany(
            "INSERT INTO guilds (id, daily_channel_id, daily_hour, time_zone, enabled) VALUES (?, ?, ?, 'UTC', 1)",
            ((n, n if n % 10 == 0 else None, n % 24) for n in range(1, GUILDS + 1)),
        )
        fields = ("poem_id", "form", "lines", "recipe", "seed", "author_id", "guild_id", "created_at")
        named = ", ".join(fields), ", ".join(f":{field}" for field in fields)
        database.executemany(
            f"INSERT INTO poems ({named[0]}) VALUES ({named[1]})",  # noqa: S608 - our own words
            progress.track(crowd.written(), total=poems, description="poems"),
        )
        database.executemany(
            "INSERT INTO ratings (poem_id, person_id, stars, rated_at) VALUES (?, ?, ?, ?)",
            progress.track(crowd.rated(), total=ratings, description="ratings"),
        )
        database.executemany(
            "INSERT INTO favourites (person_id, poem_id, created_at) VALUES (?, ?, ?)",
            progress.track(crowd.kept(), total=poems // 2, description="favourites"),
        )
        database.execute("COMMIT")
    async with store._database.writing() as connection:
        await sums.renew(connection)
    await store.close()
    return crowd


async def timed(path: Path, crowd: Crowd, calls: int, progress: Progress) -> list[Timed]:
    """Each question asked `calls` times, about the biggest as about any."""
    store = await Store.open(path)
    try:
        return [await _time(name, ask, calls, progress) for name, ask in _questions(store, crowd).items()]
    finally:
        await store.close()


@dataclass(frozen=True, slots=True)
class Crowded:
    """What many writers at once got done. p99, worst: milliseconds that one waited for its write."""

    writes: int
    seconds: float
    p99: float
    worst: float


async def crowded(path: Path, writers: int, seconds: float) -> Crowded:
    """So many people rate poems at once, each waiting for one write before the next, in two stores on one
    file as two programs would have them. Raises StoreError where one is refused."""
    stores = [await Store.open(path) for _ in range(2)]
    took: list[float] = []
    try:
        poem = Poem(("床前明月光",), Form.COUPLET, Recipe(model="0", random_seed=1, request=WriteRequest()))
        numbers = await stores[0].add_poems([poem] * writers, author_id=None)
        begun = time.perf_counter()

        async def write(person: int) -> None:
            store = stores[person % 2]
            while (now := time.perf_counter()) - begun < seconds:
                await store.rate(person, numbers[len(took) % writers], 1 + len(took) % 5)
                took.append((time.perf_counter() - now) * 1000)

        await asyncio.gather(*(write(person) for person in range(1, writers + 1)))
        lasted = time.perf_counter() - begun
    finally:
        for store in stores:
            await store.close()
    took.sort()
    return Crowded(len(took), lasted, took[int(len(took) * 0.99)], took[-1])


def _questions(store: Store, crowd: Crowd) -> Mapping[str, Callable[[], Awaitable[object]]]:
    def ago(days: int) -> datetime:
        return datetime.now(UTC) - timedelta(days=days)

    return {
        "poem": lambda: store.poem(crowd.number()),
        "poem_by_id": lambda: store.poem_by_id("0123456789ab"),
        "poems_of the busiest author": lambda: store.poems_of(1),
        "poems_of any author": lambda: store.poems_of(crowd.author()),
        "recent_seeds": lambda: store.recent_seeds(crowd.author()),
        "favourites": lambda: store.favourites(crowd.author()),
        "favourite_count": lambda: store.favourite_count(crowd.number()),
        "ratings": lambda: store.ratings(crowd.number()),
        "top everywhere, ever": store.top,
        "top everywhere, 90 days": lambda: store.top(since=ago(90)),
        "top everywhere, 30 days": lambda: store.top(since=ago(30)),
        "top everywhere, 7 days": lambda: store.top(since=ago(7)),
        "top of the biggest server, ever": lambda: store.top(1),
        "top of the biggest server, 30 days": lambda: store.top(1, ago(30)),
        "top of the biggest server, 7 days": lambda: store.top(1, ago(7)),
        "top of any server, ever": lambda: store.top(crowd.guild()),
        "due_guilds": store.due_guilds,
        "export_person": lambda: store.export_person(crowd.random.randint(1000, crowd.people)),
        "rate": lambda: store.rate(crowd.author(), crowd.number(), crowd.random.randint(1, 5)),
        "add_favourite": lambda: store.add_favourite(crowd.author(), crowd.number()),
    }


async def _time(name: str, ask: Callable[[], Awaitable[object]], calls: int, progress: Progress) -> Timed:
    await ask()
    took = []
    cpu = time.process_time()
    for _ in progress.track(range(calls), description=name):
        begun = time.perf_counter()
        await ask()
        took.append((time.perf_counter() - begun) * 1000)
    cpu = (time.process_time() - cpu) * 1000 / calls
    took.sort()
    return Timed(name, cpu, median(took), took[int(len(took) * 0.99)], took[-1])
