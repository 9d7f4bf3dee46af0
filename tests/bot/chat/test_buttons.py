"""The buttons under a poem: wherever it was posted, by whichever process, for whoever presses them."""

from __future__ import annotations

import pytest

from bot.chat.ids import Id
from bot.chat.presses import MODALS, PRESSES
from bot.pictures.studio import Studio
from bot.service.desk import Desk
from tests.bot.chat.conftest import numbers, on_discord, verses
from tests.bot.chat.set_type import posted
from tests.fake_discord.payloads import DIRECT_MESSAGE, FOREIGN_SERVER, SERVER

PLACES = {"server": SERVER, "direct message": DIRECT_MESSAGE, "user install": FOREIGN_SERVER}
everywhere = pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
MANAGE_GUILD = 1 << 5

RELEASED = [
    "p1:again:2s",
    "p1:vary:2s",
    "p1:blend:2s",
    "p1:keep:2s",
    "p1:read:2s",
    "p1:picture:2s",
    "p1:rate:2s",
    "p1:open",
    "p1:delete:2s",
    "b1:map:2s:2w",
    "f1:page:1",
    "f1:share",
    "f1:drop:1",
    "f1:out:2s",
    "f1:export",
    "w1:cancel:2s",
    "e1:yes",
    "e1:no",
    "m1:blend:2s",
]
"""An id of every kind that has ever stood under a message: add to it, never take away."""


@pytest.mark.parametrize("released", RELEASED)
def test_an_id_of_each_released_version_still_works(released):
    read = Id.parse(released)
    assert read.name in {**PRESSES, **MODALS}
    assert str(read) == released
    if "2s" in released:
        assert read.number() == 100


@everywhere
async def test_again_grants_the_same_wish_anew(place, bot):
    alice = bot.discord.visitor("alice", place)
    number, message = await posted(bot.discord, bot.desk, place=place)
    answer = await (await alice.press(message, "Again")).until_answered()
    assert answer.refused == []
    (new,) = numbers(answer)
    assert new != number
    assert (await bot.desk.store.poem(new)).poem.recipe.request.seed == "床前明月光"
    assert verses(answer.texts[0])[0] == "床前明月光，"


async def test_vary_writes_one_close_by(bot):
    alice = bot.discord.visitor("alice", locale="zh-CN")
    _, message = await posted(bot.discord, bot.desk)
    answer = await (await alice.press(message, "Vary")).until_answered()
    (new,) = numbers(answer)
    assert (await bot.desk.store.poem(new)).poem.recipe.request.seed.startswith("床前明月光")
    assert "变奏" in answer.message.buttons


@everywhere
async def test_blend_asks_with_what_and_walks_there(place, bot):
    alice = bot.discord.visitor("alice", place, locale="zh-TW")
    number, message = await posted(bot.discord, bot.desk, place=place)
    asked = await (await alice.press(message, "Blend with …")).until(lambda e: e.modal)
    assert asked.modal.custom_id == str(Id.of("m1", "blend", number))
    answer = await (await alice.submit(asked, {"line": "大漠孤煙直", "steps": "2"})).until_answered()
    assert answer.refused == []
    assert len(numbers(answer)) == 2
    assert "床前明月光" in answer.texts[0].splitlines()[0]


async def test_a_modal_of_an_earlier_process_is_answered(bot):
    alice = bot.discord.visitor("alice")
    number, message = await posted(bot.discord, bot.desk)
    asked = await (await alice.press(message, "Blend with …")).until(lambda e: e.modal)
    answer = await (await alice.submit(asked, {"line": f"#{number}", "steps": "2"})).until_answered()
    assert len(numbers(answer)) == 2


async def test_a_favourite_is_kept_and_taken_out(bot):
    alice = bot.discord.visitor("alice")
    number, message = await posted(bot.discord, bot.desk)
    told = await (await alice.press(message, "Favourite")).until_answered()
    assert told.message.ephemeral
    assert "Kept" in told.texts[0]
    assert [p.number for p in (await bot.desk.store.favourites(alice.person.id)).items] == [number]
    again = await (await alice.press(message, "Favourite")).until_answered()
    assert "already" in again.texts[0]
    await (await alice.press(told.message, "Take it out")).until(lambda e: "Taken out" in told.texts[0])
    assert (await bot.desk.store.favourites(alice.person.id)).total == 0


async def test_stars_count_once_a_person_and_not_from_the_author(bot):
    alice, bob = bot.discord.visitor("alice"), bot.discord.visitor("bob")
    number, message = await posted(bot.discord, bot.desk, author=alice.person.id)
    for stars in ("5", "4"):
        told = await (await bob.choose(message, "Give it stars …", stars)).until_answered()
    assert "4 stars" in told.texts[0]
    assert "★ 4.0 of 5 (1 rating)" in told.texts[0]
    await (await alice.choose(message, "Give it stars …", "1")).until_answered()
    assert (await bot.desk.store.ratings(number)).mean == 4


async def test_a_picture_is_drawn_with_its_text_beside_it(worker, store, fake_discord, settings):
    studio = Studio()
    async with on_discord(fake_discord, Desk(worker, store, studio=studio), settings) as bot:
        alice = bot.discord.visitor("alice")
        _, message = await posted(bot.discord, bot.desk, pictures=True)
        answer = await (await alice.press(message, "Picture")).until(lambda e: e.messages and e.message.files)
        assert answer.message.files["poem.png"].startswith(b"\x89PNG")
        assert "床前明月光" in answer.message.alt_texts[0]
        poem = await bot.asked("poem", {"form": "couplet"})
        assert "Picture" in poem.message.buttons
    await studio.close()


async def test_what_is_checked_is_seen_as_a_picture_too(worker, store, fake_discord, settings):
    studio = Studio()
    async with on_discord(fake_discord, Desk(worker, store, studio=studio), settings) as bot:
        told = await bot.asked("check", {"text": "床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。"})
        assert told.message.files["tones.png"].startswith(b"\x89PNG")
        assert "舉頭望明月 ●○●○●" in told.message.alt_texts[0]
        long = await bot.asked("check", {"text": "明月" * 200})
        assert "tones.png" not in long.message.files
    await studio.close()


async def test_the_path_of_a_walk_is_drawn_step_by_step(worker, store, fake_discord, settings):
    studio = Studio()
    async with on_discord(fake_discord, Desk(worker, store, studio=studio), settings) as bot:
        walk = await bot.asked("blend", {"a": "床前明月光", "b": "白日依山盡", "steps": 3})
        alice = bot.discord.visitor("alice")
        answer = await (await alice.press(walk.message, "See the path")).until(lambda e: e.messages and e.message.files)
        assert answer.message.files["walk.gif"].startswith(b"GIF89a")
        assert "1. 床前明月光" in answer.message.alt_texts[0]
    await studio.close()


async def test_where_nothing_is_drawn_no_picture_is_offered(bot):
    assert "Picture" not in (await bot.asked("poem", {"form": "couplet"})).message.buttons


@everywhere
async def test_reading_shows_pinyin_to_whoever_presses(place, bot):
    alice = bot.discord.visitor("alice", place, locale="zh-CN")
    _, message = await posted(bot.discord, bot.desk, place=place)
    told = await (await alice.press(message, "Reading")).until_answered()
    assert told.message.ephemeral
    assert "chuáng qián míng yuè guāng" in " ".join(told.texts[0].split())


async def test_its_author_deletes_a_poem(bot):
    alice = bot.discord.visitor("alice")
    number, message = await posted(bot.discord, bot.desk, author=alice.person.id)
    await (await alice.press(message, "Delete")).until(lambda e: message.deleted)
    assert await bot.desk.store.poem(number) is None


async def test_who_manages_the_server_deletes_a_poem(bot):
    keeper = bot.discord.visitor("keeper", permissions=MANAGE_GUILD)
    number, message = await posted(bot.discord, bot.desk, author=1)
    await (await keeper.press(message, "Delete")).until(lambda e: message.deleted)
    assert await bot.desk.store.poem(number) is None


async def test_nobody_else_deletes_it(bot):
    mallory = bot.discord.visitor("mallory", locale="zh-CN")
    number, message = await posted(bot.discord, bot.desk, author=1)
    told = await (await mallory.press(message, "Delete")).until(lambda e: e.follow_ups)
    assert "才能删除" in told.follow_ups[0].everything
    assert told.follow_ups[0].ephemeral
    assert not message.deleted
    assert await bot.desk.store.poem(number)


async def test_a_button_of_a_poem_that_is_gone_says_so(bot):
    alice = bot.discord.visitor("alice")
    number, message = await posted(bot.discord, bot.desk)
    await bot.desk.store.delete_poem(number)
    for button in ("Again", "Reading", "Favourite"):
        told = await (await alice.press(message, button)).until_answered()
        assert told.texts == [f"There is no poem No. {number}."]


async def test_a_button_of_a_version_to_come_says_so(bot):
    alice = bot.discord.visitor("alice")
    _, message = await posted(bot.discord, bot.desk)
    for part in message.components:
        for item in part.get("components", ()):
            if item.get("label") == "Again":
                item["custom_id"] = "p9:sing:2s"
    told = await (await alice.press(message, "Again")).until_answered()
    assert "another version" in told.texts[0]
