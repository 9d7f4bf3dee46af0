"""Favourites, the best of a server, and what is kept about a person."""

from __future__ import annotations

import json

from tests.bot.chat.conftest import numbers
from tests.bot.chat.set_type import couplet, kept
from tests.fake_discord.payloads import DIRECT_MESSAGE, SERVER

LINES = "春夏秋冬東南西北中發"


async def test_without_favourites_one_is_told_how_to_keep_some(bot):
    told = await bot.asked("favourites")
    assert told.message.ephemeral
    assert "no favourites yet" in told.texts[0]


async def test_favourites_come_in_pages(bot):
    alice, count = bot.discord.visitor("alice", DIRECT_MESSAGE), 7
    for number in await kept(bot.desk, *(couplet(LINES[i] + "前明月光疑是地上霜") for i in range(count))):
        await bot.desk.store.add_favourite(alice.person.id, number)
    shown = await (await alice.slash("favourites")).until_answered()
    first = numbers(shown)
    assert first == [7, 6, 5, 4, 3]
    await (await alice.press(shown.message, "Older")).until(lambda e: numbers(shown) == [2, 1])
    await (await alice.press(shown.message, "Newer")).until(lambda e: numbers(shown) == first)
    await (await alice.choose(shown.message, "Take one out …", "7")).until(lambda e: numbers(shown) == [6, 5, 4, 3, 2])
    shared = await (await alice.choose(shown.message, "Share one here …", "6")).until_answered()
    assert not shared.message.ephemeral
    assert numbers(shared) == [6]
    assert "Again" in shared.message.buttons


async def test_the_last_favourite_goes_and_the_page_says_so(bot):
    alice = bot.discord.visitor("alice", locale="zh-CN")
    (number,) = await kept(bot.desk)
    await bot.desk.store.add_favourite(alice.person.id, number)
    shown = await (await alice.slash("favourites")).until_answered()
    await (await alice.choose(shown.message, "取消收藏一首……", str(number))).until(
        lambda e: "还没有收藏" in shown.texts[0]
    )


async def test_all_favourites_are_exported_to_read_and_as_data(bot):
    alice = bot.discord.visitor("alice")
    for number in await kept(bot.desk, *(couplet() for _ in range(103))):
        await bot.desk.store.add_favourite(alice.person.id, number)
    shown = await (await alice.slash("favourites")).until_answered()
    exported = await (await alice.press(shown.message, "Export")).until_answered()
    assert exported.message.ephemeral
    assert len(json.loads(exported.message.files["favourites.json"])) == 103
    assert exported.message.files["favourites.txt"].decode().count("床前明月光") == 103


async def test_the_best_are_not_those_with_a_single_five(bot):
    liked, lone, other = await kept(bot.desk, couplet(), couplet("海上生明月天涯共此時"), couplet())
    for person in range(10, 40):
        await bot.desk.store.rate(person, liked, 5 if person % 4 else 4)
        await bot.desk.store.rate(person, other, 2)
    await bot.desk.store.rate(50, lone, 5)
    shown = await bot.asked("top", {"period": "ever"})
    assert numbers(shown)[0] == liked
    opened = await (await bot.discord.visitor("alice").choose(shown.message, "p1:open", "海上生明月")).until_answered()
    assert numbers(opened) == [lone]
    assert "★ 5.0 of 5 (1 rating)" in opened.texts[0]


async def test_a_server_without_stars_is_told_where_to_give_some(bot):
    assert "Nothing has stars yet" in (await bot.asked("top")).texts[0]


async def test_everything_kept_about_a_person_is_handed_out_as_a_file_and_erased(bot):
    alice = bot.discord.visitor("alice", SERVER)
    (number,) = await kept(bot.desk, author=alice.person.id)
    exported = await (await alice.slash("privacy export")).until_answered()
    assert exported.message.ephemeral
    told = json.loads(exported.message.files["lanting.json"])
    assert [poem["id"] for poem in told["poems"]] == [number]
    asked = await (await alice.slash("privacy erase")).until_answered()
    await (await alice.press(asked.message, "Keep it")).until(lambda e: "Nothing was erased" in asked.texts[0])
    assert await bot.desk.store.poem(number)
    asked = await (await alice.slash("privacy erase")).until_answered()
    await (await alice.press(asked.message, "Erase everything")).until(lambda e: "Gone: 1 poem," in asked.texts[0])
    assert await bot.desk.store.poem(number) is None
