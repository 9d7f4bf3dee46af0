"""Which schemes and rhyme groups the given characters fit, and what to say of those that fit none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vae.errors import Clash, Phrase
from vae.poem import Form
from vae.prosody import rules
from vae.prosody.rules import Place, Rule, Scheme, Variant
from vae.prosody.table import EITHER, RhymeTable

Said = tuple[Rule, int, Phrase]
"""A rule, a line from 0, and an English sentence: what becomes a plan's note."""


@dataclass(frozen=True, eq=False)
class Wish:
    """What a person asked of the form. given: characters by place; a line of which all are given is the person's own.

    What people wrote is read by any reading (`table.lenient`), whatever policy the poet writes by.
    """

    form: Form
    scheme: str | None
    rhyme: str | None
    given: Mapping[Place, str]
    table: RhymeTable

    def line(self, number: int) -> list[str | None]:
        """The line's given characters, None for a place that is open."""
        return [self.given.get(Place(number, column)) for column in range(self.form.columns)]

    def whole(self, number: int) -> bool:
        return None not in self.line(number)

    def quote(self, number: int) -> Phrase:
        return Phrase("line {number} ({text})", number=number + 1, text=self.text(number))

    def text(self, number: int) -> str:
        return "".join(char or "·" for char in self.line(number))


@dataclass(frozen=True, eq=False)
class Reading:
    """A scheme as the given characters take it.

    groups: the rhyme groups left, each with the share of the given rhyme words' uses that it covers.
    strain: how many given characters are off every accepted pattern, or do not rhyme.
    """

    scheme: Scheme
    patterns: tuple[str, ...]
    groups: dict[str, float]
    strain: int
    notes: tuple[Said, ...]


def read(wish: Wish) -> list[Reading]:
    """The schemes that the given characters fit, or come nearest to. Raises Clash."""
    readings, clashes = [], []
    for scheme in rules.schemes(wish.form.lines):
        try:
            readings.append(_read(wish, scheme))
        except Clash as clash:
            if wish.scheme in (scheme.name, None):
                clashes.append(clash)
    named = [r for r in readings if wish.scheme in (r.scheme.name, None)]
    if not named:
        raise clashes[0]
    least = min(r.strain for r in named)
    unrhymed = [clash for clash in clashes if clash.details["first"] == _rhyme_group(wish)]
    if least and unrhymed:
        raise unrhymed[0]  # the first line ends level, in another group than the one asked for
    if wish.scheme and least:
        _offer_another(wish, named[0], readings)
    return [r for r in named if r.strain == least]


def _offer_another(wish: Wish, reading: Reading, readings: Sequence[Reading]) -> None:
    # A line of the person's own that fits another scheme contradicts the one they named.
    better = [r.scheme.name for r in readings if r.strain == 0]
    if better:
        line = next(line for rule, line, _ in reading.notes if rule in STRAINS)
        reason = Phrase(
            "the line fits {schemes}. Leave the scheme open, or change the line.", schemes=", ".join(better)
        )
        raise Clash(first=_scheme(reading.scheme), second=wish.quote(line), reason=reason)


STRAINS = (Rule.TONE, Rule.RHYME, Rule.REPEATED_RHYME, Rule.NO_RESCUE)


def _read(wish: Wish, scheme: Scheme) -> Reading:
    patterns: list[str] = []
    notes: list[Said] = []
    strain = 0
    rescue_due = False
    for number, kind in enumerate(scheme.kinds):
        variant, off = _fit(wish, scheme, number, kind, rescue_due=rescue_due)
        rescue_due = variant.needs_rescue
        patterns.append(variant.pattern)
        strain += off
        if off:
            text = Phrase(
                "Line {number} ({text}) is {off} off {scheme}'s {pattern}; it stands as given.",
                **_own(wish, number),
                off=off,
                scheme=scheme.name,
                pattern=variant.pattern,
            )
            notes.append((Rule.TONE, number, text))
        elif variant.rule is not Rule.REGULAR:
            text = Phrase(
                "Line {number} follows {pattern} ({rule}).",
                number=number + 1,
                pattern=variant.pattern,
                rule=variant.rule.english,
            )
            notes.append((variant.rule, number, text))
    fitting, rhyme_notes = _settle_rhyme(wish, scheme)
    return Reading(scheme, tuple(patterns), fitting, strain + len(rhyme_notes), (*notes, *rhyme_notes))


def _fit(wish: Wish, scheme: Scheme, number: int, kind: str, *, rescue_due: bool) -> tuple[Variant, int]:
    """The pattern that a line's given characters fit, and 0; for a whole line that fits none the next, and how far."""
    masks = [_mask(char, wish.table) for char in wish.line(number)]
    options = list(_options(wish, number, kind, rescue_due=rescue_due))
    best = min(options, key=lambda variant: len(_off(masks, variant.pattern)))
    off = _off(masks, best.pattern)
    if off and not wish.whole(number):
        char = wish.given[Place(number, off[0])]
        level = Phrase("that place needs a level tone. Choose another character, place or scheme.")
        oblique = Phrase("that place needs an oblique tone. Choose another character, place or scheme.")
        raise Clash(
            first=Phrase(
                "「{char}」 as character {column} of line {number}", char=char, column=off[0] + 1, number=number + 1
            ),
            second=Phrase("scheme {scheme} of {form}", scheme=scheme.name, form=wish.form.chinese),
            reason=level if best.pattern[off[0]] in "PR" else oblique,
        )
    return best, len(off)


def _options(wish: Wish, number: int, kind: str, *, rescue_due: bool) -> Iterator[Variant]:
    variants = rules.variants(kind, wish.form.columns)
    rescuing = [v for v in variants if v.pattern[-5:] in rules.RESCUING]
    if rescue_due:
        yield from rescuing
        return
    for variant in variants:
        if not variant.needs_rescue:
            yield variant
        elif number + 1 < wish.form.lines:
            after = [_mask(char, wish.table) for char in wish.line(number + 1)]
            if any(not _off(after, v.pattern) for v in rules.variants("B", wish.form.columns)[1:]):
                yield variant


def _own(wish: Wish, number: int) -> dict[str, object]:
    return {"number": number + 1, "text": wish.text(number)}


def _scheme(scheme: Scheme) -> Phrase:
    return Phrase("scheme {scheme}", scheme=scheme.name)


def _rhyme_group(wish: Wish) -> Phrase:
    return Phrase("rhyme group {group}", group=wish.rhyme)


def _end(char: str, number: int) -> Phrase:
    return Phrase("「{char}」 at the end of line {number}", char=char, number=number + 1)


def _mask(char: str | None, table: RhymeTable) -> int:
    return EITHER if char is None else table.lenient.tones(char) or EITHER


def _off(masks: Sequence[int], pattern: str) -> list[int]:
    return [i for i, (mask, letter) in enumerate(zip(masks, pattern, strict=True)) if not mask & rules.MASKS[letter]]


def _settle_rhyme(wish: Wish, scheme: Scheme) -> tuple[dict[str, float], list[Said]]:
    """The rhyme groups left by the given rhyme words, each with the share of the words' uses that it covers, and notes.

    Of a person's own lines that do not rhyme the earlier one decides, and a note tells. Raises Clash for a rhyme group
    asked for that a given word is not in, and for a lone given character that does not rhyme.
    """
    fitting = {group: 1.0 for group in wish.table.rhyme_groups if wish.rhyme in (group, None)}
    notes: list[Said] = []
    last = wish.form.columns - 1
    decided: Phrase | None = None
    words: dict[str, int] = {}
    for number in sorted(scheme.rhymes, key=lambda line: (line == 0, line)):
        char = wish.given.get(Place(number, last))
        allowed = None if char is None else _shares(char, wish.table, opening=number == 0)
        if allowed is None:
            continue
        if char in words:
            _repeat(wish, number, words[char], notes)
        words[char or ""] = number
        left = {group: share * allowed[group] for group, share in fitting.items() if group in allowed}
        if left:
            fitting, decided = left, decided or Phrase("line {number}", number=number + 1)
            continue
        groups = "、".join(sorted(wish.table.lenient.groups(char or ""))) or Phrase("no level group")
        if wish.rhyme and (number or allowed):
            reason = Phrase(
                "「{char}」 is in {groups}. Leave the rhyme open, or end the line in {group}.",
                char=char,
                groups=groups,
                group=wish.rhyme,
            )
            raise Clash(first=_rhyme_group(wish), second=wish.quote(number), reason=reason)
        if not wish.whole(number):
            raise Clash(
                first=_end(char or "", number),
                second=decided or Phrase("a level rhyme in {form}", form=wish.form.chinese),
                reason=Phrase("it is in {groups} and has to rhyme. Choose another character or place.", groups=groups),
            )
        text = Phrase(
            "Line {number} ({text}) ends in {groups} and does not rhyme; it stands as given.",
            **_own(wish, number),
            groups=groups,
        )
        notes.append((Rule.RHYME, number, text))
    return fitting, notes


def _repeat(wish: Wish, number: int, before: int, notes: list[Said]) -> None:
    char = wish.given[Place(number, wish.form.columns - 1)]
    if not (wish.whole(number) and wish.whole(before)):
        raise Clash(
            first=_end(char, number),
            second=_end(char, before),
            reason=Phrase("no word may rhyme with itself. Choose another character or place."),
        )
    text = Phrase(
        "Line {number} ({text}) repeats the rhyme word 「{char}」; it stands as given.", **_own(wish, number), char=char
    )
    notes.append((Rule.REPEATED_RHYME, number, text))


def _shares(char: str, table: RhymeTable, *, opening: bool) -> dict[str, float] | None:
    # Group -> share for a given rhyme word; None for one that nobody can tell the group of.
    entry = table.entry(char)
    groups = table.lenient.groups(char)
    if entry is None or (not groups and table.lenient.tones(char) & 1):
        return None
    shares = {group: share for group, share in entry.level if group in groups}
    if opening:
        for group in tuple(shares):
            for other in sorted(table.neighbours.get(group, ())):
                shares.setdefault(other, 0.01)
    return shares
