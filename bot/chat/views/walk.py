"""A walk from one text to another."""

from __future__ import annotations

from bot.chat.ids import POEM, WALK, Id
from bot.chat.locale import Say
from bot.chat.page import TEXT_LIMIT, Choice, Page, Part, button, frame, packed, row, select, text
from bot.chat.text import plain
from bot.chat.views.poem import form_name, number_of, quoted
from bot.service.blend_lines import Walk, leaning
from bot.service.desk import Written


def walk_pages(say: Say, walk: Walk, *, pictures: bool = False) -> list[Page]:
    """As few messages as hold it; under the last one any of its poems can be chosen, to do more with it.

    pictures: whether they can be drawn here.
    """
    *before, last = packed(_blocks(say, walk), TEXT_LIMIT)
    below = [_steps(say, walk), *([_map(say, walk)] if pictures else [])]
    return [*(Page(frame(text(part))) for part in before), Page(frame(text(last)), *below)]


def _map(say: Say, walk: Walk) -> Part:
    ends = Id.of(WALK, "map", walk.steps[0].number, walk.steps[-1].number)
    return row(button(say("See the path"), ends, "🗺️"))


def _blocks(say: Say, walk: Walk) -> list[str]:
    count = len(walk.steps)
    poems = say.plural("{n} poem", "{n} poems", count)
    header = [
        f"Ⓐ **{plain(walk.a, 60)}** → Ⓑ **{plain(walk.b, 60)}**",
        f"-# {form_name(walk.steps[0].poem.form, say)} · {poems}",
    ]
    if any(step.poem.lean is not None for step in walk.steps):
        header.append(f"-# {say('● shows whose words a poem uses, those of Ⓐ or of Ⓑ')}")
    places = (say("{place} of {count}", place=place, count=count) for place in range(1, count + 1))
    return ["\n".join(header), *(_shown(say, place, step) for place, step in zip(places, walk.steps, strict=True))]


def _shown(say: Say, place: str, step: Written) -> str:
    lean = "" if step.poem.lean is None else f"Ⓐ {leaning(step.poem.lean)} Ⓑ"
    return f"{quoted(step.poem)}\n-# {' · '.join(filter(None, [place, lean, number_of(say, step.number)]))}"


def _steps(say: Say, walk: Walk) -> Part:
    # A walk may have been longer than a select can be.
    choices = [Choice(step.poem.lines[0], str(step.number), number_of(say, step.number)) for step in walk.steps[:25]]
    return select(say("Do more with one of them …"), Id.of(POEM, "open"), choices)
