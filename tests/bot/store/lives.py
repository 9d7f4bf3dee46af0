"""A store in which something of everything has happened."""

from __future__ import annotations

from datetime import date

from bot.store import Guild, Person, Store
from tests.bot.poems import a_poem
from vae.poem import BlendRequest, Script, WriteRequest

ANNE, BO, CHEN = 900_000_000_000_000_011, 22, 33
GUILD = 7


async def live(store: Store) -> list[int]:
    """The numbers of the poems: of Anne, Bo, Anne again (deleted), and nobody (the daily one)."""
    await store.save_person(Person(id=ANNE, locale="zh-TW", script=Script.HANT))
    await store.save_guild(Guild(id=GUILD, locale="ja", daily_channel_id=5, time_zone="Asia/Tokyo", writer_role_id=6))
    (annes,) = await store.add_poems(
        [a_poem(WriteRequest(seed='\0只有安妮\n知道\ud7ff𠀀"\\'))],
        author_id=ANNE,
        guild_id=GUILD,
        channel_id=3,
        codes=[b"\0\xff"],
    )
    (bos,) = await store.add_poems([a_poem(BlendRequest(a="明月", b="流水"))], author_id=BO)
    (daily,) = await store.add_poems([a_poem()], author_id=None, guild_id=GUILD)
    (gone,) = await store.add_poems([a_poem()], author_id=ANNE)
    await store.set_message(annes, 1234, 3)
    for person, number, stars in ((BO, annes, 5), (CHEN, annes, 2), (ANNE, annes, 1), (ANNE, bos, 4), (CHEN, gone, 3)):
        await store.rate(person, number, stars)
    for person, number in ((ANNE, annes), (BO, annes), (CHEN, daily), (ANNE, bos)):
        await store.add_favourite(person, number)
    await store.claim_daily(GUILD, date(2026, 3, 1))
    await store.daily_posted(GUILD, date(2026, 3, 1), daily, 77)
    await store.erase_person(44)
    await store.delete_poem(gone)
    return [annes, bos, gone, daily]
