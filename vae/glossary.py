"""The images of classical verse and what they mean: from English words to images, and from a poem's lines to glosses.

The table `data/glossary.tsv` is our own writing, an image a row: the image in standard Traditional, its meaning in a few
English words, and the English words that lead to it, parted by commas. A word leads to at most `CHOICES` images.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from vae.script import to_traditional

FILE = "glossary.tsv"
CHOICES = 4
_PHRASE = 4
"""Words of the longest phrase that is looked up."""
_WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:['’-][A-Za-zÀ-ɏ]+)*")
# Words that say nothing a picture could show; they are neither looked up nor complained of.
_SILENT_WORDS = """
a about above across after again all also although am among an and any are around as at be because been before being
below beneath beside between beyond both but by can could did do does doing down during each either else ever every
few for from had has have having he her here hers him his how however i i'm if in into is it its itself just let like
many may me more most much must my neither no nor not now of off on once one only onto or other our ours out over own
per please poem poems quite rather same shall she should since so some still such than that the their them then there
these they this those though through thus till to too toward towards under until up upon us very was we were what when
where whether which while who whom whose why will with within without would write yet you your yours
"""
_SILENT = frozenset(_SILENT_WORDS.split())
_ENDINGS = (
    ("ies", "y"),
    ("es", ""),
    ("s", ""),
    ("ing", ""),
    ("ing", "e"),
    ("ed", ""),
    ("ed", "e"),
    ("er", ""),
    ("ly", ""),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a text in English says to the poet.

    images: for each word or phrase that is known its images, 1 to `CHOICES`, in the text's order. unknown: the words that
    are not, silent ones (the, of) apart.
    """

    images: tuple[tuple[str, ...], ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    meanings: dict[str, str]
    heads: dict[str, tuple[str, ...]]


@cache
def _table() -> _Table:
    meanings: dict[str, str] = {}
    heads: dict[str, list[str]] = {}
    for row in resources.files("vae").joinpath("data", FILE).read_text(encoding="utf-8").splitlines():
        image, meaning, words = row.split("\t")
        meanings[image] = meaning
        for word in filter(None, words.split(",")):
            heads.setdefault(word, []).append(image)
    return _Table(meanings, {word: tuple(found) for word, found in heads.items()})


def words() -> tuple[str, ...]:
    """The English words and phrases that lead to images."""
    return tuple(_table().heads)


def images(text: str) -> Found:
    """The images that the English words of a text lead to: the longest phrase first, endings (-s, -ing, -ed) taken off."""
    told = [word.lower().replace("’", "'") for word in _WORD.findall(unicodedata.normalize("NFKC", text))]
    found: list[tuple[str, ...]] = []
    unknown: dict[str, None] = {}
    start = 0
    while start < len(told):
        length, choice = _longest(told[start : start + _PHRASE])
        if choice and choice not in found:
            found.append(choice)
        elif not choice and told[start] not in _SILENT:
            unknown[told[start]] = None
        start += length
    return Found(tuple(found), tuple(unknown))


def _longest(told: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    heads = _table().heads
    for length in range(len(told), 0, -1):
        for phrase in _spellings(told[:length]):
            if phrase in heads:
                return length, heads[phrase]
    return 1, ()


def _spellings(told: Sequence[str]) -> Iterator[str]:
    """The words as they stand, then with the last one's ending taken off."""
    *before, last = told
    last = last.removesuffix("'s")
    yield " ".join((*before, last))
    if last in _SILENT:
        return
    for ending, instead in _ENDINGS:
        stem = last.removesuffix(ending)
        if len(stem) >= 3 and stem != last:
            yield " ".join((*before, stem + instead))
            if instead == "" and len(stem) > 3 and stem[-1] == stem[-2]:  # running, stopped
                yield " ".join((*before, stem[:-1]))


def is_image(text: str) -> bool:
    """Whether a text in standard Traditional is an image of the table."""
    return text in _table().meanings


def gloss(lines: Sequence[str]) -> list[tuple[str, str]]:
    """The images in a poem's lines and what they mean, in reading order, each once; in the script of the lines.

    A word of verse keeps within its foot (2|3 or 2|2|3), so what only looks like an image across two feet is none.
    """
    meanings = _table().meanings
    found: dict[str, str] = {}
    for line in lines:
        standard = to_traditional(line)
        start = 0
        while start < len(line):
            length = next((n for n in (4, 3, 2) if _is_image(standard, start, n)), 0)
            if length:
                found.setdefault(line[start : start + length], meanings[standard[start : start + length]])
            start += max(length, 1)
    return list(found.items())


def _is_image(line: str, start: int, length: int) -> bool:
    if line[start : start + length] not in _table().meanings or start + length > len(line):
        return False
    last_foot = len(line) - 3
    return (
        len(line) not in (5, 7)
        or start >= last_foot
        or (start % 2 == 0 and start + length <= max(last_foot, start + 2))
    )
