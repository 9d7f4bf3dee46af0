"""A walk from one text to another."""

from __future__ import annotations

from bot.chat.ids import POEM, WALK, Id
from bot.chat.locale import Say
from bot.chat.page import TEXT_LIMIT, Choice, Page, Part, button, frame, packed, row, select, text
from bot.chat.text import plain
from bot.chat.views.poem import form_name, number_of, quoted
from bot.service.blend_lines import Walk


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
    header = (
        f"**{plain(walk.a, 60)}** → **{plain(walk.b, 60)}**\n-# {form_name(walk.steps[0].poem.form, say)} · {poems}"
    )
    return [
        header,
        *(
            f"{quoted(step.poem)}\n-# {say('{place} of {count}', place=place, count=count)} · {number_of(say, step.number)}"
            for place, step in enumerate(walk.steps, start=1)
        ),
    ]


def _steps(say: Say, walk: Walk) -> Part:
    # A walk may have been longer than a select can be.
    choices = [Choice(step.poem.lines[0], str(step.number), number_of(say, step.number)) for step in walk.steps[:25]]
    return select(say("Do more with one of them …"), Id.of(POEM, "open"), choices)
