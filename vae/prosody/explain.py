"""What a Report says beyond its verdict: faults, rescues, polyphones, and the rhyme of the ancient style."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from vae.errors import Phrase
from vae.prosody import rules
from vae.prosody.rules import Place, Rule, Scheme, Variant
from vae.prosody.table import RhymeTable
from vae.script import is_han

if TYPE_CHECKING:
    from vae.prosody.check import Report

_TURN = 1.5
"""Cost of a couplet or line in the opposite tones, beside 1 for each character that is off."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule broken: at a character, or (place None) by the poem as a whole. note: particulars, in English."""

    rule: Rule
    place: Place | None = None
    char: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Licence:
    """An accepted departure (拗) from the regular pattern, and the character that makes up for it, if one does."""

    rule: Rule
    place: Place
    char: str
    rescued_by: Place | None = None


@dataclass(frozen=True, slots=True)
class Polyphone:
    """A character read either way. level_share: share of its uses that are level."""

    place: Place
    char: str
    level_share: float


@dataclass(frozen=True, slots=True)
class Details:
    """kinds: the type of each line, as judged; empty without a regular shape.

    unknown: Chinese characters that the table does not have. ancient: the group, level or oblique, that the even lines
    share whatever their tones: what the ancient style (古體) asks for.
    """

    faults: tuple[Fault, ...]
    licences: tuple[Licence, ...]
    polyphones: tuple[Polyphone, ...]
    unknown: tuple[Place, ...]
    ancient: str | None
    kinds: str


def explain(report: Report) -> Details:
    lines, digits = report.lines, report.digits
    everywhere = [(Place(i, j), char) for i, line in enumerate(lines) for j, char in enumerate(line)]
    tones: list[Fault] = []
    licences: list[Licence] = []
    kinds = ""
    faults = list(_format(report))
    if report.scheme is not None:
        turns = _walk(digits, report.scheme)[1]
        kinds = _kinds(report.scheme, turns)
        for i, kind in enumerate(kinds):
            if i and turns[i] != turns[i - 1]:
                rule = Rule.OPPOSITION if i % 2 else Rule.ADHESION
                tones.append(
                    Fault(rule, Place(i, 1), lines[i][1], Phrase("its even characters have the opposite tones"))
                )
            tones += _line_faults(report, i, kind)
            licences += _licences(report, i, kind)
        faults += tones + list(_rhyme(report))
        licences += _neighbour(report)
    polyphones = (Polyphone(p, c, report.table.level_share(c)) for p, c in everywhere if report.table.tones(c) == 3)
    unknown = (place for place, char in everywhere if char not in report.table and is_han(char))
    return Details(
        tuple(faults), tuple(licences), tuple(polyphones), tuple(unknown), ancient(lines, report.table), kinds
    )


def ancient(lines: Sequence[str], table: RhymeTable) -> str | None:
    """The group that all even lines end in, level or oblique; None where there is none or nobody can tell."""
    words = [line[-1:] for line in lines[1::2] if line]
    for bits, names in ((table.level_bits, table.rhyme_groups), (table.oblique_bits, table.oblique_groups)):
        known = [bits.get(word, 0) for word in words if word in table]
        common = reduce(int.__and__, known) if known else 0
        if common:
            return names[(common & -common).bit_length() - 1]
    return None


def _format(report: Report) -> Iterator[Fault]:
    lines, form = report.lines, report.form
    if form is None:
        yield Fault(Rule.LINES, note=_irregular(lines))
    elif len(lines) != form.lines:
        yield Fault(
            Rule.LINES,
            note=Phrase(
                "{lines} lines where {form} has {wanted}", lines=len(lines), form=form.chinese, wanted=form.lines
            ),
        )
    for i, line in enumerate(lines):
        if form is not None and len(line) != form.columns:
            note = Phrase(
                "{length} characters where {form} has {wanted}",
                length=len(line),
                form=form.chinese,
                wanted=form.columns,
            )
            yield Fault(Rule.LENGTH, Place(i, max(len(line) - 1, 0)), line[-1:], note)
        foreign = [j for j, char in enumerate(line) if char not in report.table and not is_han(char)]
        if foreign:
            note = Phrase("{n} of the line's characters are not Chinese", n=len(foreign))
            yield Fault(Rule.HAN, Place(i, foreign[0]), line[foreign[0]], note)


def _irregular(lines: Sequence[str]) -> Phrase:
    lengths = "/".join(str(n) for n in sorted({len(line) for line in lines})) or "0"
    return Phrase("{lines} lines of {lengths} characters are no regular form", lines=len(lines), lengths=lengths)


def _kinds(scheme: Scheme, turns: Sequence[bool]) -> str:
    return "".join(rules.TURNED[kind] if turned else kind for kind, turned in zip(scheme.kinds, turns, strict=True))


def _fitting(digits: Sequence[str], line: int, kind: str) -> Variant | None:
    """The first pattern of the type that a line has, one that needs a rescue only if the next line gives it."""
    rescued = line + 1 < len(digits) and rules.rescues(digits[line + 1])
    found = (v for v in rules.variants(kind, len(digits[line])) if rescued or not v.needs_rescue)
    return next((variant for variant in found if rules.fits(digits[line], variant.pattern)), None)


def _closest(tones: str, kind: str) -> list[int]:
    # Columns that are off the pattern of the type that is closest.
    unaided = (v for v in rules.variants(kind, len(tones)) if not v.needs_rescue)
    return min((rules.misses(tones, variant.pattern) for variant in unaided), key=len)


def _walk(digits: Sequence[str], scheme: Scheme) -> tuple[float, list[bool]]:
    """What it costs to read lines by a scheme, and which of them then run in the opposite tones (失粘, 失對)."""
    paths: dict[bool, tuple[float, list[bool]]] = {False: (0.0, [])}
    for i, kind in enumerate(scheme.kinds):
        step = {}
        for turned in (False, True) if i else (False,):
            read = rules.TURNED[kind] if turned else kind
            here = 0 if _fitting(digits, i, read) else len(_closest(digits[i], read))
            cost, before = min((c + _TURN * (was != turned), path) for was, (c, path) in paths.items())
            step[turned] = cost + here, [*before, turned]
        paths = step
    return min(paths.values())


def nearest(digits: Sequence[str], *, rhymed: bool) -> Scheme:
    """The scheme that lines come nearest to, among those whose first line rhymes, or does not."""
    return min(
        (scheme for scheme in rules.schemes(len(digits)) if scheme.rhymed == rhymed),
        key=lambda scheme: _walk(digits, scheme)[0],
    )


def _line_faults(report: Report, line: int, kind: str) -> Iterator[Fault]:
    tones, text = report.digits[line], report.lines[line]
    if _fitting(report.digits, line, kind):
        return
    columns = len(tones)
    never = rules.forbidden(kind, columns)
    major = any(v.needs_rescue and rules.fits(tones, v.pattern) for v in rules.variants(kind, columns))
    if never and rules.fits(tones, never[0]):
        column = columns - (5 if never[1] is Rule.LONE_LEVEL else 3)
        yield Fault(never[1], Place(line, column), text[column], Phrase("never allowed"))
    elif major:
        yield Fault(
            Rule.NO_RESCUE, Place(line, columns - 2), text[columns - 2], Phrase("the next line must make up for it")
        )
    else:
        for column in _closest(tones, kind):
            rule = Rule.END_TONE if column == columns - 1 else Rule.TONE
            level = report.table.tones(text[column]) == 2
            note = Phrase("should be level") if level else Phrase("should be oblique")
            yield Fault(rule, Place(line, column), text[column], note)


def _licences(report: Report, line: int, kind: str) -> Iterator[Licence]:
    variant = _fitting(report.digits, line, kind)
    if variant is None or variant.odd is None:
        return
    columns = len(report.digits[line])
    place = Place(line, columns + variant.odd)
    saved: Place | None = None
    if variant.rule in (Rule.MINOR, Rule.MAJOR) and line + 1 < len(report.digits):
        saved = Place(line + 1, columns - 3) if rules.rescues(report.digits[line + 1]) else None
    elif variant.rule is Rule.SPECIAL:
        saved = Place(line, columns - 2)
    elif variant.rule is Rule.SELF_RESCUE:
        saved = Place(line, columns - 3)
    yield Licence(variant.rule, place, report.lines[line][place.column], saved)


def _rhyme(report: Report) -> Iterator[Fault]:
    assert report.scheme is not None
    places = report.scheme.rhymes
    bits = {i: report.rhyme_bits(i) for i in places}
    group = _leading(report, [bits[i] for i in places if i % 2])
    seen: set[str] = set()
    for i in places:
        char = report.lines[i][-1]
        place = Place(i, len(report.lines[i]) - 1)
        if char in seen:
            yield Fault(Rule.REPEATED_RHYME, place, char)
        seen.add(char)
        allowed = 1 << group if i else report.table.opening_bits[group]
        if not bits[i] & allowed:
            yield Fault(Rule.RHYME, place, char, _off_rhyme(report, char, report.table.rhyme_groups[group]))


def _leading(report: Report, bits: Sequence[int]) -> int:
    # The group that most rhyming lines can take; the reported one where all can.
    if report.group_bits > 0:
        return (report.group_bits & -report.group_bits).bit_length() - 1
    return max(range(len(report.table.rhyme_groups)), key=lambda i: sum(b >> i & 1 for b in bits))


def _off_rhyme(report: Report, char: str, group: str) -> Phrase:
    groups = report.table.groups(char)
    if groups:
        return Phrase("it is in {groups}; the poem rhymes in {group}", groups="、".join(sorted(groups)), group=group)
    oblique = ancient(report.lines, report.table)
    if oblique:
        return Phrase("an oblique rhyme, {group}: good in the ancient style", group=oblique)
    return Phrase("it is in no level group")


def _neighbour(report: Report) -> Iterator[Licence]:
    if report.scheme and report.scheme.rhymed and report.rhyme_group:
        own = report.group_bits & report.rhyme_bits(0)
        if report.opens and not own:
            yield Licence(Rule.NEIGHBOUR, Place(0, len(report.lines[0]) - 1), report.lines[0][-1])
