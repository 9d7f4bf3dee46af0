"""What is kept about a person, and its end."""

from __future__ import annotations

from bot.chat.ids import ERASURE, Id
from bot.chat.locale import Say
from bot.chat.page import Attachment, Page, button, file, frame, row, text
from bot.store import Erased


def export_page(say: Say, told: str) -> Page:
    kept = Attachment("lanting.json", told.encode())
    return Page(frame(text(say("This is all that is kept about you."))), file(kept), files=[kept])


def confirm_page(say: Say) -> Page:
    """Asks once more; only the person sees it."""
    return Page(
        frame(
            text(
                say(
                    "Shall everything kept about you be erased: your poems, favourites, stars and settings? Poems of "
                    "yours that other people keep stay, without your name and what you typed. This cannot be undone."
                )
            )
        ),
        row(
            button(say("Erase everything"), Id(ERASURE, "yes"), "🗑️", danger=True),
            button(say("Keep it"), Id(ERASURE, "no")),
        ),
    )


def erased_page(say: Say, erased: Erased) -> Page:
    return Page(
        frame(
            text(
                say(
                    "Gone: {poems}, {favourites}, {ratings}. {left} of your poems that others keep stay, without a name.",
                    poems=say.plural("{n} poem", "{n} poems", erased.poems_deleted),
                    favourites=say.plural("{n} favourite", "{n} favourites", erased.favourites),
                    ratings=say.plural("{n} rating", "{n} ratings", erased.ratings),
                    left=erased.poems_left_without_author,
                )
            )
        )
    )
