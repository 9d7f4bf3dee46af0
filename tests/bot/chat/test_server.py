"""A server's own: its settings, who may write, the menus on its messages, its daily poem."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from bot.chat.daily import Daily
from bot.service.check_text import check_text
from bot.store import Guild
from tests.bot.chat.conftest import numbers, on_discord, verses
from tests.bot.chat.set_type import kept, posted
from tests.fake_discord import failing
from tests.fake_discord.payloads import DIRECT_MESSAGE, FOREIGN_SERVER, SERVER
from vae.poem import Script

MANAGE_GUILD = 1 << 5
MORNING = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)


async def test_settings_are_shown_changed_and_kept(bot):
    keeper = bot.discord.visitor("keeper", permissions=MANAGE_GUILD, locale="zh-CN")
    poets = bot.discord.role("poets")
    shown = await (await keeper.slash("settings")).until_answered()
    assert "每日一诗：无" in shown.texts[0]
    options = {"language": "zh-Hant", "script": "hant", "daily": True, "hour": 8, "time-zone": "Asia/Taipei"}
    changed = await (await keeper.slash("settings", options, writers=poets, writing=True)).until_answered()
    assert changed.message.ephemeral
    assert "8:00（Asia/Taipei）" in changed.texts[0].replace("\\", "")
    assert changed.message.pings == []
    guild = await bot.desk.store.guild(SERVER.guild_id)
    assert (guild.locale, guild.daily_channel_id, guild.writer_role_id) == ("zh-Hant", SERVER.channel_id, poets.id)
    await (await keeper.slash("settings", {"daily": False, "script": "any"})).until_answered()
    guild = await bot.desk.store.guild(SERVER.guild_id)
    assert (guild.script, guild.daily_channel_id, guild.daily_hour) == (None, None, 8)


async def test_time_zones_are_offered_while_one_types(bot):
    keeper = bot.discord.visitor("keeper", permissions=MANAGE_GUILD)
    offered = await (await keeper.complete("settings", "time-zone", "taip")).until(lambda e: e.choices is not None)
    assert [choice["value"] for choice in offered.choices] == ["Asia/Taipei"]
    told = await (await keeper.slash("settings", {"time-zone": "Middle/Earth"})).until_answered()
    assert "There is no time zone called Middle" in told.texts[0]


async def test_only_those_with_the_role_write_and_managers(bot):
    poets = bot.discord.role("poets")
    await bot.desk.store.save_guild(Guild(id=SERVER.guild_id, writer_role_id=poets.id))
    _, message = await posted(bot.discord, bot.desk)
    for visitor, may in (
        (bot.discord.visitor("alice"), False),
        (bot.discord.visitor("bob", roles=(poets,)), True),
        (bot.discord.visitor("keeper", permissions=MANAGE_GUILD), True),
    ):
        answer = await (await visitor.press(message, "Again")).until_answered()
        assert bool(verses(answer.texts[0])) is may, answer.texts


async def test_writing_is_switched_off(bot):
    await bot.desk.store.save_guild(Guild(id=SERVER.guild_id, enabled=False))
    assert "switched off" in (await bot.asked("poem")).texts[0]
    assert verses((await bot.asked("poem", {"form": "couplet"}, place=DIRECT_MESSAGE)).texts[0])


async def test_poems_come_in_the_script_of_the_server(bot):
    await bot.desk.store.save_guild(Guild(id=SERVER.guild_id, script=Script.HANS))
    (number,) = numbers(await bot.asked("poem", {"form": "couplet"}))
    assert (await bot.desk.store.poem(number)).poem.recipe.request.script is Script.HANS


@pytest.mark.parametrize("place", [SERVER, DIRECT_MESSAGE, FOREIGN_SERVER], ids=["server", "dm", "user install"])
async def test_a_message_is_answered_in_verse_by_its_rhymes(place, bot):
    alice, bob = bot.discord.visitor("alice", place), bot.discord.visitor("bob", place)
    said = bob.say("白日依山盡，黃河入海流。欲窮千里目，更上一層樓。")
    answer = await (await alice.menu("Answer in verse", said)).until_answered()
    assert answer.refused == []
    assert check_text("".join(verses(answer.texts[0]))).rhyme_group == "尤"


async def test_a_message_is_blended_with_the_last_favourite(bot):
    alice = bot.discord.visitor("alice")
    said = alice.say("大漠孤煙直")
    told = await (await alice.menu("Blend with my last favourite", said)).until_answered()
    assert "no favourites yet" in told.texts[0]
    (number,) = await kept(bot.desk)
    await bot.desk.store.add_favourite(alice.person.id, number)
    walk = await (await alice.menu("Blend with my last favourite", said)).until_answered()
    assert len(numbers(walk)) == 5


async def test_a_message_is_checked(bot):
    alice = bot.discord.visitor("alice", locale="zh-TW")
    said = alice.say("白日依山盡，黃河入海流。欲窮千里目，更上一層樓。")
    told = (await (await alice.menu("Check the prosody", said)).until_answered()).texts[0]
    assert "✓ 完全合律" in told
    assert "五絕" in told
    assert "押尤韻" in told
    assert "仄仄平平仄" in told
    _, message = await posted(bot.discord, bot.desk)  # one of ours is read by the verses in it
    assert "床前明月光" in (await (await alice.menu("Check the prosody", message)).until_answered()).texts[0]


async def test_a_message_without_text_is_said_to_have_none(bot):
    alice = bot.discord.visitor("alice")
    picture = alice.say("", {"cat.png": b"meow"})
    for menu in ("Answer in verse", "Check the prosody"):
        assert "has no text" in (await (await alice.menu(menu, picture)).until_answered()).texts[0]


async def test_a_long_report_becomes_a_file(bot):
    told = await bot.asked("check", {"text": "大漠孤煙直，長河落日圓。" * 160})
    assert told.message.files["prosody.txt"].decode().count("大漠孤煙直") == 160
    assert told.refused == []


@pytest.fixture
async def morning(fake_discord, desk, settings, monkeypatch):
    """It is half past eight in Taipei, and a server wants its poem at eight."""
    clients: list[Daily] = []
    monkeypatch.setattr(Daily, "start", lambda daily: clients.append(daily))  # noqa: PLW0108 - a built-in is no method
    await desk.store.save_guild(
        Guild(
            id=SERVER.guild_id,
            daily_channel_id=SERVER.channel_id,
            daily_hour=8,
            time_zone="Asia/Taipei",
            locale="zh-Hant",
        )
    )
    async with on_discord(fake_discord, desk, settings):
        yield clients[0]


async def test_the_daily_poem_is_posted_once(morning, fake_discord, desk):
    await morning.post_due(MORNING)
    await morning.post_due(MORNING)
    (message,) = fake_discord.channels.said(SERVER)
    assert "再來一首" in message.buttons
    assert len(verses(message.everything)) in (2, 4, 8)
    assert (await desk.store.daily_poem(SERVER.guild_id, MORNING.date())).message_id == message.id


async def test_two_programs_post_it_once(morning, fake_discord):
    await asyncio.gather(morning.post_due(MORNING), morning.post_due(MORNING))
    assert len(fake_discord.channels.said(SERVER)) == 1


async def test_a_daily_poem_that_discord_will_not_take_now_is_posted_later(morning, fake_discord):
    fake_discord.faults.add("create_message", failing(400))
    await morning.post_due(MORNING)
    assert fake_discord.channels.said(SERVER) == []
    await morning.post_due(MORNING)
    assert len(fake_discord.channels.said(SERVER)) == 1


async def test_where_it_may_not_write_it_stops_trying(morning, fake_discord, desk):
    fake_discord.channels.permit(SERVER, 0)
    await morning.post_due(MORNING)
    assert (await desk.store.guild(SERVER.guild_id)).daily_channel_id is None
