"""What a picture holds before it is painted: things with places and boxes, so that a layout can be looked at by itself.

Pixels throughout, from the left upper corner; y grows downwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom."""


class Ink(StrEnum):
    """What a colour is for; a style says which it is."""

    TEXT = "text"
    FAINT = "faint"
    LINE = "line"
    SEAL = "seal"
    CLOUD = "cloud"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character in an em square of `size` pixels around its centre (x, y)."""

    char: str
    x: float
    y: float
    size: int
    ink: Ink = Ink.TEXT

    @property
    def box(self) -> Box:
        half = self.size / 2
        return (self.x - half, self.y - half, self.x + half, self.y + half)


@dataclass(frozen=True, slots=True)
class Run:
    """A line of text from left to right; (x, y) is the middle of its left end, or of itself where `centred`."""

    text: str
    x: float
    y: float
    size: int
    width: float
    ink: Ink = Ink.TEXT
    centred: bool = False

    @property
    def box(self) -> Box:
        left = self.x - self.width / 2 if self.centred else self.x
        return (left, self.y - self.size / 2, left + self.width, self.y + self.size / 2)


@dataclass(frozen=True, slots=True)
class Dot:
    """A disc, or a ring of `line` pixels where that is above 0."""

    x: float
    y: float
    radius: float
    ink: Ink = Ink.SEAL
    line: float = 0.0


@dataclass(frozen=True, slots=True)
class Stroke:
    """A polyline."""

    points: tuple[tuple[float, float], ...]
    ink: Ink = Ink.LINE
    line: float = 2.0


@dataclass(frozen=True, slots=True)
class Seal:
    """One to four characters cut out of a square of `size` pixels with its left upper corner at (x, y)."""

    text: str
    x: float
    y: float
    size: int

    @property
    def box(self) -> Box:
        return (self.x, self.y, self.x + self.size, self.y + self.size)


Mark: TypeAlias = Glyph | Run | Dot | Stroke | Seal


@dataclass(frozen=True, slots=True)
class Scene:
    """Marks on a sheet, painted in their order."""

    width: int
    height: int
    marks: tuple[Mark, ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Of all that is written: none may lie over another, and none may leave the sheet."""
        return tuple(mark.box for mark in self.marks if isinstance(mark, Glyph | Run | Seal))
