"""People ask for poems and for walks, and find them kept."""

from __future__ import annotations

import pytest

from tests.bot.chat.conftest import numbers, verses
from tests.fake_discord import Person
from tests.fake_discord.payloads import DIRECT_MESSAGE, FOREIGN_SERVER, GROUP, SERVER
from vae.poem import Form

PLACES = {"server": SERVER, "direct message": DIRECT_MESSAGE, "group": GROUP, "user install": FOREIGN_SERVER}
everywhere = pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())


@everywhere
async def test_poem_is_answered(place, bot):
    exchange = await bot.asked("poem", {"form": "couplet"}, place=place)
    (number,) = numbers(exchange)
    assert (await bot.desk.store.poem(number)).poem.text.splitlines() == verses(exchange.texts[0])


@everywhere
async def test_blend_is_answered(place, bot):
    exchange = await bot.asked("blend", {"a": "大漠孤煙直", "b": "長河落日圓", "steps": 2}, place=place)
    assert len(numbers(exchange)) == 2


async def test_it_acknowledges_before_it_writes_and_edits_the_acknowledgement(bot):
    exchange = await bot.asked("poem", {"form": "couplet"})
    assert exchange.acknowledged_after == 0
    assert bot.discord.rest.calls[-2:] == ["callback", "edit_message"]
    assert exchange.refused == []


@pytest.mark.parametrize("form", Form)
async def test_a_poem_has_the_form_that_was_chosen(form, bot):
    exchange = await bot.asked("poem", {"form": form.value})
    shown = verses(exchange.texts[0])
    assert len(shown) == form.lines
    assert {len(line) for line in shown} == {form.columns + 1}
    assert form.chinese in exchange.texts[0]


async def test_a_seed_that_is_a_whole_line_opens_the_poem(bot):
    exchange = await bot.asked("poem", {"seed": "床前明月光", "form": "wujue"})
    assert verses(exchange.texts[0])[0] == "床前明月光，"


async def test_a_few_words_are_seed_enough(bot):
    assert verses((await bot.asked("poem", {"seed": "明月", "form": "couplet"})).texts[0])


async def test_a_poem_is_kept_with_its_author_and_place(bot):
    person = Person(id=4_200_000_000_000_000_042, locale="zh-CN")
    (here,) = numbers(await bot.asked("poem", {"seed": "明月", "form": "couplet"}, person=person))
    (there,) = numbers(await bot.asked("poem", {"form": "couplet"}, person=person, place=DIRECT_MESSAGE))
    kept, private = await bot.desk.store.poem(here), await bot.desk.store.poem(there)
    assert (kept.author_id, kept.guild_id, kept.channel_id) == (person.id, SERVER.guild_id, SERVER.channel_id)
    assert kept.poem.recipe.request.seed == "明月"
    assert (private.author_id, private.guild_id) == (person.id, None)


async def test_a_walk_is_kept_step_by_step(bot):
    exchange = await bot.asked("blend", {"a": "明月", "b": "春江", "steps": 3})
    kept = [(await bot.desk.store.poem(number)).poem for number in numbers(exchange)]
    assert [poem.recipe.t for poem in kept] == [0, 0.5, 1]
    assert [line for poem in kept for line in poem.text.splitlines()] == verses("\n".join(exchange.texts))


async def test_people_are_answered_each_with_their_own(bot):
    lines = ["床前明月光", "白日依山盡", "千山鳥飛絕"]
    asked = [
        await bot.discord.slash("poem", {"seed": line, "form": "couplet"}, person=Person(id=number))
        for number, line in enumerate(lines, start=1)
    ]
    for exchange, line in zip(asked, lines, strict=True):
        await exchange.until_answered()
        assert verses(exchange.texts[0])[0] == line + "，"
