"""A person wants to see a poem, or its tones, as a picture."""

from __future__ import annotations

from bot.pictures.card import SEAL_TEXT, Card
from vae.errors import WishError
from vae.poem import Poem, Script
from vae.prosody.check import check
from vae.script import clean, in_script, script_of, to_traditional


def card_of(poem: Poem, *, title: str = "", seal: str = SEAL_TEXT) -> Card:
    """The card of a poem: what the person gave is marked, form and rhyme stand at the foot."""
    return Card(lines=poem.lines, title=title, note=note_of(poem.lines), marked=_given(poem), seal=seal)


def note_of(lines: tuple[str, ...]) -> str:
    """Form and rhyme in the lines' own script, as `七絕 押陽韻`; empty for what has no regular form."""
    report = check(to_traditional("\n".join(lines)).split("\n"))
    if report.form is None:
        return ""
    rhyme = f" 押{report.rhyme_group}韻" if report.rhyme_group else ""
    return in_script(to_traditional(report.form.chinese) + rhyme, script_of("".join(lines)) or Script.HANT)


def _given(poem: Poem) -> frozenset[tuple[int, int]]:
    """Where words of the seed, of two characters or more, stand in the poem."""
    seed = getattr(poem.recipe.request, "seed", None)
    try:
        runs = clean(seed) if seed else []
    except WishError:  # nothing in it that could stand in a poem
        return frozenset()
    places: set[tuple[int, int]] = set()
    lines = to_traditional("\n".join(poem.lines)).split("\n")
    for i, line in enumerate(lines):
        for run in to_traditional("\n".join(runs)).split("\n"):
            for word in (run, *_lines_of(run, len(line))):
                start = line.find(word) if len(word) > 1 else -1
                if start >= 0:
                    places |= {(i, start + j) for j in range(len(word))}
    return frozenset(places)


def _lines_of(run: str, columns: int) -> list[str]:
    return [run[i : i + columns] for i in range(0, len(run), columns)] if len(run) % columns == 0 else []
