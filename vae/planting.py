"""Places for words that must be heard: at the beginning of a foot, or at the end of a line, of a line of their own; the earlier,
the more of the poem can follow from them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vae.poem import Form

Place = tuple[int, int]
"""(line, column), from 0."""
TRIES = 16
"""Ways that are tried at each step down from the whole wish."""
AT_THE_HEAD = 3
"""Times as often as elsewhere in its line a word stands at the head: what follows hears it, what comes before has to lead up to it."""


@dataclass(frozen=True, slots=True)
class Word:
    """Something to be heard. choices: ways to say it, in standard Traditional; of one that was typed itself the first way
    is its own. line: where it is to be heard, from 0; None for anywhere."""

    choices: tuple[str, ...]
    typed: bool = False
    line: int | None = None

    @property
    def first(self) -> str:
        return self.choices[0]


def ways(
    form: Form, words: Sequence[Word], taken: Mapping[Place, str], rng: random.Random
) -> Iterator[dict[Place, str]]:
    """Ways to let words be heard, each at a place that is not taken, the most faithful first.

    All words as they are, as many as there are lines (of words that were not typed themselves, half as many); then long
    ones cut to pieces; then fewer words; at last single characters of them.
    """
    told = [word for word in words if word.typed][: form.lines]
    told += [word for word in words if not word.typed][: max(form.lines // 2 - len(told), 0 if told else 1)]
    asked = [(word.first if word.typed else rng.choice(word.choices), word.line) for word in told]
    whole = [(text, line) for text, line in asked if len(text) <= form.columns]
    if len(whole) == len(asked):
        yield from _some(form, whole, taken, rng)
    pieces = [(piece, line) for text, line in asked for piece in _pieces(text)]
    for count in range(min(len(pieces), form.lines), 0, -1):
        yield from _some(form, pieces[:count], taken, rng)
    others = [(choice, word.line) for word in told for choice in word.choices if len(choice) < form.columns]
    characters = [(char, line) for piece, line in pieces for char in piece]
    for each in (*others, *characters):
        yield from _some(form, [each], taken, rng)


def _pieces(text: str) -> list[str]:
    """A long text as the feet of a line fall: two by two, and the odd one out left with the last."""
    if len(text) < 3:
        return [text]
    pieces = [text[i : i + 2] for i in range(0, len(text) - len(text) % 2, 2)]
    if len(text) % 2:
        pieces[-1] = text[-3:]
    return pieces


def _some(
    form: Form, words: Sequence[tuple[str, int | None]], taken: Mapping[Place, str], rng: random.Random
) -> Iterator[dict[Place, str]]:
    for _ in range(TRIES):
        free = [line for line in range(form.lines) if any((line, c) not in taken for c in range(form.columns))]
        # In a drawn order, each line as likely to come next as 1 / (1 + line) says (Efraimidis & Spirakis 2006).
        free.sort(key=lambda line: rng.random() ** (1 + line), reverse=True)
        way: dict[Place, str] = {}
        for text, line in words:
            at = line if line is not None else next((i for i in free if all(p[0] != i for p in way)), None)
            if at is None:
                break
            stands = {column for line, column in (*taken, *way) if line == at}
            fits = [
                start
                for start in _starts(form.columns, len(text))
                if stands.isdisjoint(range(start, start + len(text)))
            ]
            if not fits:
                break
            start = rng.choices(fits, [AT_THE_HEAD if column == 0 else 1 for column in fits])[0]
            way |= {(at, start + i): char for i, char in enumerate(text)}
        else:
            yield way


def _starts(columns: int, length: int) -> list[int]:
    """Columns where a word may begin: a foot's first, or as late as the line allows."""
    if length > columns:
        return []
    if length == 1:
        return list(range(columns))
    if length % 2:
        return [columns - length]
    return sorted({*range(0, columns - length + 1, 2), columns - length})
