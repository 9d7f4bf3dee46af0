"""The X-ray: a poem with the tone of every character under it, and what breaks the form ringed in red."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import TextTooLarge
from bot.pictures.card import LIMIT
from bot.pictures.scene import Dot, Glyph, Ink, Mark, Run, Scene, Stroke
from bot.pictures.typeface import LACUNA, Typeface
from vae.poem import Script
from vae.prosody.check import Report, check
from vae.script import in_script, script_of, to_traditional

WIDTH = 1080
MARGIN = 72
LARGEST = 92
LONGEST, MOST = 16, 16
"""Characters a line and lines a picture; what is more is no regular poem, and its text says so better."""
LEVEL, OBLIQUE, EITHER = "123"
_SIGNS = {LEVEL: "○", OBLIQUE: "●", EITHER: "◎"}


def lay_out(lines: Sequence[str], face: Typeface) -> Scene:
    """lines: a poem without punctuation, in either script, any text at all. Raises TextTooLarge."""
    text = _text(lines)
    if sum(map(len, text)) > LIMIT or len(text) > MOST or max(map(len, text)) > LONGEST:
        raise TextTooLarge(given=sum(map(len, text)), limit=LIMIT)
    report = _report(text)
    longest = max(map(len, text))
    pitch = min(LARGEST * 1.45, (WIDTH - 2 * MARGIN) / longest)
    size = int(pitch / 1.45)
    row = size * 2.05
    top = MARGIN + 96
    left = (WIDTH - pitch * longest) / 2
    height = int(top + row * len(text) + 150)
    small = 34
    marks: list[Mark] = [_run(_verdict(report, text), WIDTH / 2, MARGIN + 16, 44, Ink.TEXT, face)]
    wrong = {fault.place for fault in report.faults if fault.place is not None}
    rhyming = _rhyming(report)
    for i, line in enumerate(text):
        for j, char in enumerate(line):
            x, y = left + pitch * (j + 0.5), top + row * i + size * 0.55
            below = y + size * 0.86
            marks.append(Glyph(face.shown(char) or LACUNA, x, y, size))
            marks += _sign(report.digits[i][j], x, below, size * 0.13)
            if (i, j) in wrong:
                marks.append(Dot(x, y, size * 0.66, Ink.SEAL, 4))
                marks.append(Glyph("×", x + size * 0.42, below, max(20, size // 2), Ink.SEAL))
            if j == len(line) - 1 and i in rhyming:
                marks.append(
                    Stroke(((x - size * 0.4, below + size * 0.3), (x + size * 0.4, below + size * 0.3)), Ink.SEAL, 4)
                )
    marks.append(Stroke(((MARGIN, height - 110), (WIDTH - MARGIN, height - 110)), Ink.LINE, 2))
    marks += _legend(WIDTH / 2, height - 64, small, face)
    return Scene(WIDTH, height, tuple(marks))


def alt(lines: Sequence[str]) -> str:
    """The picture in words: each line with its signs, and what is wrong."""
    text = _text(lines)
    report = _report(text)
    rows = [
        f"{line} {''.join(_SIGNS.get(digit, '·') for digit in digits)}"
        for line, digits in zip(text, report.digits, strict=True)
    ]
    return "\n".join([_verdict(report, text), *rows])


def _text(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if line) or (LACUNA,)


def _report(text: tuple[str, ...]) -> Report:
    return check(to_traditional("\n".join(text)).split("\n"))


def _verdict(report: Report, text: tuple[str, ...]) -> str:
    shape = to_traditional(report.form.chinese) if report.form else "雜言"
    rhyme = f" · 押{report.rhyme_group}韻" if report.rhyme_group else ""
    faults = len({fault.place for fault in report.faults})
    verdict = f"{shape}{rhyme} · " + ("合律" if report.complies else f"不合 {faults} 處")
    return in_script(verdict, script_of("".join(text)) or Script.HANT)


def _rhyming(report: Report) -> set[int]:
    if not report.regular:
        return set()
    even = set(range(1, len(report.lines), 2))
    return even | {0} if report.opens else even


def _sign(digit: str, x: float, y: float, radius: float) -> list[Mark]:
    match digit:
        case "1":
            return [Dot(x, y, radius, Ink.TEXT, 3)]
        case "2":
            return [Dot(x, y, radius, Ink.TEXT)]
        case "3":
            return [Dot(x, y, radius, Ink.TEXT, 3), Dot(x, y, radius * 0.4, Ink.TEXT)]
        case _:
            return []


def _run(text: str, x: float, y: float, size: int, ink: Ink, face: Typeface) -> Run:
    shown = face.shown(text)
    return Run(shown, x, y, size, face.advance(shown, size), ink, centred=True)


def _legend(x: float, y: float, size: int, face: Typeface) -> list[Mark]:
    """The signs and what they mean, side by side around x."""
    entries = [("1", "平 level"), ("2", "仄 oblique"), ("3", "either"), ("韻", "rhyme"), ("×", "against the rule")]
    gap, sign = 34.0, 34.0
    widths = [sign + face.advance(label, size - 6) for _, label in entries]
    left = x - (sum(widths) + gap * (len(entries) - 1)) / 2
    marks: list[Mark] = []
    for (what, label), width in zip(entries, widths, strict=True):
        if what == "韻":
            marks.append(Stroke(((left, y), (left + 22, y)), Ink.SEAL, 4))
        elif what == "×":
            marks.append(Glyph("×", left + 11, y, size, Ink.SEAL))
        else:
            marks += _sign(what, left + 11, y, 10)
        marks.append(Run(label, left + sign, y, size - 6, width - sign, Ink.FAINT))
        left += width + gap
    return marks
