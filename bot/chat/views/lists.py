"""Lists of poems: a person's favourites, a server's best."""

from __future__ import annotations

from collections.abc import Sequence

from bot.chat.ids import FAVOURITES, POEM, Id
from bot.chat.locale import Say, _
from bot.chat.page import Choice, Page, Part, button, frame, packed, row, select, text
from bot.chat.views.poem import form_name, number_of, quoted, stars
from bot.service.judge import Period
from bot.store import Page as Listed
from bot.store import Ranked, StoredPoem

PERIODS = {
    Period.DAY: _("of the last day"),
    Period.WEEK: _("of the last week"),
    Period.MONTH: _("of the last month"),
    Period.EVER: _("of all time"),
}


def favourites_page(say: Say, listed: Listed[StoredPoem]) -> Page:
    count = say.plural("{n} favourite", "{n} favourites", listed.total)
    place = say("page {page} of {pages}", page=listed.number, pages=listed.pages)
    blocks = [f"**{say('Your favourites')}**\n-# {count} · {place}", *(_entry(say, poem) for poem in listed.items)]
    turn = [
        button(say("Newer"), Id.of(FAVOURITES, "page", max(listed.number - 1, 1)), "◀️", disabled=listed.number <= 1),
        button(say("Older"), Id.of(FAVOURITES, "page", listed.number + 1), "▶️", disabled=listed.number >= listed.pages),
        button(say("Export"), Id.of(FAVOURITES, "export"), "📄"),
    ]
    return Page(
        *(frame(text(part)) for part in packed(blocks)),
        _choose(say, say("Share one here …"), Id.of(FAVOURITES, "share"), listed.items),
        _choose(say, say("Take one out …"), Id.of(FAVOURITES, "drop", listed.number), listed.items),
        row(*turn),
    )


def top_pages(say: Say, ranked: Sequence[Ranked], period: Period, *, here: bool) -> list[Page]:
    """here: of this server, else of everywhere."""
    scope = say("The best of this server") if here else say("The best of everywhere")
    header = f"**{scope}**\n-# {say(PERIODS[period])}"
    if not ranked:
        return [Page(frame(text(f"{header}\n{say('Nothing has stars yet. Give some under a poem.')}")))]
    blocks = [f"**{place}.** {stars(say, r.ratings)}\n{_entry(say, r.poem)}" for place, r in enumerate(ranked, start=1)]
    *before, last = packed([header, *blocks])
    chosen = _choose(say, say("Do more with one of them …"), Id.of(POEM, "open"), [r.poem for r in ranked])
    return [*(Page(frame(text(part))) for part in before), Page(frame(text(last)), chosen)]


def _entry(say: Say, poem: StoredPoem) -> str:
    return f"{quoted(poem.poem)}\n-# {form_name(poem.poem.form, say)} · {number_of(say, poem.number)}"


def _choose(say: Say, placeholder: str, press: Id, poems: Sequence[StoredPoem]) -> Part:
    return select(placeholder, press, [Choice(p.poem.lines[0], str(p.number), number_of(say, p.number)) for p in poems])
