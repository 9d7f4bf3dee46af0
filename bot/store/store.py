"""Store: what people made, kept and judged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self

from sqlalchemy import text

from bot.errors import StoreUnwritable
from bot.store import buckets, daily, favourites, guilds, people, poems, privacy, ratings, top
from bot.store.copies import fold_journal
from bot.store.database import Database, sqlite_file
from bot.store.migrate import upgrade
from bot.store.postgres import server
from bot.store.records import (
    DailyPoem,
    Due,
    Erased,
    Exported,
    Guild,
    Page,
    Person,
    Ranked,
    Ratings,
    StoredPoem,
)
from vae.poem import Poem

PAGE = 10


class Store:
    """One database. Every method raises StoreError where it cannot be used.

    What a method says it wrote is on the disk when it returns, save new poems: those outlive the program's end, but a
    power cut may take the last seconds of them (SQLite's `synchronous` is NORMAL for them and FULL for all else).
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    async def open(cls, where: Path | str) -> Self:
        """An SQLite file, made with its folder where there is none, or the URL of a PostgreSQL database.

        The schema is brought up to date under a lock, after a copy of an SQLite file beside it (`lanting.db.at-0001`).
        Raises StoreNewer or StoreForeign, and nothing was touched.
        """
        if isinstance(where, Path):
            _make_folder(where)
        store = cls(sqlite_file(where) if isinstance(where, Path) else server(where))
        database = store._database
        try:
            async with database.writing() as connection:
                await connection.run_sync(upgrade, database.name, database.file)
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        await self._database.close()

    async def check_writable(self) -> None:
        """Writes, and leaves all as it was."""
        async with self._database.writing_soon() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = version_num"))

    # Poems

    async def add_poems(
        self,
        written: Sequence[Poem],
        *,
        author_id: int | None,
        guild_id: int | None = None,
        channel_id: int | None = None,
        codes: Sequence[bytes | None] | None = None,
    ) -> list[int]:
        """Stores all or none; the numbers they got, in their order.

        author_id: None where nobody asked. codes: each poem's latent code, little-endian float32, where it is known.
        """
        place = {"guild_id": guild_id, "channel_id": channel_id}
        async with self._database.writing_soon() as connection:
            return await poems.add(connection, written, codes or [None] * len(written), author_id, place)

    async def poem(self, number: int) -> StoredPoem | None:
        async with self._database.reading() as connection:
            return await poems.by_number(connection, number)

    async def poem_by_id(self, poem_id: str) -> StoredPoem | None:
        """The first poem written with this `Poem.id`."""
        async with self._database.reading() as connection:
            return await poems.by_id(connection, poem_id)

    async def poems_of_message(self, message_id: int) -> tuple[StoredPoem, ...]:
        """What was posted in a Discord message, in the order of writing; a blend's message has several."""
        async with self._database.reading() as connection:
            return await poems.by_message(connection, message_id)

    async def code(self, number: int) -> bytes | None:
        """The latent code that `add_poems` was given."""
        async with self._database.reading() as connection:
            return await poems.code(connection, number)

    async def poems_of(self, author_id: int, page: int = 1, size: int = PAGE) -> Page[StoredPoem]:
        """A person's poems, the newest first; a page past the end is empty."""
        async with self._database.reading() as connection:
            return await poems.of_author(connection, author_id, page, size)

    async def recent_seeds(self, author_id: int, limit: int = 25) -> tuple[str, ...]:
        """What a person typed for their last poems, each once, the newest first, at most 400 characters of it."""
        async with self._database.reading() as connection:
            return await poems.recent_seeds(connection, author_id, limit)

    async def set_message(self, number: int, message_id: int, channel_id: int | None) -> bool:
        """Where a poem was posted; False where there is no such poem."""
        async with self._database.writing_soon() as connection:
            return await poems.set_message(connection, number, message_id, channel_id)

    async def delete_poem(self, number: int) -> bool:
        """The poem, with everybody's stars and favourites of it; False where there is none. Its number stays unused."""
        async with self._database.writing() as connection:
            return await privacy.delete_poem(connection, number)

    # Favourites

    async def add_favourite(self, person: int, number: int) -> bool:
        """False where the person keeps it already. Raises NoSuchPoem."""
        async with self._database.writing() as connection:
            return await favourites.add(connection, person, number)

    async def remove_favourite(self, person: int, number: int) -> bool:
        """False where the person does not keep it."""
        async with self._database.writing() as connection:
            return await favourites.remove(connection, person, number)

    async def favourites(self, person: int, page: int = 1, size: int = PAGE) -> Page[StoredPoem]:
        """What a person keeps, the last kept first; a page past the end is empty."""
        async with self._database.reading() as connection:
            return await favourites.of_person(connection, person, page, size)

    async def keeps(self, person: int, number: int) -> bool:
        """Whether the poem is among a person's favourites."""
        async with self._database.reading() as connection:
            return await favourites.keeps(connection, person, number)

    async def favourite_count(self, number: int) -> int:
        """How many people keep the poem."""
        async with self._database.reading() as connection:
            return await favourites.of_poem(connection, number)

    # Ratings

    async def rate(self, person: int, number: int, stars: int) -> Ratings:
        """One rating a person and poem, 1 to 5; another takes its place. What the poem stands at after it.

        An author's stars for a poem of their own are kept and do not count. Raises NoSuchPoem, ValueError.
        """
        async with self._database.writing() as connection:
            return await ratings.rate(connection, person, number, stars)

    async def unrate(self, person: int, number: int) -> Ratings:
        """Takes a rating back, where there was one. Raises NoSuchPoem."""
        async with self._database.writing() as connection:
            return await ratings.rate(connection, person, number, None)

    async def ratings(self, number: int) -> Ratings:
        async with self._database.reading() as connection:
            return await ratings.of_poem(connection, number)

    async def rating_of(self, person: int, number: int) -> int | None:
        """The stars that a person gave."""
        async with self._database.reading() as connection:
            return await ratings.of_person(connection, person, number)

    async def top(
        self, guild_id: int | None = None, since: datetime | None = None, limit: int = PAGE
    ) -> tuple[Ranked, ...]:
        """The best rated poems of a server, or of everywhere, written since a moment, or ever; the best first.

        By a Bayesian average whose prior is the mean of all stars in that server (see `bot.store.top`).
        """
        moment = int(datetime.now(UTC).timestamp())
        async with self._database.reading() as connection:
            return await top.best(connection, guild_id, since, moment, limit)

    # People and servers

    async def person(self, person: int) -> Person:
        """Their settings, the defaults for somebody unknown."""
        async with self._database.reading() as connection:
            return await people.settings(connection, person)

    async def save_person(self, person: Person) -> None:
        async with self._database.writing() as connection:
            await people.save(connection, person)

    async def guild(self, guild_id: int) -> Guild:
        """Its settings, the defaults for one unknown."""
        async with self._database.reading() as connection:
            return await guilds.settings(connection, guild_id)

    async def save_guild(self, guild: Guild) -> None:
        async with self._database.writing() as connection:
            await guilds.save(connection, guild)

    async def forget_guild(self, guild_id: int) -> bool:
        """Its settings and which poems were its daily ones; poems stay. False where nothing was known of it."""
        async with self._database.writing() as connection:
            return await guilds.forget(connection, guild_id)

    # Daily poems

    async def due_guilds(self, moment: datetime | None = None) -> tuple[Due, ...]:
        """Servers whose daily poem may be posted at this moment and is not claimed; up to six hours after its hour."""
        async with self._database.reading() as connection:
            return await daily.due(connection, moment or datetime.now(UTC))

    async def claim_daily(self, guild_id: int, day: date) -> bool:
        """True for one caller only, whichever program it is in: that one posts the day's poem.

        A program that dies between claim and post leaves that day without a poem, rather than with two.
        The server must have been saved.
        """
        async with self._database.writing() as connection:
            return await daily.claim(connection, guild_id, day)

    async def release_daily(self, guild_id: int, day: date) -> bool:
        """Gives a claim back where the poem could not be posted, so that it is due again; False where it was posted."""
        async with self._database.writing() as connection:
            return await daily.release(connection, guild_id, day)

    async def daily_posted(self, guild_id: int, day: date, number: int, message_id: int) -> None:
        async with self._database.writing() as connection:
            await daily.posted(connection, guild_id, day, number, message_id)

    async def daily_poem(self, guild_id: int, day: date) -> DailyPoem | None:
        async with self._database.reading() as connection:
            return await daily.of_day(connection, guild_id, day)

    # What the processes of one bot share

    async def draw_quota(self, person: int, cost: timedelta, burst: timedelta, moment: datetime | None = None) -> float:
        """Draws from the person's bucket, which holds `burst` and fills as time goes.

        0 where it had so much; otherwise the seconds until it has, and nothing is drawn. moment: now, by the database's
        own clock where it is None. Buckets that are full again are forgotten.
        """
        async with self._database.writing_soon() as connection:
            return await buckets.draw_person(connection, person, cost, burst, moment)

    async def draw_identify(self, bucket: int, moment: datetime | None = None) -> float:
        """0: a shard of this bucket of Discord's may identify now, and no other for five seconds. Otherwise the seconds
        until one may."""
        async with self._database.writing_soon() as connection:
            return await buckets.draw_identify(connection, bucket, moment)

    # A person's rights

    async def export_person(self, person: int) -> Exported:
        """Everything that names the person, ready for `json.dumps`."""
        async with self._database.reading() as connection:
            return await privacy.export(connection, person)

    async def erase_person(self, person: int) -> Erased:
        """Forgets a person. Their poems go, save those that others keep: these stay without author and typed text.

        SQLite overwrites what is deleted. Copies that were made before hold it still.
        """
        async with self._database.writing() as connection:
            erased = await privacy.erase(connection, person)
        if self._database.file is not None:
            await asyncio.to_thread(fold_journal, self._database.file)
        return erased


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"the folder {file.parent} cannot be made ({error.strerror})"
        raise StoreUnwritable(path=file, reason=reason) from error
