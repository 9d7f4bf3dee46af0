"""Does what the poet writes keep its form, and is it the poet's own? `python -m vae prove` writes poems of every form and has
them checked."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

from vae.bloom import Bloom
from vae.poem import Form, Poem, Script, WriteRequest
from vae.poet import ROWS, Poet
from vae.prosody.check import check
from vae.prosody.table import named
from vae.script import normalise, to_traditional

_KINDS = tuple(itertools.product(Form, ("classical", "classical", "classical", "modern"), Script))
RULES = ("format", "rhyme", "tone")


def written(poet: Poet, count: int, random_seed: int) -> Iterator[Poem]:
    """`count` poems, one candidate each, over all forms, both tables (three of four by the classical) and both scripts."""
    kinds = itertools.islice(itertools.cycle(_KINDS), count)
    requests = [
        WriteRequest(form=form, table=table, script=script, random_seed=random_seed + i, candidates=1)  # type: ignore[arg-type]
        for i, (form, table, script) in enumerate(kinds)
    ]
    for start in range(0, count, ROWS * len(Form)):
        yield from poet.write_all(requests[start : start + ROWS * len(Form)])


def faults(poem: Poem) -> list[str]:
    """The rules that a poem breaks for a reader of its own table, by any reading and by the strict one; `copy` for a line of
    another poet's."""
    assert isinstance(poem.recipe.request, WriteRequest)
    table = named(poem.recipe.request.table)
    lines = [to_traditional(line) for line in poem.lines]
    broken = []
    for policy, judged in (("", table), (" (strict)", table.strict)):
        report = check(lines, poem.form, judged)
        kept = (report.format_ok, report.rhyme_ok, report.tone_ok)
        broken += [rule + policy for rule, ok in zip(RULES, kept, strict=True) if not ok]
    return broken + ["copy"] * any(normalise(line) in Bloom.shipped() for line in lines)


def prove(poet: Poet, count: int, random_seed: int = 0) -> Iterator[str]:
    """Lines of a report: each poem that breaks a rule, then a count for each form, then the whole."""
    totals: Counter[Form] = Counter()
    sound: Counter[Form] = Counter()
    for poem in written(poet, count, random_seed):
        broken = faults(poem)
        totals[poem.form] += 1
        sound[poem.form] += not broken
        if broken:
            yield f"{', '.join(broken)}: {'/'.join(poem.lines)} {poem.recipe.to_json()}"
    for form, total in totals.items():
        yield f"{form}: {sound[form]} of {total} keep format, rhyme and tone, and no line is another poet's"
    yield f"all: {sound.total()} of {totals.total()}"
