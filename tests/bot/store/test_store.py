"""What a person can have kept, judged and taken back, on each database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.errors import NoSuchPoem
from bot.store import Due, Erased, Guild, Person, Ratings, Store
from tests.bot.poems import a_poem
from vae.poem import Script, WriteRequest

ANNE, BO, CHEN = 11, 22, 33
GUILD, OTHER_GUILD = 7, 8


async def written(store: Store, author: int | None = ANNE, count: int = 1, guild: int | None = GUILD) -> list[int]:
    return await store.add_poems([a_poem(random_seed=n) for n in range(count)], author_id=author, guild_id=guild)


async def test_a_poem_knows_its_code_and_where_it_was_posted(store: Store):
    number, plain = await store.add_poems([a_poem(), a_poem()], author_id=ANNE, codes=[b"\x00\x01", None])
    assert (await store.code(number), await store.code(plain), await store.code(99)) == (b"\x00\x01", None, None)
    assert await store.set_message(number, 1234, 5)
    assert await store.set_message(plain, 1234, 5)
    assert not await store.set_message(99, 1234, 5)
    assert [poem.number for poem in await store.poems_of_message(1234)] == [number, plain]
    assert (await store.poem(number)).channel_id == 5
    assert await store.poems_of_message(1) == ()


async def test_pages_hold_every_poem_once_the_newest_first(store: Store):
    numbers = await written(store, count=23)
    await written(store, BO, count=2)
    pages = [await store.poems_of(ANNE, page) for page in (1, 2, 3, 4)]
    assert [poem.number for page in pages for poem in page.items] == numbers[::-1]
    assert {(page.total, page.pages, page.size) for page in pages} == {(23, 3, 10)}
    assert (await store.poems_of(ANNE, 10**30)).items == ()
    assert (await store.poems_of(CHEN)).pages == 1


async def test_recent_seeds_are_offered_once_the_newest_first(store: Store):
    for seed in ("明月", "春風", None, "", "明月", "長" * 500, "秋\0水"):
        await store.add_poems([a_poem(WriteRequest(seed=seed))], author_id=ANNE)
    assert await store.recent_seeds(ANNE) == ("秋水", "長" * 400, "明月", "春風")
    assert await store.recent_seeds(ANNE, limit=1) == ("秋水",)
    assert await store.recent_seeds(BO) == ()


async def test_a_favourite_is_kept_once_and_let_go_once(store: Store):
    first, second = await written(store, count=2)
    assert await store.add_favourite(BO, first)
    assert not await store.add_favourite(BO, first)
    assert await store.add_favourite(BO, second)
    assert await store.favourite_count(first) == 1
    assert {poem.number for poem in (await store.favourites(BO)).items} == {first, second}
    assert (await store.favourites(ANNE)).total == 0
    assert await store.remove_favourite(BO, first)
    assert not await store.remove_favourite(BO, first)
    assert [poem.number for poem in (await store.favourites(BO)).items] == [second]


@pytest.mark.parametrize("number", [0, -1, 99, 2**63, 2**80])
async def test_what_is_not_there_is_neither_kept_nor_rated(store: Store, number: int):
    with pytest.raises(NoSuchPoem, match=str(number)):
        await store.add_favourite(ANNE, number)
    with pytest.raises(NoSuchPoem):
        await store.rate(ANNE, number, 5)
    assert not await store.remove_favourite(ANNE, number)
    assert not await store.delete_poem(number)
    assert await store.poem(number) is None
    assert await store.code(number) is None
    assert await store.ratings(number) == Ratings(None, 0)
    assert await store.rating_of(ANNE, number) is None
    assert await store.favourite_count(number) == 0


async def test_a_person_has_one_rating_of_a_poem_and_may_change_it(store: Store):
    (number,) = await written(store)
    assert await store.rate(BO, number, 2) == Ratings(2, 1)
    assert await store.rate(BO, number, 4) == await store.rate(BO, number, 4) == Ratings(4, 1)
    assert await store.rate(CHEN, number, 5) == Ratings(4.5, 2)
    assert await store.rating_of(BO, number) == 4
    assert await store.unrate(BO, number) == await store.unrate(BO, number) == Ratings(5, 1)
    assert await store.unrate(CHEN, number) == await store.ratings(number) == Ratings(None, 0)


async def test_an_authors_own_stars_are_kept_and_do_not_count(store: Store):
    (number,) = await written(store)
    assert await store.rate(ANNE, number, 5) == Ratings(None, 0)
    assert await store.rating_of(ANNE, number) == 5
    assert await store.top(GUILD) == ()


@pytest.mark.parametrize("stars", [0, 6, -1])
async def test_stars_are_one_to_five(store: Store, stars: int):
    (number,) = await written(store)
    with pytest.raises(ValueError):
        await store.rate(BO, number, stars)


async def test_settings_are_the_defaults_until_they_are_saved(store: Store):
    assert await store.person(ANNE) == Person(id=ANNE)
    assert await store.guild(GUILD) == Guild(id=GUILD)
    for locale, script in (("zh-TW", Script.HANT), (None, None)):
        person = Person(id=ANNE, locale=locale, script=script)
        guild = Guild(id=GUILD, locale=locale, script=script, daily_channel_id=5, writer_role_id=6, enabled=False)
        await store.save_person(person)
        await store.save_guild(guild)
        assert (await store.person(ANNE), await store.guild(GUILD)) == (person, guild)
    assert await store.forget_guild(GUILD)
    assert not await store.forget_guild(GUILD)
    assert await store.guild(GUILD) == Guild(id=GUILD)


async def test_a_daily_poem_is_due_from_its_hour_where_the_server_is(store: Store):
    shanghai = Guild(id=GUILD, daily_channel_id=5, daily_hour=8, time_zone="Asia/Shanghai")
    await store.save_guild(shanghai)
    await store.save_guild(Guild(id=OTHER_GUILD))
    await store.save_guild(Guild(id=9, daily_channel_id=5, enabled=False))
    day = datetime(2026, 3, 1, tzinfo=UTC)
    assert await store.due_guilds(day - timedelta(seconds=1)) == ()
    assert (
        await store.due_guilds(day) == await store.due_guilds(day + timedelta(hours=5)) == (Due(shanghai, day.date()),)
    )
    assert await store.due_guilds(day + timedelta(hours=6)) == ()


async def test_a_daily_hour_before_midnight_reaches_past_it(store: Store):
    late = Guild(id=GUILD, daily_channel_id=5, daily_hour=23)
    await store.save_guild(late)
    after = datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert await store.due_guilds(after) == (Due(late, date(2026, 3, 1)),)
    assert await store.claim_daily(GUILD, date(2026, 3, 1))
    assert await store.due_guilds(after) == ()


async def test_a_daily_poem_is_claimed_once_and_given_back_only_unposted(store: Store):
    day = date(2026, 3, 1)
    await store.save_guild(Guild(id=GUILD, daily_channel_id=5))
    assert await store.claim_daily(GUILD, day)
    assert not await store.claim_daily(GUILD, day)
    assert await store.release_daily(GUILD, day)
    assert await store.claim_daily(GUILD, day)
    (number,) = await written(store, author=None)
    await store.daily_posted(GUILD, day, number, 1234)
    assert not await store.release_daily(GUILD, day)
    assert (await store.daily_poem(GUILD, day)).number == number
    assert await store.delete_poem(number)
    posted = await store.daily_poem(GUILD, day)
    assert (posted.number, posted.message_id) == (None, 1234)
    assert await store.daily_poem(GUILD, day + timedelta(days=1)) is None


async def test_erasing_leaves_what_others_keep_without_its_author(store: Store):
    secret = a_poem(WriteRequest(seed="只有安妮知道", acrostic="安妮安妮", script=Script.HANT, candidates=4))
    kept, gone = await store.add_poems([secret, secret], author_id=ANNE, guild_id=GUILD, channel_id=3)
    (bos,) = await written(store, BO)
    await store.add_favourite(BO, kept)
    await store.add_favourite(ANNE, gone)
    await store.rate(ANNE, bos, 1)
    await store.rate(CHEN, bos, 4)
    await store.rate(CHEN, gone, 5)
    assert await store.erase_person(ANNE) == Erased(1, 1, 1, 1)
    assert await store.poem(gone) is None
    (favourite,) = (await store.favourites(BO)).items
    assert (favourite.number, favourite.poem.lines) == (kept, secret.lines)
    assert (favourite.author_id, favourite.channel_id) == (None, None)
    assert "安妮" not in favourite.poem.recipe.to_json()
    assert await store.ratings(bos) == Ratings(4, 1)
    assert all(rows == [] for rows in (await store.export_person(ANNE)).values())
    assert await store.erase_person(ANNE) == Erased(0, 0, 0, 0)
