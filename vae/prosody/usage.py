"""How the corpus uses characters: in which tone at the places where verse fixes it, and with which group they rhyme.

A character of one tone needs no counting; those that have both are settled by what poets do. The even positions of a
line never vary within a scheme (一三五不論), and all lines of a regulated poem follow from one of two patterns of them,
so a poem whose other characters fit one of the two clearly tells what tone its two-way characters bear.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vae.prosody.table import LEVEL, OBLIQUE

_FITS = 0.9
"""A poem is taken as a witness when this share of its one-way characters fits the better of the two patterns."""


@dataclass
class Usage:
    """level, seen: uses in level tone and in all, by character, at fixed positions.

    rhymes: for each character the level groups that the poem's other rhyme words have in common, counted.
    """

    level: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    rhymes: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def share(self, char: str) -> float:
        """Share of level uses, with one use of each kind added so that little evidence stays near a half."""
        return (self.level[char] + 1) / (self.seen[char] + 2)


def count(poems: Iterable[tuple[str, ...]], tones: Mapping[str, int], groups: Mapping[str, frozenset[str]]) -> Usage:
    """poems: lines of 5 or 7 standard characters, 4 or 8 lines each; tones, groups: what a rhyme book allows."""
    usage = Usage()
    for lines in poems:
        _count_tones(usage, lines, tones)
        if all(
            tones.get(line[-1], OBLIQUE) & OBLIQUE for line in lines[2::2]
        ):  # else it may well rhyme in oblique tones
            _count_rhymes(usage, [line[-1] for line in lines[1::2]], groups)
    return usage


def _places(lines: tuple[str, ...], tones: Mapping[str, int]) -> list[tuple[str, int]]:
    # (character, tone it has in the pattern whose first line has its second character level)
    found = []
    for number, line in enumerate(lines):
        turned = (number + 1) // 2 % 2  # 對 within a couplet, 粘 between couplets
        for column in range(1, len(line) - 1, 2):
            if column == len(line) - 2 and number % 2 == 0 and tones.get(line[column - 1], 0) != LEVEL:
                continue  # 特拗 or 大拗 may have moved the tone
            found.append((line[column], OBLIQUE if (turned + column // 2) % 2 else LEVEL))
    return found


def _count_tones(usage: Usage, lines: tuple[str, ...], tones: Mapping[str, int]) -> None:
    places = _places(lines, tones)
    decided = [tones[char] == tone for char, tone in places if tones.get(char) in (LEVEL, OBLIQUE)]
    fits = sum(decided) / max(len(decided), 1)
    if len(decided) < len(lines) or not (fits >= _FITS or fits <= 1 - _FITS):
        return
    ends = [(line[-1], LEVEL if number % 2 else OBLIQUE) for number, line in enumerate(lines) if number]
    if sum(tones.get(char, tone) & tone == 0 for char, tone in ends) > 1:
        return
    flip = fits < 0.5
    for char, tone in places:
        usage.seen[char] += 1
        usage.level[char] += (tone == LEVEL) != flip
    for char, tone in ends:
        usage.seen[char] += 1
        usage.level[char] += tone == LEVEL


def _count_rhymes(usage: Usage, words: list[str], groups: Mapping[str, frozenset[str]]) -> None:
    known = [groups.get(word, frozenset()) for word in words]
    for i, word in enumerate(words):
        others = [known[j] for j in range(len(words)) if j != i and known[j]]
        common = frozenset.intersection(*others) if others else frozenset()
        if len(common) == 1:
            usage.rhymes[word].update(common)
