"""The buttons under a poem."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.chat.ids import FAVOURITES, POEM, Id
from bot.chat.locale import Say
from bot.chat.page import Attachment, Page, button, gallery, row, text, text_page
from bot.chat.people import author_of
from bot.chat.presses.given import chosen, stands_under, written
from bot.chat.replies import Reply
from bot.chat.views.blend import BLEND_STEPS, blend_modal
from bot.chat.views.poem import poem_page, stars
from bot.chat.views.reading import reading_page
from bot.chat.waiting import watching
from bot.errors import StrangeButton
from bot.service import delete_poem, favourites, judge, recall
from bot.service.blend_lines import blend_lines
from bot.service.draw_poem import draw_poem
from bot.service.read_aloud import read_aloud
from bot.service.suggest import Suggestion, own_poems
from bot.service.write_again import vary as write_near
from bot.service.write_again import write_again
from vae.poem import BlendRequest

if TYPE_CHECKING:
    from bot.chat.client import Interaction

LOOK_UP_WITHIN = 0.5
"""Seconds. A modal must be the first answer, so what it offers must be found quickly or not at all."""


async def again(interaction: Interaction, press: Id) -> None:
    reply = await Reply.begin(interaction)
    async with watching(reply) as watch:
        poem = await write_again(interaction.client.desk, author_of(interaction), press.number(), watch)
    await reply.poem(poem)


async def vary(interaction: Interaction, press: Id) -> None:
    reply = await Reply.begin(interaction)
    async with watching(reply) as watch:
        poem = await write_near(interaction.client.desk, author_of(interaction), press.number(), watch)
    await reply.poem(poem)


async def blend(interaction: Interaction, press: Id) -> None:
    """Asks with what."""
    offered: list[Suggestion] = []
    try:
        async with asyncio.timeout(LOOK_UP_WITHIN):
            offered = await own_poems(interaction.client.desk, author_of(interaction), "")
    except TimeoutError:
        pass
    offered = [suggestion for suggestion in offered if suggestion.value != f"#{press.number()}"]
    await interaction.response.send_modal(blend_modal(Say.to(interaction.locale), press.number(), offered))


async def blended(interaction: Interaction, press: Id) -> None:
    """What was asked by `blend` is answered."""
    if not stands_under(interaction, Id.of(POEM, "blend", press.number())):
        raise StrangeButton
    reply = await Reply.begin(interaction)
    fields = written(interaction)
    poem = (await recall.recall(interaction.client.desk, press.number())).poem
    steps = fields.get("steps", "")
    wish = BlendRequest(
        a=poem.text,
        b=fields.get("line") or fields.get("poem") or "",
        steps=int(steps) if steps.isdecimal() and len(steps) < 4 else BLEND_STEPS,
    )
    async with watching(reply) as watch:
        walk = await blend_lines(interaction.client.desk, author_of(interaction), wish, watch)
    await reply.walk(walk)


async def keep(interaction: Interaction, press: Id) -> None:
    reply = await Reply.begin(interaction, alone=True)
    say, number = reply.say, press.number()
    added = await favourites.add_favourite(interaction.client.desk, author_of(interaction), number)
    told = say("Kept. `/favourites` shows all you keep.") if added else say("It is among your favourites already.")
    await reply.show(Page(text(told), row(button(say("Take it out"), Id.of(FAVOURITES, "out", number), "💔"))))


async def read(interaction: Interaction, press: Id) -> None:
    reply = await Reply.begin(interaction, alone=True)
    await reply.show(reading_page(reply.say, await read_aloud(interaction.client.desk, press.number())))


async def picture(interaction: Interaction, press: Id) -> None:
    reply = await Reply.begin(interaction)
    drawn = await draw_poem(interaction.client.desk, press.number(), interaction.user.display_name)
    shown = Attachment(drawn.name, drawn.data, drawn.alt)
    await reply.show(Page(gallery(shown), files=[shown]))


async def rate(interaction: Interaction, press: Id) -> None:
    reply = await Reply.begin(interaction, alone=True)
    given = chosen(interaction)
    kept = await judge.rate(interaction.client.desk, author_of(interaction), press.number(), given)
    told = reply.say.plural("You gave it {n} star.", "You gave it {n} stars.", given)
    standing = stars(reply.say, kept.ratings) or reply.say("Your own stars for a poem of yours do not count.")
    await reply.show(text_page(f"{told}\n-# {standing}"))


async def open_(interaction: Interaction, press: Id) -> None:
    """A poem of a walk or a list, with its own buttons."""
    reply = await Reply.begin(interaction, alone=True)
    kept = await recall.recall_with_stars(interaction.client.desk, chosen(interaction))
    await reply.show(poem_page(reply.say, kept, pictures=interaction.client.pictures))


async def delete(interaction: Interaction, press: Id) -> None:
    reply = await Reply.in_place(interaction)
    await delete_poem.delete_poem(interaction.client.desk, author_of(interaction), press.number())
    await reply.remove()
