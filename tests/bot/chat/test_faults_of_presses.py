"""Something goes wrong while a button, a modal or a completion is answered: what the person sees, and that nothing is lost."""

from __future__ import annotations

import re
import sqlite3

import pytest

from tests.bot.chat.conftest import numbers, on_discord
from tests.bot.chat.set_type import posted
from tests.bot.chat.test_faults import LASTING, PASSING
from tests.fake_discord import dropped, failing

CODE = re.compile(r"the code ([0-9a-f]{6})\.")
passing = pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
lasting = pytest.mark.parametrize("fault", LASTING.values(), ids=LASTING.keys())


def assert_coded(said: str, exchange, caplog) -> None:
    assert f"error {CODE.search(said)[1]} in interaction {exchange.id}" in caplog.text


@passing
@pytest.mark.parametrize("operation", ["callback", "edit_message"])
async def test_a_passing_fault_of_a_press_is_not_noticed(operation, fault, bot):
    alice = bot.discord.visitor("alice")
    number, message = await posted(bot.discord, bot.desk)
    bot.discord.faults.add(operation, fault)
    told = await (await alice.press(message, "Favourite")).until_answered()
    assert "Kept" in told.texts[0]
    assert [poem.number for poem in (await bot.desk.store.favourites(alice.person.id)).items] == [number]


@lasting
async def test_a_press_whose_answer_discord_will_not_take_is_told_with_a_code(fault, bot, caplog):
    alice = bot.discord.visitor("alice")
    number, message = await posted(bot.discord, bot.desk)
    bot.discord.faults.add("edit_message", fault, times=5 if fault is LASTING["500"] else 1)
    told = await (await alice.press(message, "Favourite")).until_answered()
    assert_coded(told.texts[0], told, caplog)
    assert (await bot.desk.store.favourites(alice.person.id)).items[0].number == number


async def test_a_message_is_not_deleted_in_vain(bot, caplog):
    """The poem is gone from the store, the message is not: its presser hears of it, and its buttons say what is so."""
    alice = bot.discord.visitor("alice")
    number, message = await posted(bot.discord, bot.desk, author=alice.person.id)
    bot.discord.faults.add("delete_message", failing(403))
    told = await (await alice.press(message, "Delete")).until(lambda e: e.follow_ups)
    assert_coded(told.follow_ups[0].everything, told, caplog)
    assert not message.deleted
    again = await (await alice.press(message, "Reading")).until_answered()
    assert again.texts == [f"There is no poem No. {number}."]


async def test_a_database_that_fails_under_a_press_is_told_with_a_code(bot, settings, caplog):
    alice = bot.discord.visitor("alice", locale="zh-TW")
    _, message = await posted(bot.discord, bot.desk)
    with sqlite3.connect(settings.database) as database:
        database.execute("ALTER TABLE poems RENAME TO verses")
    told = await (await alice.press(message, "Reading")).until_answered()
    code = re.search(r"代碼 ([0-9a-f]{6}) ", told.texts[0])[1]
    assert f"error {code} in interaction {told.id}" in caplog.text
    assert str(settings.database) not in told.texts[0]


async def test_a_modal_whose_line_breaks_is_answered_all_the_same(bot):
    alice = bot.discord.visitor("alice")
    _, message = await posted(bot.discord, bot.desk)
    asked = await (await alice.press(message, "Blend with …")).until(lambda e: e.modal)
    bot.discord.faults.add("callback", dropped())
    bot.discord.faults.add("edit_message", dropped())
    walk = await (await alice.submit(asked, {"line": "大漠孤煙直", "steps": "2"})).until_answered()
    assert len(numbers(walk)) == 2


async def test_a_completion_that_fails_offers_nothing_and_is_logged(bot, settings, caplog):
    alice = bot.discord.visitor("alice")
    with sqlite3.connect(settings.database) as database:
        database.execute("ALTER TABLE poems RENAME TO verses")
    offered = await (await alice.complete("poem", "seed", "明")).until(lambda e: e.choices is not None)
    assert offered.choices == []
    assert f"in interaction {offered.id}" in caplog.text


async def test_buttons_and_modals_outlive_the_process(fake_discord, desk, settings):
    alice = fake_discord.visitor("alice")
    async with on_discord(fake_discord, desk, settings):
        poem = await (await alice.slash("poem", seed="床前明月光", form="couplet")).until_answered()
        asked = await (await alice.press(poem.message, "Blend with …")).until(lambda e: e.modal)
        (number,) = numbers(poem)
    async with on_discord(fake_discord, desk, settings):
        kept = await (await alice.press(poem.message, "Favourite")).until_answered()
        assert "Kept" in kept.texts[0]
        walk = await (await alice.submit(asked, {"line": f"#{number}", "steps": "2"})).until_answered()
        assert len(numbers(walk)) == 2


@pytest.mark.parametrize(("typed", "offered"), [("东", ["東"]), ("流", ["尤"]), ("", ["東", "冬", "江"])])
async def test_rhyme_groups_are_offered_while_one_types(typed, offered, bot):
    alice = bot.discord.visitor("alice")
    told = await (await alice.complete("poem", "rhyme", typed)).until(lambda e: e.choices is not None)
    values = [choice["value"] for choice in told.choices]
    assert values[:3] == offered
    assert len(values) == (25 if not typed else 1)


async def test_ones_own_seeds_and_poems_are_offered(bot):
    alice, bob = bot.discord.visitor("alice"), bot.discord.visitor("bob")
    await posted(bot.discord, bot.desk, author=alice.person.id)
    for who, seeds, poems in ((alice, ["床前明月光"], ["#1"]), (bob, [], [])):
        seed = await (await who.complete("poem", "seed", "明月")).until(lambda e: e.choices is not None)
        assert [choice["value"] for choice in seed.choices] == seeds
        end = await (await who.complete("blend", "b", "", a="明月")).until(lambda e: e.choices is not None)
        assert [choice["value"] for choice in end.choices] == poems
