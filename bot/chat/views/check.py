"""The X-ray of a text: tones under its characters, and what breaks the form or is allowed to."""

from __future__ import annotations

from collections.abc import Iterator

from bot.chat.locale import Language, Say
from bot.chat.page import Attachment, Page, file, frame, gallery, packed, text
from bot.chat.text import Markup, plain
from bot.chat.views.poem import form_name
from vae.poem import Script
from vae.prosody.check import Report
from vae.prosody.explain import Fault, Licence
from vae.prosody.grid import style
from vae.prosody.rules import Place, Rule
from vae.script import in_script

_TONES = str.maketrans("0123", "？平仄通")
_LARGEST = 3500
"""Characters of a report that are shown as they are; a longer one becomes a file, whole."""


def check_page(say: Say, report: Report, drawn: Attachment | None = None) -> Page:
    """drawn: the same as a picture."""
    head, grid, told = _head(say, report), "\n".join(_grid(report)), list(_remarks(say, report))
    if len(head) + len(grid) + sum(map(len, told)) > _LARGEST:
        whole = Attachment("prosody.txt", "\n".join([grid, "", *told]).encode())
        return Page(frame(text(f"{head}\n{say('The whole of it is in the file.')}")), file(whole), files=[whole])
    parts = packed([head, f"```\n{grid}\n```", *told])
    seen = [drawn] if drawn else []
    return Page(frame(*map(text, parts)), *map(gallery, seen), files=seen)


def _head(say: Say, report: Report) -> str:
    verdict = {
        "regulated": say("✓ It keeps every rule of regulated verse."),
        "ancient": say("It rhymes as verse of the ancient style does; it is no regulated verse."),
        "free": say("✗ It is no regulated verse as it stands."),
    }[style(report)]
    form = form_name(report.form, say) if report.form else say("no regular form")
    rhyme = report.rhyme_group or report.details.ancient
    rhymed = say("rhyme {group}", group=rhyme) if rhyme else say("no common rhyme")
    return f"**{verdict}**\n-# {form} · {rhymed}"


def _grid(report: Report) -> Iterator[str]:
    for line, digits in zip(report.lines, report.digits, strict=True):
        # Within a code block only the backtick could do anything.
        yield f"{line.replace('`', '｀')}\n{digits.translate(_TONES)}"


def _remarks(say: Say, report: Report) -> Iterator[str]:
    for fault in report.details.faults:
        yield f"✗ {_fault(say, fault)}"
    for licence in report.details.licences:
        yield f"• {_licence(say, licence)}"
    if report.details.polyphones:
        chars = "、".join(dict.fromkeys(found.char for found in report.details.polyphones))
        yield say("Read in either tone: {chars}", chars=chars)


def _fault(say: Say, fault: Fault) -> str:
    where = f"{_where(say, fault.place)}「{plain(fault.char)}」" if fault.place else ""
    note = f" ({say.phrase(fault.note)})" if fault.note else ""
    return f"{where} {_rule(say, fault.rule)}{note}".strip()


def _licence(say: Say, licence: Licence) -> str:
    by = (
        f" · {say('made up for at {place}', place=Markup(_where(say, licence.rescued_by)))}"
        if licence.rescued_by
        else ""
    )
    return f"{_where(say, licence.place)}「{plain(licence.char)}」 {_rule(say, licence.rule)}{by}"


def _where(say: Say, place: Place) -> str:
    return say("line {line}, character {column}", line=place.line + 1, column=place.column + 1)


def _rule(say: Say, rule: Rule) -> str:
    match say.language:
        case Language.EN:
            return f"{rule.chinese} {rule.english}"
        case Language.HANS:
            return in_script(rule.chinese, Script.HANS)
        case _:
            return rule.chinese
