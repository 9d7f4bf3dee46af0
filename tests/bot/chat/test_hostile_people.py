"""Somebody sends what Discord's own client would not let them send, or guesses: nothing of others is shown or changed."""

from __future__ import annotations

import pytest

from bot.chat.ids import Id, base36
from bot.service.desk import Desk
from bot.service.quota import Allowance, Quota
from tests.bot.chat.conftest import on_discord, verses
from tests.bot.chat.set_type import kept, posted
from tests.fake_discord.components import BUTTON, STRING_SELECT
from tests.fake_discord.exchange import COMPONENT, MODAL_SUBMIT
from tests.fake_discord.people import DIRECT_MESSAGE, FOREIGN_SERVER, SERVER

SECRET = "床前明月光"


async def sent(bot, visitor, kind, data, message):
    """An interaction as a program could send it, with any custom id and any values, from a message that is there."""
    return await bot.discord.interact(kind, data, person=visitor.person, place=visitor.place, source=message)


def pressed(custom_id: object, **more: object):
    return {"component_type": BUTTON, "custom_id": str(custom_id), "id": 1, **more}


@pytest.mark.parametrize("place", [SERVER, FOREIGN_SERVER, DIRECT_MESSAGE], ids=["server", "foreign server", "dm"])
async def test_a_number_that_is_guessed_shows_no_poem_of_elsewhere(place, bot):
    elsewhere = DIRECT_MESSAGE if place is not DIRECT_MESSAGE else SERVER
    number = (await kept(bot.desk, author=1, place=elsewhere))[0]
    mallory = bot.discord.visitor("mallory", place)
    told = await (await mallory.slash("blend", a=f"#{number}", b="春江", steps=2)).until_answered()
    assert told.texts == [f"There is no poem No. {number}."]


async def test_ones_own_poem_one_kept_and_one_of_here_may_be_named(bot):
    alice = bot.discord.visitor("alice", FOREIGN_SERVER)
    own = (await kept(bot.desk, author=alice.person.id, place=DIRECT_MESSAGE))[0]
    favourite = (await kept(bot.desk, author=1, place=SERVER))[0]
    await bot.desk.store.add_favourite(alice.person.id, favourite)
    here = (await kept(bot.desk, author=1, place=FOREIGN_SERVER))[0]
    for number in (own, favourite, here):
        walk = await (await alice.slash("blend", a=f"#{number}", b="春江", steps=2, form="couplet")).until_answered()
        assert SECRET in walk.texts[0]


@pytest.mark.parametrize("action", ["again", "read", "delete", "keep"])
async def test_a_press_that_the_message_does_not_hold_is_not_heard(action, bot):
    mallory = bot.discord.visitor("mallory")
    number = (await kept(bot.desk, author=mallory.person.id, place=DIRECT_MESSAGE))[0]
    _, message = await posted(bot.discord, bot.desk, author=1)
    before = message.everything
    forged = await sent(bot, mallory, COMPONENT, pressed(Id.of("p1", action, number)), message)
    assert await bot.listens()
    assert (forged.answer_type, message.deleted, message.everything) == (None, False, before)
    assert await bot.desk.store.poem(number) is not None


@pytest.mark.parametrize("value", ["99", "-1", "0", "6", "４", "1; DROP TABLE poems", ""])
async def test_a_choice_that_is_not_offered_is_refused(value, bot):
    mallory = bot.discord.visitor("mallory")
    number, message = await posted(bot.discord, bot.desk)
    data = pressed(Id.of("p1", "rate", number), component_type=STRING_SELECT, values=[value])
    told = await (await sent(bot, mallory, COMPONENT, data, message)).until_answered()
    assert "another version" in told.texts[0]
    assert await bot.desk.store.rating_of(mallory.person.id, number) is None


async def test_a_form_about_another_poem_than_the_message_s_is_refused(bot):
    mallory = bot.discord.visitor("mallory")
    secret = (await kept(bot.desk, author=1, place=DIRECT_MESSAGE))[0]
    _, message = await posted(bot.discord, bot.desk)
    data = {"custom_id": f"m1:blend:{base36(secret)}", "components": []}
    told = await (await sent(bot, mallory, MODAL_SUBMIT, data, message)).until_answered()
    assert "another version" in told.texts[0]


async def test_to_ask_what_it_is_counts_as_a_poem(worker, store, fake_discord, settings):
    quota = Quota(Allowance(burst=2, per_minute=0.1))
    async with on_discord(fake_discord, Desk(worker, store, quota), settings) as bot:
        mallory, alice = (fake_discord.visitor(name) for name in ("mallory", "alice"))
        for _ in range(2):
            assert "weights" in (await (await mallory.slash("about")).until_answered()).texts[0].lower()
        assert "enough for a moment" in (await (await mallory.slash("about")).until_answered()).texts[0]
        assert verses((await (await alice.slash("poem", form="couplet")).until_answered()).texts[0])
        assert bot.desk.worker.depth == 0
