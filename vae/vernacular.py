"""Sentences of today's Chinese: told from verse, and read for the images in them.

The table `data/vernacular.tsv` is our own writing: a word of today, and the images of verse it leads to, if any. A word
with a star is one that lines of the corpus hardly ever have (in at most one of forty thousand), so it marks prose.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from vae.vocabulary import Vocabulary

FILE = "vernacular.tsv"


@dataclass(frozen=True, slots=True)
class _Table:
    images: dict[str, tuple[str, ...]]
    marks: frozenset[str]
    word: re.Pattern[str]


@cache
def _table() -> _Table:
    images: dict[str, tuple[str, ...]] = {}
    marks = set()
    for row in resources.files("vae").joinpath("data", FILE).read_text(encoding="utf-8").splitlines():
        if row.startswith("#"):
            continue
        word, found = row.split("\t")
        images[word.rstrip("*")] = tuple(found.split())
        if word.endswith("*"):
            marks.add(word.rstrip("*"))
    return _Table(images, frozenset(marks), re.compile("|".join(sorted(map(re.escape, images), key=len, reverse=True))))


def images_of(word: str) -> tuple[str, ...]:
    """The images that a word of today leads to, in standard Traditional; none for one that the table lacks."""
    return _table().images.get(word, ())


def is_prose(text: str) -> bool:
    """Whether a text in standard Traditional is a sentence of today: it has a word that verse never has, or two words of
    the table of which one says nothing; in a line those must be of two characters, since 我 and 在 stand in any verse.

    A single word of the table is a word, and no sentence.
    """
    table = _table()
    if text in table.images and (len(text) > 1 or table.images[text]):
        return False
    found = table.word.findall(text)
    if any(word in table.marks for word in found):
        return True
    if len(text) % 5 == 0 or len(text) % 7 == 0:
        found = [word for word in found if len(word) > 1]
    return len(found) > 1 and any(not table.images[word] for word in found)


def images(text: str, vocabulary: Vocabulary) -> tuple[tuple[str, ...], ...]:
    """What a sentence shows: for each of its words that shows something the images it leads to, or the word itself."""
    table = _table()
    found: dict[tuple[str, ...], None] = {}
    end = 0
    for match in (*table.word.finditer(text), None):
        start = len(text) if match is None else match.start()
        between = text[end:start]
        # Words of two characters are the rule; what is left over by itself is as likely a particle.
        for i in range(0, len(between) - 1, 2):
            if all(char in vocabulary for char in between[i : i + 2]):
                found[between[i : i + 2],] = None
        if match is not None:
            end = match.end()
            if table.images[match[0]]:
                found[table.images[match[0]]] = None
    return tuple(found)
