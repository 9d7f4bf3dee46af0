"""The rules of regulated verse (近體詩): types of line with their variants, schemes, and what each rule is called.

A pattern is a string, a letter a character: P level (平), Z oblique (仄), * either, R level and rhyming. A line of
seven is a line of five with two more characters in front, the second of them opposite in tone to the fourth.

Source: 王力, 詩詞格律 (the types, the rescues 拗救, 孤平 and 三平尾), as summed up with four letters A to D.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import NamedTuple

from vae.poem import Form
from vae.prosody.table import EITHER, LEVEL, OBLIQUE

MASKS = {"P": LEVEL, "R": LEVEL, "Z": OBLIQUE, "*": EITHER}


class Place(NamedTuple):
    """A character of a poem, counted from 0."""

    line: int
    column: int


class Rule(Enum):
    """A rule, kept or broken: its name in Chinese and in English."""

    LINES = "句數", "number of lines"
    LENGTH = "字數", "length of line"
    HAN = "漢字", "Chinese characters only"
    TONE = "平仄", "tone pattern"
    OPPOSITION = "失對", "opposition within the couplet"
    ADHESION = "失粘", "adhesion to the couplet before"
    LONE_LEVEL = "孤平", "lone level tone"
    THREE_LEVELS = "三平尾", "three level tones at the end"
    NO_RESCUE = "拗而不救", "irregular tone without a rescue"
    END_TONE = "句腳平仄", "tone of the line's end"
    RHYME = "出韻", "rhyme outside the group"
    REPEATED_RHYME = "重韻", "rhyme word used twice"
    PLAN = "不合定格", "tone or rhyme other than planned"

    REGULAR = "正格", "regular"
    MINOR = "小拗", "minor irregularity"
    MAJOR = "大拗", "major irregularity"
    SPECIAL = "特拗", "exchanged tones"
    THREE_OBLIQUES = "三仄尾", "three oblique tones at the end"
    THIRD_LEVEL = "變格", "level tone before the fall"
    SELF_RESCUE = "本句自救", "rescue within the line"
    CROSS_RESCUE = "對句相救", "rescue by the next line"
    NEIGHBOUR = "鄰韻", "opening rhyme from a neighbour group"

    @property
    def chinese(self) -> str:
        return self.value[0]

    @property
    def english(self) -> str:
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Variant:
    """One accepted pattern of a type of line.

    odd: the column that strays from the regular pattern, from the end (-1 the last), or None. needs_rescue: holds only
    if the next line has its third character from the end level (the fifth of seven, the third of five).
    """

    pattern: str
    rule: Rule = Rule.REGULAR
    odd: int | None = None
    needs_rescue: bool = False


_FIVE: dict[str, tuple[Variant, ...]] = {
    "A": (
        Variant("*ZPPZ"),
        Variant("*ZZPZ", Rule.MINOR, -3),
        Variant("*ZPZZ", Rule.MAJOR, -2, needs_rescue=True),
        Variant("*ZZZZ", Rule.MAJOR, -2, needs_rescue=True),
    ),
    "B": (
        Variant("PPZZR"),
        Variant("PPPZR", Rule.THIRD_LEVEL, -3),
        Variant("ZPPZR", Rule.SELF_RESCUE, -5),
    ),
    "C": (
        Variant("*PPZZ"),
        Variant("PPZPZ", Rule.SPECIAL, -3),
        Variant("PPZZZ", Rule.THREE_OBLIQUES, -3),
    ),
    "D": (Variant("*ZZPR"),),
}
_FORBIDDEN = {"B": ("ZPZZR", Rule.LONE_LEVEL), "D": ("*ZPPR", Rule.THREE_LEVELS)}
_HEADS = {"A": "*P", "B": "*Z", "C": "*Z", "D": "*P"}
RESCUING = ("PPPZR", "ZPPZR")
"""Five-character patterns of B that rescue the line before."""
TURNED = {"A": "C", "C": "A", "B": "D", "D": "B"}
"""The type of the same ending in the opposite tones: what a line is that fails to adhere or to oppose."""


def _extend(kind: str, pattern: str, columns: int) -> str:
    return pattern if columns == 5 else _HEADS[kind] + pattern


@cache
def variants(kind: str, columns: int) -> tuple[Variant, ...]:
    """The accepted patterns of a type of line (A to D) of 5 or 7 columns, the regular one first."""
    return tuple(Variant(_extend(kind, v.pattern, columns), v.rule, v.odd, v.needs_rescue) for v in _FIVE[kind])


@cache
def forbidden(kind: str, columns: int) -> tuple[str, Rule] | None:
    """The pattern that a type of line must never have, and the rule it breaks."""
    if kind not in _FORBIDDEN:
        return None
    pattern, rule = _FORBIDDEN[kind]
    return _extend(kind, pattern, columns), rule


def misses(tones: str, pattern: str) -> list[int]:
    """Columns where a line breaks a pattern. tones: a digit a character, its tone mask; 0, unknown, breaks nothing."""
    return [i for i, (tone, letter) in enumerate(zip(tones, pattern, strict=True)) if not _fits(tone, letter)]


def _fits(tone: str, letter: str) -> bool:
    return tone == "0" or bool(int(tone) & MASKS[letter])


def fits(tones: str, pattern: str) -> bool:
    return all(_fits(tone, letter) for tone, letter in zip(tones, pattern, strict=True))


def rescues(tones: str) -> bool:
    """Whether a line, by its tone digits, is of type B and rescues the line before it."""
    return any(fits(tones, _extend("B", pattern, len(tones))) for pattern in RESCUING)


@dataclass(frozen=True, slots=True)
class Scheme:
    """An order of line types. kinds: a letter a line; rhymed: whether the first line rhymes."""

    name: str
    kinds: str
    rhymed: bool

    def title(self, columns: int) -> str:
        """What readers call it: 仄起首句不入韻."""
        level = (self.kinds[0] in "BC") == (columns == 5)
        return f"{'平' if level else '仄'}起首句{'' if self.rhymed else '不'}入韻"

    @property
    def rhymes(self) -> tuple[int, ...]:
        """Lines that end in the rhyme."""
        return tuple(i for i in range(len(self.kinds)) if i % 2 or (i == 0 and self.rhymed))


_OPENINGS = {"S1": "ABCD", "S2": "CDAB", "S3": "DBCD", "S4": "BDAB"}
NAMES = tuple(_OPENINGS)


@cache
def schemes(lines: int) -> tuple[Scheme, ...]:
    """S1 to S4 for poems of 2, 4 or 8 lines; those of a couplet are the first couplets of the others."""
    found = []
    for name, opening in _OPENINGS.items():
        going_on = "ABCD" if opening.endswith("D") else "CDAB"
        found.append(Scheme(name, (opening + going_on)[:lines], rhymed=opening[0] in "BD"))
    return tuple(found)


def scheme(form: Form, name: str) -> Scheme:
    """The scheme of that name, S1 to S4. Raises KeyError."""
    return {found.name: found for found in schemes(form.lines)}[name]


# A line's tone digits boil down to these flags; a poem is judged by its lines' flags alone.
FLAG = {"A": 1, "B": 2, "C": 4, "D": 8}
FLAG_MAJOR = 16
FLAG_RESCUES = 32


@cache
def flags(tones: str) -> int:
    """Which types a line of 5 or 7 satisfies (FLAG), with a rescue only (FLAG_MAJOR), and whether it rescues."""
    found = FLAG_RESCUES * rescues(tones)
    for kind in "ABCD":
        for variant in variants(kind, len(tones)):
            if fits(tones, variant.pattern):
                found |= FLAG_MAJOR if variant.needs_rescue else FLAG[kind]
    return found
