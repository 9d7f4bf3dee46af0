"""From what a person typed to what the poet works with: the form, the characters that stand, the views that steer."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from vae.errors import Clash, OutOfRange, Phrase, UnknownCharacters
from vae.poem import Form, Script
from vae.script import clean, script_of, to_traditional
from vae.vocabulary import Vocabulary

Place = tuple[int, int]
"""(line, column), from 0."""

ACROSTIC_LIMIT = max(form.lines for form in Form)


@dataclass(frozen=True, slots=True)
class Reading:
    """A wish, understood.

    given: characters that stand in the poem as they are, in standard Traditional; typed: the same places as the person
        typed them. words: short words that steer, and may be heard at a place of their own. views: characters at places
        for the encoder to read, one mapping a guess at where they would stand; empty for a poem without a seed.
    loose: the seed is not in lines of the form: it steers, and stands nowhere by right.
    """

    form: Form
    script: Script | None = None
    given: Mapping[Place, str] = field(default_factory=dict)
    typed: Mapping[Place, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    views: tuple[Mapping[Place, str], ...] = ()
    loose: bool = False


def read(seed: str | None, form: Form | None, acrostic: str | None, vocabulary: Vocabulary) -> Reading:
    """What a wish asks for. Raises WishError for text that cannot be read or that cannot all stand."""
    runs = [] if seed is None else clean(seed)
    standard = to_traditional("\n".join(runs)).split("\n") if runs else []
    if runs and not any(char in vocabulary for run in standard for char in run):
        raise UnknownCharacters(what="seed", text="".join(runs)[:12])
    heads = _heads(acrostic)
    form = form or _form_of(standard, heads)
    form, lines, typed_lines = _whole_lines(form, standard, runs)
    given, typed = _stand(form, lines, typed_lines, heads)
    words: tuple[str, ...] = ()
    views: tuple[Mapping[Place, str], ...] = (given,) if given else ()
    if standard and len(lines) >= form.lines:
        views = (_grid(form, lines),)
    elif standard and not lines:
        words = tuple(word for word in standard if len(word) < form.columns)
        views = _placements(form, standard)
    return Reading(
        form, script_of("".join(runs) or "".join(heads)), given, typed, words, views, bool(runs) and not lines
    )


def _heads(acrostic: str | None) -> str:
    if acrostic is None:
        return ""
    heads = "".join(clean(acrostic, what="acrostic"))
    if len(heads) > ACROSTIC_LIMIT:
        raise OutOfRange(what=Phrase("The acrostic's length"), given=len(heads), low=1, high=ACROSTIC_LIMIT)
    return heads


def _form_of(runs: list[str], heads: str) -> Form:
    """The form that suits texts: as long a line as the first whole one, as many lines as there are texts or heads."""
    columns = next((c for run in runs for c in (5, 7) if len(run) == c or (len(run) > 7 and len(run) % c == 0)), 7)
    lines = max(len(heads), sum(len(run) // columns for run in runs))
    if lines > Form.QIJUE.lines:
        return Form.WULV if columns == 5 else Form.QILV
    return Form.WUJUE if columns == 5 else Form.QIJUE


def _whole_lines(form: Form, standard: list[str], runs: list[str]) -> tuple[Form, list[str], list[str]]:
    """The runs cut into lines of the form's length, where all of them are such; else no lines."""
    if form is Form.COUPLET and standard and all(len(run) == Form.COUPLET7.columns for run in standard):
        form = Form.COUPLET7
    columns = form.columns
    if not standard or any(len(run) % columns for run in standard):
        return form, [], []
    return form, _cut(standard, columns), _cut(runs, columns)


def _cut(runs: list[str], columns: int) -> list[str]:
    return [run[i : i + columns] for run in runs for i in range(0, len(run), columns)]


def _stand(
    form: Form, lines: list[str], typed_lines: list[str], heads: str
) -> tuple[dict[Place, str], dict[Place, str]]:
    """Lines stand from the first on, and acrostic characters at the heads. A whole poem is answered, so none of it stands."""
    given: dict[Place, str] = {}
    typed: dict[Place, str] = {}
    if len(lines) < form.lines:
        given, typed = _grid(form, lines), _grid(form, typed_lines)
    if len(heads) > form.lines:
        raise Clash(
            first=Phrase("An acrostic of {length} characters", length=len(heads)),
            second=form.chinese,
            reason=Phrase("it has {lines} lines. Choose a longer form or a shorter acrostic.", lines=form.lines),
        )
    for line, (head, shown) in enumerate(zip(to_traditional(heads), heads, strict=True)):
        if given.get((line, 0), head) != head:
            raise Clash(
                first=Phrase("The acrostic's {char}", char=shown),
                second=Phrase("your line {text}", text="".join(typed_lines[line : line + 1])),
                reason=Phrase("the line begins with another character. Change one of the two."),
            )
        given[line, 0], typed[line, 0] = head, typed.get((line, 0), shown)
    return given, typed


def _grid(form: Form, lines: list[str]) -> dict[Place, str]:
    return {(line, column): char for line, text in enumerate(lines[: form.lines]) for column, char in enumerate(text)}


def _placements(form: Form, runs: list[str]) -> tuple[Mapping[Place, str], ...]:
    """Guesses at where loose text would stand: every run at each foot of each line in turn, long runs folded."""
    pieces = [run[i : i + form.columns] for run in runs for i in range(0, len(run), form.columns)][: form.lines]
    guesses = []
    for shift in range(form.lines):
        for start in range(0, form.columns - 1, 2):
            guess: dict[Place, str] = {}
            for i, piece in enumerate(pieces):
                first = min(start, form.columns - len(piece))
                guess.update({((i + shift) % form.lines, first + j): char for j, char in enumerate(piece)})
            guesses.append(guess)
    return tuple(guesses)


def word_places(
    form: Form, words: tuple[str, ...], taken: Mapping[Place, str], rng: random.Random
) -> list[dict[Place, str]]:
    """Ways to let words be heard, each at the beginning of a foot of a line of its own, in random order."""
    ways: list[dict[Place, str]] = []
    for _ in range(24):
        lines = rng.sample(range(form.lines), min(len(words), form.lines))
        way: dict[Place, str] = {}
        for word, line in zip(words, lines, strict=False):
            starts = [s for s in (*range(0, form.columns - 1, 2), form.columns - 3) if s + len(word) <= form.columns]
            start = rng.choice(starts) if starts else 0
            way.update({(line, start + i): char for i, char in enumerate(word)})
        if not way.keys() & taken.keys():
            ways.append(way)
    return ways
