"""From what a person typed to what the poet works with: the form, the characters that stand, the words to be heard, the
views that steer.

What a seed says, run by run (a run is Chinese text without punctuation or spaces within):
- a run of whole lines of the form stands as it is, from the asked line on, the first unless told;
- as many lines as the form has are a poem, which is answered: it steers, and nothing of it stands;
- a sentence of today is read for its images (`vae.vernacular`), and so are words of English (`vae.glossary`);
- anything else is words or part of a line, to be heard where it can stand (`vae.planting`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vae import glossary, vernacular
from vae.answering import Answered
from vae.errors import Clash, NoHanText, OutOfRange, Phrase, UnknownCharacters, UnknownWords
from vae.planting import Place, Word
from vae.poem import TEXT_LIMIT, Form, Script
from vae.script import clean, printable, script_of, to_traditional
from vae.vocabulary import Vocabulary

LINES_LIMIT = max(form.lines for form in Form)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one part of a wish wants to stand, in standard Traditional; name: what the part is called."""

    name: Phrase
    given: Mapping[Place, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """A wish, understood.

    claims: what wants to stand, part by part, never two characters at one place; given: all of it together; typed: the
        same places as the person typed them. words: to be heard at places of their own. views: characters at places for
        the encoder to read, one mapping a guess at where they would stand; empty for a poem without a seed.
    opens: whether the first line must rhyme, as that of a poem that is answered does; None where nobody minds.
    loose: the seed is not in lines of the form: it steers, and stands nowhere by right.
    notes: what was made of the seed where that may surprise.
    """

    form: Form
    script: Script | None = None
    claims: tuple[Claim, ...] = ()
    typed: Mapping[Place, str] = field(default_factory=dict)
    words: tuple[Word, ...] = ()
    views: tuple[Mapping[Place, str], ...] = ()
    opens: bool | None = None
    loose: bool = False
    notes: tuple[Phrase, ...] = ()

    @property
    def given(self) -> dict[Place, str]:
        return {place: char for claim in self.claims for place, char in claim.given.items()}


@dataclass(frozen=True, slots=True)
class _Seed:
    """Typed text, sorted. runs: as typed and in standard Traditional, sentences of today left out; images: those of the
    sentences and of English words, a choice each."""

    runs: tuple[tuple[str, str], ...] = ()
    images: tuple[tuple[str, ...], ...] = ()
    notes: tuple[Phrase, ...] = ()
    script: Script | None = None


def read(
    seed: str | None,
    form: Form | None,
    acrostic: str | None,
    vocabulary: Vocabulary,
    *,
    place: int | None = None,
    answer: Answered | None = None,
    what: str = "seed",
) -> Reading:
    """What a wish asks for. what: how the seed is called in errors. Raises WishError for text that cannot be read or that
    cannot all stand."""
    if place is not None and not 1 <= place <= LINES_LIMIT:
        raise OutOfRange(what=Phrase("The line number"), given=place, low=1, high=LINES_LIMIT)
    said = _Seed() if seed is None else _sorted(seed, vocabulary, what, stands=place is not None)
    heads = _heads(acrostic)
    first = (place or 1) - 1
    form = form or _form_of([run for _, run in said.runs], len(heads), first, answer)
    form, lines, others = _lines_of(form, said.runs)
    whole = len(lines) >= form.lines
    if place is not None:
        _check_place(place, form, lines, said, whole=whole)
    claims, typed = _claims(form, [] if whole else lines, first, heads, answer)
    given = {at: char for claim in claims for at, char in claim.given.items()}
    words = _words(others, said.images, place)
    views: tuple[Mapping[Place, str], ...] = (given,) if given else ()
    if whole:
        views = (_grid(form, [line for _, line in lines]),)
    elif words and not lines:
        views = _placements(form, [word.first for word in words])
    elif seed is None and answer is not None:
        views = _placements(form, answer.lines)
    return Reading(
        form,
        said.script or script_of(heads) or (script_of("".join(answer.typed.values())) if answer else None),
        claims,
        typed,
        () if whole or _is_poem(others) else words,
        views,
        None if answer is None else 0 in answer.rhymes,
        seed is not None and not lines,
        said.notes,
    )


def _sorted(seed: str, vocabulary: Vocabulary, what: str, *, stands: bool) -> _Seed:
    """stands: the person named a line for it, so no sentence is read for its images alone."""
    english = glossary.images(seed[:TEXT_LIMIT])  # a longer one is refused
    try:
        typed = clean(seed, what=what)
    except NoHanText:
        if not english.images and english.unknown:
            raise UnknownWords(what=what, words=printable(", ".join(english.unknown), 60)) from None
        if not english.images:
            raise
        typed = []
    standard = to_traditional("\n".join(typed)).split("\n") if typed else []
    if typed and not english.images and not any(char in vocabulary for run in standard for char in run):
        raise UnknownCharacters(what=what, text="".join(typed)[:12])
    runs, images, notes = [], list(english.images), []
    if english.unknown:
        words = printable(", ".join(english.unknown), 60)
        notes.append(Phrase("The glossary knows no image for {words}.", words=words))
    for shown, run in zip(typed, standard, strict=True):
        if stands or not vernacular.is_prose(run):
            runs.append((shown, run))
            continue
        found = vernacular.images(run, vocabulary)
        images += found
        text = printable(shown)
        if found:
            chosen = "、".join(choice[0] for choice in found)
            told = "「{text}」 was read as a sentence of today, for {images}."
            if len(run) % 5 == 0 or len(run) % 7 == 0:
                told = "「{text}」 was read as a sentence of today, for {images}. Name a line for it to stand as it is."
            notes.append(Phrase(told, text=text, images=chosen))
        else:
            notes.append(
                Phrase("「{text}」 holds no image that the poet could use; the poem is free of it.", text=text)
            )
    return _Seed(tuple(runs), tuple(images), tuple(notes), script_of("".join(typed)))


def _heads(acrostic: str | None) -> str:
    if acrostic is None:
        return ""
    heads = "".join(clean(acrostic, what="acrostic"))
    if len(heads) > LINES_LIMIT:
        raise OutOfRange(what=Phrase("The acrostic's length"), given=len(heads), low=1, high=LINES_LIMIT)
    return heads


def _form_of(runs: list[str], heads: int, first: int, answer: Answered | None) -> Form:
    """The form that suits texts: as long a line as the first whole one, as many lines as there are texts or heads, or as
    the poem has that is answered."""
    columns = next((c for run in runs for c in (5, 7) if len(run) == c or (len(run) > 7 and len(run) % c == 0)), None)
    if answer is not None:
        shapes = {(form.lines, form.columns): form for form in Form}
        return shapes[answer.form.lines, columns or answer.form.columns]
    lines = max(heads, first + sum(len(run) // (columns or 7) for run in runs))
    if lines > Form.QIJUE.lines:
        return Form.WULV if columns == 5 else Form.QILV
    return Form.WUJUE if columns == 5 else Form.QIJUE


def _lines_of(form: Form, runs: Sequence[tuple[str, str]]) -> tuple[Form, list[tuple[str, str]], list[tuple[str, str]]]:
    """The lines of the form's length among the runs, as typed and in standard Traditional, and the runs that are none."""
    if form is Form.COUPLET and runs and all(len(run) == Form.COUPLET7.columns for _, run in runs):
        form = Form.COUPLET7
    lines, others = [], []
    for shown, run in runs:
        if len(run) % form.columns:
            others.append((shown, run))
        else:
            starts = range(0, len(run), form.columns)
            lines += [(shown[i : i + form.columns], run[i : i + form.columns]) for i in starts]
    return form, lines, others


def _is_poem(runs: Sequence[tuple[str, str]]) -> bool:
    """Whether runs are a poem of another shape than the one to be written: then none of its words must be heard."""
    size = sum(len(run) for _, run in runs)
    return any(size >= 4 * c and all(len(run) % c == 0 for _, run in runs) for c in (5, 7))


def _check_place(place: int, form: Form, lines: Sequence[tuple[str, str]], said: _Seed, *, whole: bool) -> None:
    named = Phrase("line number {place}", place=place)
    if not said.runs and not said.images:
        reason = Phrase("there is nothing to stand there. Give a line or a word, or leave the number out.")
        raise Clash(first=named, second=Phrase("a wish without a seed"), reason=reason)
    if whole:
        reason = Phrase(
            "a whole poem is answered, and none of it stands. Give one line of it, or leave the number out."
        )
        raise Clash(first=named, second=Phrase("a seed of {lines} lines", lines=len(lines)), reason=reason)
    if place - 1 + max(1, len(lines)) > form.lines:
        reason = Phrase("it has {lines} lines. Choose a longer form or an earlier line.", lines=form.lines)
        text = "、".join(shown for shown, _ in lines) or said.images[0][0] if said.images else said.runs[0][0]
        first = named if place > form.lines else Phrase("{text} from line {place} on", text=text, place=place)
        raise Clash(first=first, second=form.chinese, reason=reason)


def _claims(
    form: Form, lines: Sequence[tuple[str, str]], first: int, heads: str, answer: Answered | None
) -> tuple[tuple[Claim, ...], dict[Place, str]]:
    """What stands, part by part, and all of it as typed. Raises Clash where two parts want one place."""
    if len(heads) > form.lines:
        raise Clash(
            first=Phrase("An acrostic of {length} characters", length=len(heads)),
            second=form.chinese,
            reason=Phrase("it has {lines} lines. Choose a longer form or a shorter acrostic.", lines=form.lines),
        )
    parts: list[tuple[Claim, dict[Place, str]]] = []
    for i, (own, line) in enumerate(lines, first):
        claim = Claim(Phrase("your line {text}", text=own), {(i, j): char for j, char in enumerate(line)})
        parts.append((claim, {(i, j): char for j, char in enumerate(own)}))
    if heads:
        claim = Claim(
            Phrase("the acrostic {text}", text=heads), {(i, 0): c for i, c in enumerate(to_traditional(heads))}
        )
        parts.append((claim, {(i, 0): c for i, c in enumerate(heads)}))
    if answer is not None:
        last = form.columns - 1
        claim = Claim(answer.name, {(i, last): char for i, char in answer.rhymes_in(form).items()})
        parts.append((claim, {(i, last): char for i, char in answer.typed.items()}))
    claims: list[Claim] = []
    typed: dict[Place, str] = {}
    for claim, shown in parts:
        for before in claims:
            _check_places(before, claim)
        claims.append(claim)
        typed = {**shown, **typed}
    return tuple(claims), typed


def _check_places(a: Claim, b: Claim) -> None:
    for line, column in sorted(a.given.keys() & b.given.keys()):
        one, other = a.given[line, column], b.given[line, column]
        if one != other:
            reason = Phrase(
                "one wants 「{one}」 as character {column} of line {line}, the other 「{other}」. Change one of the two.",
                one=one,
                other=other,
                line=line + 1,
                column=column + 1,
            )
            raise Clash(first=a.name, second=b.name, reason=reason)


def _words(runs: Sequence[tuple[str, str]], images: Sequence[tuple[str, ...]], place: int | None) -> tuple[Word, ...]:
    """The first of them is to be heard in the line of that number, if one is named."""
    words = [Word((run, *vernacular.images_of(run)), typed=True) for _, run in runs]
    words += [Word(choice) for choice in images]
    line = None if place is None else place - 1
    return tuple(Word(word.choices, word.typed, line if i == 0 else None) for i, word in enumerate(words))


def _grid(form: Form, lines: Sequence[str]) -> dict[Place, str]:
    return {(line, column): char for line, text in enumerate(lines[: form.lines]) for column, char in enumerate(text)}


def _placements(form: Form, runs: Sequence[str]) -> tuple[Mapping[Place, str], ...]:
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
