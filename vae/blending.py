"""The path from one text to another: what stands, what is planted and what is favoured at each step.

The code walks the sphere (`vae.coding.slerp`); so that both parents are heard as well, words of theirs are planted, fewer
of the first and more of the second as t grows, their other characters are favoured line by line, and candidates are
marked by how far they lean (`vae.leaning`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from vae.errors import Phrase
from vae.leaning import Leaning, Parents, keywords
from vae.outline import Outline, outline
from vae.planting import Place, Word
from vae.poem import BlendRequest, Form
from vae.prosody.table import classical
from vae.reading import Reading, read
from vae.script import clean, to_traditional
from vae.vocabulary import Vocabulary

_NAMES = ("first text", "second text")


@dataclass(frozen=True, slots=True)
class Parent:
    """reading: what stands at its end of the path; text: its characters, in standard Traditional; words: the telling ones."""

    reading: Reading
    text: str
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class Step:
    """t: the place on the path, from 0 to 1."""

    t: float
    outline: Outline
    leaning: Leaning
    typed: Mapping[Place, str]
    notes: tuple[Phrase, ...]


def read_parents(request: BlendRequest, vocabulary: Vocabulary) -> tuple[Form, Parent, Parent]:
    """Of two forms the longer wins, unless the request names one. Raises WishError, which names the text at fault."""
    texts = tuple(zip((request.a, request.b), _NAMES, strict=True))
    alone = [read(text, None, None, vocabulary, what=what) for text, what in texts]
    # Loose words have no form of their own and follow the other parent.
    forms = [reading.form for reading in alone if not reading.loose] or [Form.QIJUE]
    form = request.form or max(forms, key=lambda form: form.size)
    # A couplet asked for is one of sevens where a parent is of sevens.
    form = max((read(text, form, None, vocabulary, what=what).form for text, what in texts), key=lambda form: form.size)
    a, b = (_parent(text, form, what, vocabulary) for text, what in texts)
    return form, a, b


def _parent(text: str, form: Form, what: str, vocabulary: Vocabulary) -> Parent:
    reading = read(text, form, None, vocabulary, what=what)
    words = [word.first for word in reading.words]
    lines = [] if words else to_traditional("\n".join(clean(text, what=what))).split("\n")
    lines = [run[i : i + c] for run in lines for c in (5, 7) if len(run) % c == 0 for i in range(0, len(run), c)]
    return Parent(reading, "".join((*lines, *words)), keywords(lines, words, vocabulary))


def path(a: Parent, b: Parent, steps: int, vocabulary: Vocabulary, random_seed: int) -> Iterator[Step]:
    """The steps from a to b, both ends counted.

    At its own end a parent's whole lines stand. Each half keeps to its end's scheme and rhyme, so that from step to step
    little but the words changes.
    """
    table, form = classical().strict, a.reading.form
    ends = [outline(end.reading, None, None, table, random.Random(random_seed)) for end in (a, b)]
    parents = Parents.of(a.text, b.text, vocabulary)
    for i in range(steps):
        t = i / (steps - 1)
        near = round(t)
        leaning = Leaning(parents, form, t)
        if t in (0, 1):
            end = (a, b)[near].reading
            notes = (*a.reading.notes, *b.reading.notes) if t == 0 else ()
            yield Step(t, ends[near], leaning, end.typed, (*notes, *ends[near].notes))
            continue
        words = _planted(a.words, b.words, form, t)
        plan = ends[near].plan
        middle = replace(a.reading, claims=(), typed={}, words=words, opens=None, notes=())
        found = outline(middle, plan.scheme.name, plan.rhyme, table, random.Random(random_seed))
        yield Step(t, found, leaning, {}, ())


def _planted(a: Sequence[str], b: Sequence[str], form: Form, t: float) -> tuple[Word, ...]:
    """A word for every second line, each at its own: of the first parent above, of the second below."""
    count = max(2, form.lines // 2)
    of_b = min(max(round(count * t), 1 if t > 0.2 else 0), count - 1 if t < 0.8 else count)
    told = [*a[: count - of_b], *b[:of_b]]
    lines = [i * form.lines // len(told) for i in range(len(told))]
    words = dict(zip(told, lines, strict=True))  # a word of both parents is planted once
    return tuple(Word((word,), typed=True, line=line) for word, line in words.items())
