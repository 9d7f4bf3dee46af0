"""The pages of one's favourites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.ids import Id
from bot.chat.page import Attachment, Page, file, text, text_page
from bot.chat.people import author_of
from bot.chat.presses.given import chosen
from bot.chat.replies import Reply
from bot.chat.views.lists import favourites_page
from bot.chat.views.poem import poem_page
from bot.errors import NoFavourites
from bot.service import favourites
from bot.service.recall import recall_with_stars

if TYPE_CHECKING:
    from bot.chat.client import Interaction


async def page(interaction: Interaction, press: Id) -> None:
    reply = await Reply.in_place(interaction)
    await _show(reply, press.number())


async def share(interaction: Interaction, press: Id) -> None:
    reply = await Reply.begin(interaction)
    kept = await recall_with_stars(interaction.client.desk, chosen(interaction))
    await reply.show(poem_page(reply.say, kept, pictures=interaction.client.pictures))


async def drop(interaction: Interaction, press: Id) -> None:
    reply = await Reply.in_place(interaction)
    await favourites.remove_favourite(interaction.client.desk, author_of(interaction), chosen(interaction))
    await _show(reply, press.number())


async def out(interaction: Interaction, press: Id) -> None:
    reply = await Reply.in_place(interaction)
    removed = await favourites.remove_favourite(interaction.client.desk, author_of(interaction), press.number())
    told = reply.say("Taken out of your favourites.") if removed else reply.say("It is not among your favourites.")
    await reply.show(text_page(told))


async def export(interaction: Interaction, press: Id) -> None:
    reply = await Reply.begin(interaction, alone=True)
    verse, data = await favourites.export_favourites(interaction.client.desk, author_of(interaction))
    files = [Attachment("favourites.txt", verse.encode()), Attachment("favourites.json", data.encode())]
    await reply.show(Page(text(reply.say("Your favourites, to read and as data.")), *map(file, files), files=files))


async def _show(reply: Reply, number: int) -> None:
    interaction = reply.interaction
    try:
        listed = await favourites.favourites(interaction.client.desk, author_of(interaction), number)
    except NoFavourites as none:
        await reply.show(text_page(reply.say.error(none)))
    else:
        await reply.show(favourites_page(reply.say, listed))
