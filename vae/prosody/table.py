"""RhymeTable: which tones and rhyme groups a character has, by one rhyme book and one policy on polyphones.

The tables ship in `vae/data` as text, a character a line (see `vae.prosody.derive`, which makes them):

    character TAB ten-thousandths of level-tone use TAB level groups TAB oblique groups

Groups are parted by spaces, the commonest first; a number after a group is the ten-thousandths of the character's uses
in that tone that rhyme with it, left out where it is all of them. In the classical table oblique groups have no
numbers: verse seldom tells, and all of them count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from vae.errors import UnknownChoice
from vae.prosody import books

LEVEL = 1
OBLIQUE = 2
EITHER = LEVEL | OBLIQUE
_UNIT = 10_000
_DATA = Path(__file__).parents[1] / "data"
Book = Literal["classical", "modern"]
FILES: dict[Book, str] = {"classical": "pingshui.tsv", "modern": "xinyun.tsv"}
_GROUP = re.compile(r"(\D)(\d*)")


class Policy(Enum):
    """Which readings of a character count, by the share of its uses that they have.

    value: the least share of a tone, and of a rhyme group among the uses in that tone.
    """

    BOOK = 0.0001, 0.0
    """Every reading that the book gives, however rare."""
    ANY = 0.15, 0.15
    """Readings that verse does use: how people's poems are judged."""
    STRICT = 0.6, 0.5001
    """Only the dominant one, if there is one: over a half, for tones with a margin for other readers' counts."""


class Reading(NamedTuple):
    """One rhyme group of a character and the share of uses, among those of the same tone, that rhyme with it."""

    group: str
    share: float


class Entry(NamedTuple):
    """All that a rhyme book says of a character. level_share: the share of its uses that are level, 0 to 1."""

    level_share: float
    level: tuple[Reading, ...]
    oblique: tuple[Reading, ...]


class _Codes(dict[int, int]):
    """For str.translate: code point -> the digit of its tone mask; 0 for characters the table does not know."""

    def __missing__(self, code: int) -> int:
        return 48


class _Masks(dict[str, tuple[int, int, int]]):
    """A table's row -> masks of the tones, level groups and oblique groups that count. Most rows repeat another one's."""

    def __init__(self, level: tuple[str, ...], oblique: tuple[str, ...], policy: Policy) -> None:
        super().__init__()
        self.names = level, oblique
        self.least, self.least_of_group = policy.value
        self.columns: dict[tuple[int, str], int] = {}

    def __missing__(self, row: str) -> tuple[int, int, int]:
        share, *columns = row.split("\t")
        tones = LEVEL * (int(share) >= self.least * _UNIT) + OBLIQUE * (_UNIT - int(share) >= self.least * _UNIT)
        level, oblique = (self._column(side, columns[side]) if tones >> side & 1 else 0 for side in (0, 1))
        self[row] = tones, level, oblique
        return self[row]

    def _column(self, side: int, text: str) -> int:
        if (side, text) not in self.columns:
            groups = (reading.group for reading in _readings(text) if reading.share >= self.least_of_group)
            self.columns[side, text] = sum(1 << self.names[side].index(group) for group in groups)
        return self.columns[side, text]


@dataclass(frozen=True, eq=False)
class RhymeTable:
    """A rhyme book read by one policy. Mask and check of the same table always agree.

    rhyme_groups, oblique_groups: names in the book's order. neighbours: for a level group, the groups that a rhymed
    opening line may take instead. A character the book does not know has tone mask 0.
    """

    name: Book
    policy: Policy
    rhyme_groups: tuple[str, ...]
    oblique_groups: tuple[str, ...]
    neighbours: dict[str, frozenset[str]]
    rows: dict[str, str]

    @property
    def strict(self) -> RhymeTable:
        """The same book where only the dominant reading counts: what it allows, any reader's policy allows."""
        return _load(self.name, Policy.STRICT)

    @property
    def lenient(self) -> RhymeTable:
        """The same book where any reading counts: for what people wrote themselves."""
        return _load(self.name, Policy.ANY)

    def __contains__(self, char: object) -> bool:
        return char in self.rows

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def entry(self, char: str) -> Entry | None:
        """What the book says, before any policy; None for a character it does not know."""
        row = self.rows.get(char)
        if row is None:
            return None
        share, level, oblique = row.split("\t")
        return Entry(int(share) / _UNIT, _readings(level), _readings(oblique))

    def tones(self, char: str) -> int:
        """Bit mask LEVEL | OBLIQUE of the tones that count; 0 for a character not known, or with none that counts."""
        return self.codes[ord(char)] - 48 if len(char) == 1 else 0

    def level_share(self, char: str) -> float:
        """The share of uses in level tone, 0 to 1; 0.5 for a character not known."""
        row = self.rows.get(char)
        return 0.5 if row is None else int(row[: row.index("\t")]) / _UNIT

    def groups(self, char: str) -> frozenset[str]:
        """The level rhyme groups whose reading counts."""
        return self._names(self.level_bits.get(char, 0), self.rhyme_groups)

    def ancient(self, char: str) -> frozenset[str]:
        """The oblique rhyme groups (上去入) whose reading counts: rhymes of the ancient style."""
        return self._names(self.oblique_bits.get(char, 0), self.oblique_groups)

    @property
    def codes(self) -> dict[int, int]:
        """Turns text into digits, a tone mask each, through str.translate."""
        return self._masks[0]

    @property
    def level_bits(self) -> dict[str, int]:
        """Character -> bit mask over `rhyme_groups` of the level groups that count; absent where none does."""
        return self._masks[1]

    @property
    def oblique_bits(self) -> dict[str, int]:
        """Character -> bit mask over `oblique_groups` of the oblique groups that count; absent where none does."""
        return self._masks[2]

    @cached_property
    def opening_bits(self) -> tuple[int, ...]:
        """For each level group the bit mask of groups that a rhymed opening line may end in: itself and neighbours."""
        index = {group: 1 << i for i, group in enumerate(self.rhyme_groups)}
        return tuple(index[g] | sum(index[n] for n in self.neighbours.get(g, ())) for g in self.rhyme_groups)

    @cached_property
    def _masks(self) -> tuple[_Codes, dict[str, int], dict[str, int]]:
        masks = _Masks(self.rhyme_groups, self.oblique_groups, self.policy)
        codes, level, oblique = _Codes(), {}, {}
        for char, row in self.rows.items():
            tones, of_level, of_oblique = masks[row]
            codes[ord(char)] = 48 + tones
            if of_level:
                level[char] = of_level
            if of_oblique:
                oblique[char] = of_oblique
        return codes, level, oblique

    @staticmethod
    def _names(bits: int, names: tuple[str, ...]) -> frozenset[str]:
        return frozenset(name for i, name in enumerate(names) if bits >> i & 1)


def _readings(text: str) -> tuple[Reading, ...]:
    return tuple(Reading(group, int(share or _UNIT) / _UNIT) for group, share in _GROUP.findall(text.replace(" ", "")))


def classical(policy: Policy = Policy.ANY) -> RhymeTable:
    """The 平水韻: 30 level groups and 76 oblique ones."""
    return _load("classical", policy)


def modern(policy: Policy = Policy.ANY) -> RhymeTable:
    """The 中華新韻 of today's standard pronunciation: 14 groups, for level and oblique rhymes alike."""
    return _load("modern", policy)


def named(name: str) -> RhymeTable:
    """The table called `classical` or `modern`, any reading counting. Raises UnknownChoice."""
    for book in FILES:
        if name == book:
            return _load(book, Policy.ANY)
    raise UnknownChoice(what="table", given=name, choices=", ".join(FILES))


def parse(name: Book, text: str, policy: Policy = Policy.ANY) -> RhymeTable:
    """The table that a file's text holds. name: classical or modern."""
    rows = {row[0]: row[2:] for row in text.splitlines()}
    if name == "classical":
        return RhymeTable(name, policy, books.CLASSICAL_LEVEL, books.CLASSICAL_OBLIQUE, books.neighbours(), rows)
    return RhymeTable(name, policy, books.MODERN, books.MODERN, {}, rows)


@cache
def _load(name: Book, policy: Policy) -> RhymeTable:
    if policy is not Policy.ANY:
        return replace(_load(name, Policy.ANY), policy=policy)
    return parse(name, (_DATA / FILES[name]).read_text(encoding="utf-8"))


def dump(entries: Iterable[tuple[str, Entry]]) -> str:
    """Rows of a table file, in the order given."""
    return "".join(
        f"{char}\t{_share(entry)}\t{_column(entry.level)}\t{_column(entry.oblique)}\n" for char, entry in entries
    )


def _share(entry: Entry) -> int:
    # Rounding must not take away a tone.
    return min(max(round(entry.level_share * _UNIT), entry.level_share > 0), _UNIT - (entry.level_share < 1))


def _column(readings: tuple[Reading, ...]) -> str:
    shares = ((reading.group, round(reading.share * _UNIT)) for reading in readings)
    return " ".join(group if share == _UNIT else f"{group}{share}" for group, share in shares)
