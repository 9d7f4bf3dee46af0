"""From a reading to a plan: what stands is fitted to the rules, words find places, and wishes that clash are named."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from vae.errors import Clash, Phrase
from vae.planting import Place, ways
from vae.prosody import priors, rules
from vae.prosody.plan import Plan
from vae.prosody.plan import plan as make_plan
from vae.prosody.table import RhymeTable
from vae.reading import Reading
from vae.script import printable

NARROW_TRIES = 8
"""Ways to plant that may be passed over because they would rhyme the poem in a group of few words."""
_WIDE = 0.01


@dataclass(frozen=True, slots=True)
class Outline:
    """A plan in which the words to be heard have their places; heard: those places. notes: what could not be had."""

    plan: Plan
    heard: Mapping[Place, str]
    notes: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a plan beside the characters that stand."""

    scheme: str | None
    rhyme: str | None
    opens: bool | None

    def plan(self, reading: Reading, given: Mapping[Place, str], table: RhymeTable, rng: random.Random) -> Plan:
        """Raises Clash, UnknownChoice."""
        form = reading.form
        names: Sequence[str | None] = [self.scheme]
        if self.opens is not None and self.scheme is None:
            weights = priors.scheme_weights(form, table)
            fitting = [scheme.name for scheme in rules.schemes(form.lines) if scheme.rhymed is self.opens]
            first = rng.choices(fitting, [weights[name] for name in fitting])[0]
            names = [first, *(name for name in fitting if name != first)]
        found: list[Plan] = []
        clashes: list[Clash] = []
        for name in names:
            try:
                found.append(make_plan(form, given=given, scheme=name, rhyme=self.rhyme, table=table, rng=rng))
            except Clash as clash:
                clashes.append(clash)
        if not found:
            raise clashes[0]
        return min(found, key=lambda plan: len(plan.strains))


def outline(reading: Reading, scheme: str | None, rhyme: str | None, table: RhymeTable, rng: random.Random) -> Outline:
    """Raises Clash, which names the two wishes that exclude each other, and UnknownChoice."""
    asked = _Asked(scheme, rhyme, reading.opens)
    try:
        if scheme is not None and reading.opens is not None:
            _check_opening(reading, scheme)
        base = asked.plan(reading, reading.given, table, rng)
    except Clash as clash:
        _name_the_two(reading, asked, table)
        raise clash from None
    narrow: list[Outline] = []
    # A word is planted where its tones fit; where it fits nowhere it still steers.
    for way in ways(reading.form, reading.words, reading.given, rng):
        try:
            plan = asked.plan(reading, {**reading.given, **way}, table, rng)
        except Clash:
            continue
        if len(plan.strains) > len(base.strains):
            continue
        found = Outline(plan, way, _unheard(reading, plan, way))
        if rhyme is not None or plan.rhyme in (None, base.rhyme) or _is_wide(plan, table):
            return found
        narrow.append(found)
        if len(narrow) == NARROW_TRIES:
            break
    if narrow:
        return narrow[0]
    if not reading.words:
        return Outline(base, {})
    text = "、".join(word.first for word in reading.words)
    return Outline(base, {}, (Phrase("{text} fits nowhere beside what stands; it steers the poem.", text=text),))


def _unheard(reading: Reading, plan: Plan, way: Mapping[Place, str]) -> tuple[Phrase, ...]:
    """Tells of the words that were typed and do not stand whole: they steer, in pieces or not at all."""
    grid = [[way.get((line, column), " ") for column in range(plan.form.columns)] for line in range(plan.form.lines)]
    planted = "\n".join("".join(line) for line in grid)
    left = [word.first for word in reading.words if word.typed and word.first not in planted]
    if not left:
        return ()
    return (Phrase("There was no room for all of {text}; it steers the poem.", text=printable("、".join(left), 40)),)


def _is_wide(plan: Plan, table: RhymeTable) -> bool:
    weights = priors.rhyme_weights(plan.form, table)
    return weights[plan.rhyme or ""] >= _WIDE * sum(weights.values())


def _check_opening(reading: Reading, scheme: str) -> None:
    named = {found.name: found for found in rules.schemes(reading.form.lines)}.get(scheme.upper())
    if named is not None and named.rhymed is not reading.opens:
        reason = Phrase(
            "{scheme} {rhymes} in its first line, unlike that poem. Leave the scheme open.",
            scheme=named.name,
            rhymes=Phrase("rhymes") if named.rhymed else Phrase("does not rhyme"),
        )
        raise Clash(first=reading.claims[-1].name, second=Phrase("scheme {scheme}", scheme=named.name), reason=reason)


def _name_the_two(reading: Reading, asked: _Asked, table: RhymeTable) -> None:
    """Raises Clash by the names of two wishes that cannot be met without any third; returns where it takes three."""
    wishes: list[tuple[Phrase, dict[str, Any]]] = [(claim.name, {"given": claim.given}) for claim in reading.claims]
    if asked.scheme is not None:
        wishes.append((Phrase("scheme {scheme}", scheme=asked.scheme.upper()), {"scheme": asked.scheme}))
    if asked.rhyme is not None:
        wishes.append((Phrase("rhyme group {group}", group=asked.rhyme), {"rhyme": asked.rhyme}))
    for name, wish in wishes:
        _try(name, Phrase("{form}", form=reading.form.chinese), (wish,), reading, table)
    for (one, first), (other, second) in itertools.combinations(wishes, 2):
        _try(one, other, (first, second), reading, table)


def _try(one: Phrase, other: Phrase, wishes: Sequence[dict[str, Any]], reading: Reading, table: RhymeTable) -> None:
    given = {place: char for wish in wishes for place, char in wish.get("given", {}).items()}
    named = {key: value for wish in wishes for key, value in wish.items() if key != "given"}
    bare = _Asked(named.get("scheme"), named.get("rhyme"), None)
    try:
        bare.plan(replace(reading, words=()), given, table, random.Random(0))
    except Clash as clash:
        raise Clash(first=one, second=other, reason=clash.details["reason"]) from None
