"""The card: a poem in columns from right to left, as it would be written on a sheet and sealed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from bot.errors import TextTooLarge
from bot.pictures.scene import Dot, Glyph, Ink, Mark, Run, Scene, Seal, Stroke
from bot.pictures.typeface import LACUNA, Typeface
from vae.script import is_han

LIMIT = 240
"""Characters a card has room for."""
MARGIN, FRAME = 104, 44
SHORTEST, TALLEST = 860, 1350
WIDTHS = {4: 1080, 8: 1350}
"""Width of the sheet by the number of columns it must hold; the last for any more."""
LARGEST = 124
ROW, COLUMN = 1.2, 1.36
"""Distances between characters down and across, in their size."""
SEAL = 112
SEAL_TEXT = "蘭亭"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a card shows.

    lines: the poem, a line a column. title: at its head, small. note: at its foot, smaller: the form and the rhyme.
    marked: (line, column) of the characters that a person gave, which bear a red dot. seal: up to four characters, such
    as the reader's own; what no seal can hold is replaced by the house's.
    """

    lines: tuple[str, ...]
    title: str = ""
    note: str = ""
    marked: frozenset[tuple[int, int]] = frozenset()
    seal: str = SEAL_TEXT


def card_of_text(text: str) -> Card:
    """A card of anything typed: lines as they stand, or cut at the marks of Chinese print. Raises TextTooLarge."""
    if len(text) > LIMIT:
        raise TextTooLarge(given=len(text), limit=LIMIT)
    pieces = [piece.strip() for piece in re.split(r"[\n\r，。；！？、,;!?]+" if _vertical(text) else r"[\n\r]+", text)]
    return Card(lines=tuple(piece for piece in pieces if piece) or (LACUNA,))


def lay_out(card: Card, face: Typeface) -> Scene:
    """Where everything stands. Raises TextTooLarge."""
    if (given := sum(map(len, card.lines))) > LIMIT:
        raise TextTooLarge(given=given, limit=LIMIT)
    lines = tuple(shown for line in card.lines if (shown := face.shown(line))) or (LACUNA,)
    if not _vertical("".join(lines)):
        return _rows(card, lines, face)
    return _columns(card, _folded(lines), face)


def _vertical(text: str) -> bool:
    letters = [char for char in text if not char.isspace()]
    return sum(is_han(char) or not char.isascii() for char in letters) * 2 >= len(letters)


def _folded(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Lines that are too long for a column, or too many, run on in columns of one height."""
    if max(map(len, lines)) <= 12 and len(lines) <= 12:
        return lines
    text = "".join(lines).replace(" ", "")
    height = max(5, math.ceil(math.sqrt(len(text) * 1.1)))
    return tuple(text[i : i + height] for i in range(0, len(text), height))


def _columns(card: Card, lines: tuple[str, ...], face: Typeface) -> Scene:
    width = next((wide for most, wide in WIDTHS.items() if len(lines) <= most), max(WIDTHS.values()))
    margin = MARGIN + 64  # room for the title at the right and the seal at the left
    rows = max(map(len, lines))
    across, down = width - 2 * margin, TALLEST - 2 * MARGIN
    size = int(min(LARGEST, across / (len(lines) * COLUMN), down / (rows * ROW)))
    pitch = min(size * 1.75, across / len(lines))
    height = int(min(TALLEST, max(SHORTEST, rows * size * ROW + 2 * MARGIN + 40)))
    top = (height - rows * size * ROW) / 2
    right = (width + pitch * len(lines)) / 2
    marks: list[Mark] = _frame(width, height)
    for i in range(len(lines) + 1):  # the rules between columns, as on letter paper
        x = right - pitch * i
        marks.append(Stroke(((x, FRAME + 18), (x, height - FRAME - 18)), Ink.LINE, 1.5))
    for i, line in enumerate(lines):
        x = right - pitch * (i + 0.5)
        for j, char in enumerate(line):
            y = top + size * ROW * (j + 0.5)
            marks.append(Glyph(char, x, y, size))
            if (i, j) in card.marked and lines == card.lines:
                marks.append(Dot(x + min(pitch * 0.43, size * 0.66), y + size * 0.3, size * 0.05))
    small = max(26, min(46, int(size * 0.42)))
    aside = (FRAME + 18 + (width - right)) / 2
    marks += _aside(face.shown(card.title), width - aside, top, height - MARGIN - top, small, Ink.TEXT)
    seal = int(min(SEAL, width - right - FRAME - 36))
    marks.append(Seal(_seal_text(card.seal, face), aside - seal / 2, height - FRAME - 36 - seal, seal))
    room = height - FRAME - 72 - seal - top
    marks += _aside(face.shown(card.note), aside, top, room, max(22, small - 8), Ink.FAINT)
    return Scene(width, height, tuple(marks))


def _aside(text: str, x: float, top: float, room: float, size: int, ink: Ink) -> list[Mark]:
    """Small characters down the margin; what has no room ends in an ellipsis."""
    most = max(1, int(room / (size * 1.12)))
    if len(text) > most:
        text = text[: most - 1] + "…"
    return [Glyph(char, x, top + size * 1.12 * (i + 0.5), size, ink) for i, char in enumerate(text) if char != " "]


def _rows(card: Card, lines: tuple[str, ...], face: Typeface) -> Scene:
    """Text that is not Chinese: rows from left to right, broken between words."""
    width = WIDTHS[4]
    across = width - 2 * MARGIN
    count = sum(map(len, lines))
    size = int(min(84, max(40, 900 / math.sqrt(count))))
    rows = [row for line in lines for row in _wrapped(line, across, size, face)]
    pitch = size * 1.5
    height = int(max(SHORTEST, len(rows) * pitch + 2 * MARGIN + SEAL + 40))
    top = (height - SEAL - 40 - len(rows) * pitch) / 2
    marks = _frame(width, height)
    for i, row in enumerate(rows):
        y = top + pitch * (i + 0.5)
        marks.append(Run(row, width / 2, y, size, face.advance(row, size), centred=True))
    marks.append(Seal(_seal_text(card.seal, face), width - MARGIN - SEAL, height - FRAME - 36 - SEAL, SEAL))
    return Scene(width, height, tuple(marks))


def _wrapped(line: str, across: float, size: int, face: Typeface) -> list[str]:
    rows, row = [], ""
    for word in line.split():
        pieces = [word]
        while face.advance(pieces[-1], size) > across:  # a word longer than a row is broken anywhere
            most = next(
                n for n in range(len(pieces[-1]), 0, -1) if n == 1 or face.advance(pieces[-1][:n], size) <= across
            )
            pieces[-1:] = [pieces[-1][:most], pieces[-1][most:]]
        for piece in pieces:
            if row and face.advance(f"{row} {piece}", size) > across:
                rows.append(row)
                row = piece
            else:
                row = f"{row} {piece}".strip()
    return [*rows, row] if row else rows


def _frame(width: int, height: int) -> list[Mark]:
    def box(inset: float, line: float) -> Stroke:
        right, bottom = width - inset, height - inset
        corners = ((inset, inset), (right, inset), (right, bottom), (inset, bottom), (inset, inset))
        return Stroke(corners, Ink.LINE, line)

    return [box(FRAME, 5), box(FRAME + 10, 1.5)]


def _seal_text(text: str, face: Typeface) -> str:
    chars = [char for char in text if is_han(char) and face.has(char)]
    return "".join(chars[:4]) or SEAL_TEXT


def alt(card: Card) -> str:
    """The poem itself, for those who hear a picture read."""
    return "\n".join([*([card.title] if card.title else []), *card.lines])
