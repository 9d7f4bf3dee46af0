"""Poems that are set and not written, since writing takes its time; and messages that an earlier process posted."""

from __future__ import annotations

from bot.chat.locale import Say
from bot.chat.views.poem import poem_page
from bot.service.desk import Desk, Written
from tests.fake_discord import FakeDiscord, Message, Place
from tests.fake_discord.payloads import BOT_ID, SERVER, user
from vae.poem import Form, Poem, Recipe, WriteRequest

COMPONENTS_V2 = 1 << 15
WISH = WriteRequest(seed="床前明月光", form=Form.COUPLET)


def couplet(text: str = "床前明月光疑是地上霜") -> Poem:
    return Poem((text[:5], text[5:]), Form.COUPLET, Recipe(model="0" * 12, random_seed=7, request=WISH))


async def kept(desk: Desk, *poems: Poem, author: int = 1, place: Place = SERVER) -> list[int]:
    return await desk.store.add_poems(
        list(poems) or [couplet()], author_id=author, guild_id=place.guild_id, channel_id=place.channel_id
    )


async def posted(
    discord: FakeDiscord, desk: Desk, *, author: int = 1, place: Place = SERVER, pictures: bool = False
) -> tuple[int, Message]:
    """A poem under which its buttons stand, though the bot that runs now has never seen the message."""
    (number,) = await kept(desk, author=author, place=place)
    page = poem_page(Say.to("en-US"), Written(number, couplet()), pictures=pictures)
    body = {"components": page.to_components(), "flags": COMPONENTS_V2}
    return number, discord.channels.say(place, body, [], author=user(BOT_ID, "lanting", bot=True))
