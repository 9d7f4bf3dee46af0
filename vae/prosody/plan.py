"""`plan`: before a poem is written, which tone and which rhyme each of its places has.

A plan is one concrete pattern: of a scheme's accepted variants one is chosen for each line, the regular one unless
given characters ask for another, so that a mask made of it never changes while the poem grows.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from vae.errors import Phrase, UnknownChoice
from vae.poem import Form
from vae.prosody import priors, rules
from vae.prosody.choice import STRAINS, Reading, Wish, read
from vae.prosody.errors import OutsidePoem
from vae.prosody.rules import Place, Rule, Scheme
from vae.prosody.table import RhymeTable

FREE, RHYME = "*", "R"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a plan had to put up with. line: counted from 0. text: one English sentence."""

    rule: Rule
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What each place of a poem must be.

    patterns: for each line a letter a character: P level, Z oblique, * either, R level and rhyming in `rhyme`.
    rhyme: the level rhyme group; None where no line has to rhyme (couplets).
    given: characters that stand as they are, by place (line, column) from 0; their letters need not fit them.
    """

    form: Form
    scheme: Scheme
    rhyme: str | None
    patterns: tuple[str, ...]
    given: Mapping[Place, str]
    notes: tuple[Note, ...] = ()

    @property
    def letters(self) -> str:
        """The patterns as one string, in reading order."""
        return "".join(self.patterns)

    @property
    def rhyme_positions(self) -> tuple[int, ...]:
        """Positions in reading order whose characters rhyme; no two of them may be the same character."""
        return tuple(i for i, letter in enumerate(self.letters) if letter == RHYME)

    @property
    def given_positions(self) -> dict[int, str]:
        """The given characters by position in reading order."""
        return {line * self.form.columns + column: char for (line, column), char in sorted(self.given.items())}

    @property
    def strains(self) -> tuple[Note, ...]:
        """The notes that tell of a broken rule; the others tell of an accepted variant."""
        return tuple(note for note in self.notes if note.rule in STRAINS)

    def faults(self, lines: Sequence[str], table: RhymeTable) -> list[Place]:
        """Where a poem departs from this very plan, given characters apart; lines in the form's shape."""
        found = []
        words = {self.given[p] for p in self.given if self.patterns[p.line][p.column] == RHYME}
        for i, (line, pattern) in enumerate(zip(lines, self.patterns, strict=True)):
            for j, (char, letter) in enumerate(zip(line, pattern, strict=True)):
                place = Place(i, j)
                if place in self.given:
                    if char != self.given[place]:
                        found.append(place)
                elif not self.allows(letter, char, table) or (letter == RHYME and char in words):
                    found.append(place)
                words.update(char if letter == RHYME else "")
        return found

    def allows(self, letter: str, char: str, table: RhymeTable) -> bool:
        """Whether a character may stand where the pattern has this letter."""
        if letter == RHYME:
            return self.rhyme in table.groups(char)
        return char in table if letter == FREE else bool(table.tones(char) & rules.MASKS[letter])


def plan(
    form: Form,
    *,
    scheme: str | None = None,
    rhyme: str | None = None,
    given: Mapping[tuple[int, int], str] | None = None,
    table: RhymeTable,
    rng: random.Random,
) -> Plan:
    """Choose what is left open, by the corpus' own frequencies among what the given characters fit.

    scheme: S1 to S4. rhyme: a level group of the table, by name. given: characters by (line, column), counted from 0; a
    line given whole stands even where it breaks every pattern, and a note says so.
    Raises Clash for wishes that exclude each other, UnknownChoice for a scheme or group that does not exist.
    """
    placed = {Place(*place): char for place, char in sorted((given or {}).items())}
    for (line, column), char in placed.items():
        if not (0 <= line < form.lines and 0 <= column < form.columns):
            raise OutsidePoem(form=form.chinese, char=char, line=line + 1, column=column + 1)
    if scheme is not None and scheme.upper() not in rules.NAMES:
        raise UnknownChoice(what="scheme", given=scheme, choices=", ".join(rules.NAMES))
    wish = Wish(
        form,
        scheme.upper() if scheme else None,
        group_named(rhyme, table) if rhyme is not None else None,
        placed,
        table,
    )
    readings = read(wish)
    weights = priors.scheme_weights(form, table)
    reading = _choose({r: weights[r.scheme.name] for r in readings}, rng)
    group = _group(wish, reading, rng)
    patterns = reading.patterns if group else tuple(p.replace(RHYME, "P") for p in reading.patterns)
    notes = [Note(*note) for note in reading.notes]
    notes += _neighbour(wish, reading, group)
    return Plan(form, reading.scheme, group, patterns, placed, tuple(notes))


def _group(wish: Wish, reading: Reading, rng: random.Random) -> str | None:
    if wish.rhyme or (wish.form.lines == 2 and not reading.scheme.rhymed):
        return wish.rhyme
    weights = priors.rhyme_weights(wish.form, wish.table)
    return _choose({name: weights[name] * share for name, share in reading.groups.items()}, rng)


def _neighbour(wish: Wish, reading: Reading, group: str | None) -> list[Note]:
    opening = wish.table.lenient.groups(wish.given.get(Place(0, wish.form.columns - 1), ""))
    near = {name for name in opening if group in wish.table.neighbours.get(name, ())}
    if not reading.scheme.rhymed or group in opening or not near:
        return []
    text = Phrase("Line 1 rhymes in {near}, a neighbour group of {group}.", near="、".join(sorted(near)), group=group)
    return [Note(Rule.NEIGHBOUR, 0, text)]


def _choose(weights: Mapping[_T, float], rng: random.Random) -> _T:
    return rng.choices(list(weights), list(weights.values()))[0]


_NUMBERS = "上下平一二三四五六七八九十"
"""What may stand before a group's name, as in 上平一東."""


def group_named(name: str, table: RhymeTable) -> str:
    """The level rhyme group a person means: 東, 东, 一東, 東韻, or a word that rhymes in one group alone.

    Raises UnknownChoice.
    """
    from vae.script import to_traditional  # noqa: PLC0415 - loads OpenCC

    bare = name.strip().rstrip("韻韵部")
    for read_as in (str, to_traditional):
        text = read_as(bare)
        name_of_group = text.lstrip(_NUMBERS)
        if name_of_group in table.rhyme_groups:
            return name_of_group
        groups = table.strict.groups(text)
        if len(groups) == 1:
            return next(iter(groups))
    raise UnknownChoice(what="rhyme group", given=name, choices=" ".join(table.rhyme_groups))
