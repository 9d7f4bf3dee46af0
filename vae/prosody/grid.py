"""A Report as plain text and as plain data. The text has no colour and no tables: it reads well on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vae.prosody.check import Report
from vae.prosody.explain import Details, Fault, Licence, Polyphone
from vae.prosody.rules import Place
from vae.script import is_han

_BOOKS = {"classical": "平水韻", "modern": "中華新韻"}
_TONES = {"0": "？", "1": "平", "2": "仄", "3": "通"}
_STYLES = {"regulated": "近體", "ancient": "古體", "free": "不合格律"}


def style(report: Report) -> str:
    """regulated: keeps all rules; ancient: equal lines of 5 or 7 whose even ones rhyme, in any tone; free: neither."""
    if report.complies:
        return "regulated"
    widths = {len(line) for line in report.lines}
    even = len(report.lines) >= 4 and len(report.lines) % 2 == 0
    return "ancient" if even and widths in ({5}, {7}) and report.details.ancient else "free"


def grid(report: Report) -> str:
    """Head line, the lines with their tones beside them, then faults, licences and characters to know about."""
    details = report.details
    rows = [_head(report), *_lines(report, details)]
    rows += [f"✗ {_fault(fault)}" for fault in details.faults]
    rows += [f"• {_licence(licence)}" for licence in details.licences]
    if details.polyphones:
        rows.append("兩讀 read either way: " + "、".join(map(_polyphone, details.polyphones)))
    if details.unknown:
        chars = "".join(dict.fromkeys(report.lines[p.line][p.column] for p in details.unknown))
        rows.append(f"未收 not in the book: {chars}")
    return "\n".join(rows)


def _head(report: Report) -> str:
    parts = ["✓" if report.complies else "✗", report.form.chinese if report.form else "無定式"]
    if report.scheme:
        near = "" if report.tone_ok else "近 "
        parts.append(f"{near}{report.scheme.name} {report.scheme.title(len(report.lines[0]))}")
    if report.rhyme_group or report.details.ancient:
        parts.append(f"韻 {report.rhyme_group or report.details.ancient}")
    return " · ".join([*parts, _BOOKS[report.table.name], _STYLES[style(report)]])


def _lines(report: Report, details: Details) -> Iterator[str]:
    for i, (line, digits) in enumerate(zip(report.lines, report.digits, strict=True)):
        tones = "".join(_TONES[digit] for digit in digits)
        off = {fault.place.column for fault in details.faults if fault.place and fault.place.line == i}
        kind = f"　{details.kinds[i]}" if details.kinds else ""
        yield f"{line}　{tones}{kind}"
        if off and all(map(is_han, line)):  # full-width marks line up under full-width characters only
            yield "".join("Ｘ" if j in off else "　" for j in range(len(line))).rstrip("　")


def _where(place: Place) -> str:
    return f"第{place.line + 1}句第{place.column + 1}字"


def _fault(fault: Fault) -> str:
    note = f" ({fault.note})" if fault.note else ""
    where = f"{_where(fault.place)}「{fault.char}」 " if fault.place else ""
    return f"{where}{fault.rule.chinese} {fault.rule.english}{note}"


def _licence(licence: Licence) -> str:
    saved = licence.rescued_by
    by = f"，{_where(saved)}救 rescued by line {saved.line + 1}, character {saved.column + 1}" if saved else ""
    return f"{_where(licence.place)}「{licence.char}」 {licence.rule.chinese} {licence.rule.english}{by}"


def _polyphone(found: Polyphone) -> str:
    return f"{found.char}(平{found.level_share:.0%})"


def to_json(report: Report) -> dict[str, Any]:
    """Places are [line, column], counted from 0."""
    details = report.details
    return {
        "lines": list(report.lines),
        "form": report.form.value if report.form else None,
        "table": report.table.name,
        "complies": report.complies,
        "format_ok": report.format_ok,
        "tone_ok": report.tone_ok,
        "rhyme_ok": report.rhyme_ok,
        "style": style(report),
        "scheme": report.scheme.name if report.scheme else None,
        "rhyme_group": report.rhyme_group,
        "ancient_rhyme": details.ancient,
        "kinds": details.kinds,
        "tones": ["".join(_TONES[digit] for digit in digits) for digits in report.digits],
        "faults": [_told(f.rule.chinese, f.rule.english, f.place, f.char, note=f.note) for f in details.faults],
        "licences": [
            _told(v.rule.chinese, v.rule.english, v.place, v.char, rescued_by=list(v.rescued_by or ()) or None)
            for v in details.licences
        ],
        "polyphones": [
            {"place": list(p.place), "character": p.char, "level_share": p.level_share} for p in details.polyphones
        ],
        "unknown": [list(place) for place in details.unknown],
    }


def _told(chinese: str, english: str, place: Place | None, char: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "rule": chinese,
        "english": english,
        "place": list(place) if place else None,
        "character": char,
        **more,
    }
