"""A poem with all one can do with it."""

from __future__ import annotations

from bot.chat.ids import POEM, Id
from bot.chat.locale import Language, Say
from bot.chat.page import Choice, Page, Part, button, frame, row, select, text
from bot.chat.text import Markup
from bot.service.desk import Written
from bot.service.recall import Kept
from bot.store import Ratings
from vae.poem import Form, Poem, Script
from vae.script import in_script, to_traditional

FORMS = {
    Form.COUPLET: "five-character couplet",
    Form.COUPLET7: "seven-character couplet",
    Form.WUJUE: "five-character quatrain",
    Form.QIJUE: "seven-character quatrain",
    Form.WULV: "five-character regulated verse",
    Form.QILV: "seven-character regulated verse",
}
UNRATED = Ratings(None, 0)


def form_name(form: Form, say: Say) -> str:
    """In Chinese, and for who reads English in English too."""
    chinese = in_script(to_traditional(form.chinese), Script.HANT if say.language is Language.HANT else Script.HANS)
    return f"{chinese} · {FORMS[form]}" if say.language is Language.EN else chinese


def poem_page(say: Say, written: Written | Kept, *, pictures: bool) -> Page:
    """pictures: whether they can be drawn here."""
    number, poem = written.number, written.poem
    ratings = written.ratings if isinstance(written, Kept) else UNRATED
    notes = [f"-# {say.phrase(note)}" for note in poem.notes]
    caption = "\n".join([f"-# {_caption(say, poem, number, ratings)}", *notes])
    return Page(frame(text(quoted(poem)), text(caption)), *_buttons(say, number, pictures=pictures))


def quoted(poem: Poem) -> str:
    # Full-width characters and punctuation only, so that columns stand under each other in any typeface.
    return "\n".join(f"> {line}" for line in poem.text.splitlines())


def number_of(say: Say, number: int) -> str:
    return say("No. {number}", number=number)


def stars(say: Say, ratings: Ratings) -> str:
    """A poem's stars, as `★ 4.5 of 5 (2 ratings)`; empty where it has none."""
    if ratings.mean is None:
        return ""
    count = say.plural("{n} rating", "{n} ratings", ratings.count)
    return say("★ {mean} of 5 ({count})", mean=Markup(f"{ratings.mean:.1f}"), count=count)


def _caption(say: Say, poem: Poem, number: int, ratings: Ratings) -> str:
    return " · ".join(filter(None, [form_name(poem.form, say), number_of(say, number), stars(say, ratings)]))


def _buttons(say: Say, number: int, *, pictures: bool) -> list[Part]:
    def press(action: str) -> Id:
        return Id.of(POEM, action, number)

    anew = [
        button(say("Again"), press("again"), "🔁"),
        button(say("Vary"), press("vary"), "🍃"),
        button(say("Blend with …"), press("blend"), "🌉"),
        button(say("Favourite"), press("keep"), "❤️"),
    ]
    look = [button(say("Reading"), press("read"), "🔈")]
    if pictures:
        look.append(button(say("Picture"), press("picture"), "🖼️"))
    look.append(button(say("Delete"), press("delete"), "🗑️"))
    rates = [Choice("★" * n + "☆" * (5 - n), str(n), say.plural("{n} star", "{n} stars", n)) for n in range(5, 0, -1)]
    return [row(*anew), row(*look), select(say("Give it stars …"), press("rate"), rates)]
