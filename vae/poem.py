"""Form and Poem, and the requests that lead to one: the nouns all else is said in."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal

from vae.errors import OutOfRange, Phrase, UnknownChoice


class Script(StrEnum):
    """Which characters a poem is shown in: 简体 (hans) or 繁體 (hant)."""

    HANS = "hans"
    HANT = "hant"


class Form(StrEnum):
    """A regular shape: so many lines of so many characters."""

    COUPLET = "couplet"
    COUPLET7 = "couplet7"
    WUJUE = "wujue"
    QIJUE = "qijue"
    WULV = "wulv"
    QILV = "qilv"

    @property
    def lines(self) -> int:
        return _SHAPES[self][0]

    @property
    def columns(self) -> int:
        """Characters a line."""
        return _SHAPES[self][1]

    @property
    def size(self) -> int:
        """Characters in all."""
        return self.lines * self.columns

    @property
    def chinese(self) -> str:
        return _SHAPES[self][2]

    @classmethod
    def parse(cls, text: str) -> Form:
        """The form a person named: `qijue`, `七绝`, `七絕`, `couplet5`. Raises UnknownChoice."""
        wanted = text.strip().lower()
        for form in cls:
            if wanted in (form.value, form.chinese, *_ALSO[form]):
                return form
        raise UnknownChoice(what="form", given=text, choices=", ".join(f.value for f in cls))

    @classmethod
    def of(cls, lines: tuple[str, ...]) -> Form | None:
        """The form whose shape these lines have, if there is one."""
        for form in cls:
            if len(lines) == form.lines and all(len(line) == form.columns for line in lines):
                return form
        return None


_SHAPES: dict[Form, tuple[int, int, str]] = {
    Form.COUPLET: (2, 5, "五言对句"),
    Form.COUPLET7: (2, 7, "七言对句"),
    Form.WUJUE: (4, 5, "五绝"),
    Form.QIJUE: (4, 7, "七绝"),
    Form.WULV: (8, 5, "五律"),
    Form.QILV: (8, 7, "七律"),
}
_ALSO: dict[Form, tuple[str, ...]] = {
    Form.COUPLET: ("couplet5", "五言對句", "五言", "对联", "對聯"),
    Form.COUPLET7: ("七言對句", "七言"),
    Form.WUJUE: ("五絕", "五言绝句", "五言絕句"),
    Form.QIJUE: ("七絕", "七言绝句", "七言絕句"),
    Form.WULV: ("五言律诗", "五言律詩", "wulü"),
    Form.QILV: ("七言律诗", "七言律詩", "qilü"),
}


TEXT_LIMIT = 400
"""Characters of typed text that are read; the longest form has 56, and people paste whole poems with titles."""


CANDIDATES = (1, 64)
"""The least and the most poems that are written to choose one from."""

REVISIONS = (0, 16)
"""The least and the most lines of the chosen poem that are written anew, given all the others."""

BOLDNESS = {"shy": 0.0, "usual": 0.5, "bold": 1.0}
"""How daring each character is drawn, by names that people use; any number between is good too."""


def boldness_named(text: str) -> float:
    """The boldness a person named: `shy`, `usual`, `bold`, or a number from 0 to 1. Raises UnknownChoice, OutOfRange."""
    wanted = text.strip().lower()
    if wanted in BOLDNESS:
        return BOLDNESS[wanted]
    try:
        return checked_boldness(float(wanted))
    except ValueError:
        raise UnknownChoice(what="boldness", given=text, choices=f"{', '.join(BOLDNESS)}, or 0 to 1") from None


def checked_boldness(boldness: float) -> float:
    """Raises OutOfRange for what is not from 0 to 1."""
    if not 0 <= boldness <= 1:
        raise OutOfRange(what=Phrase("The boldness"), given=boldness, low=0, high=1)
    return boldness


_LATER = MappingProxyType({"later": True})
# Fields that recipes did not have from the first: written down only where they say something, so that poems keep their ids.


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRequest:
    """Write one poem. Everything is optional; what is left out the poet chooses.

    seed: what the person typed, in either script or in English, with any punctuation: whole lines stand as they are, part
        of a line and words are heard where they fit, a whole poem is answered; see `vae.reading`.
    place: the line, from 1, that the seed's first line stands at, or that its first word is heard in.
    answer: a poem whose rhyme characters this one uses in the same order (和韻); the form is its own unless told.
    rhyme: a rhyme group by name (東 … 咸); scheme: S1 … S4; acrostic: a character for the head of each line.
    table: the rhyme book that tones and rhymes are judged by.
    script: None means the script of the seed, Traditional where that cannot be told.
    random_seed: None means a fresh one; the poem's recipe always names the one used.
    candidates: poems written to choose the best from, 1 to 64.
    boldness: 0 keeps to what is likeliest, 1 dares most (see `BOLDNESS`).
    revisions: lines of the chosen poem that are written anew, given all the others, 0 to 16 (see `vae.revising`); an
        ancestor, which writes all at once, revises none.
    """

    seed: str | None = None
    form: Form | None = None
    rhyme: str | None = None
    scheme: str | None = None
    acrostic: str | None = None
    table: Literal["classical", "modern"] = "classical"
    script: Script | None = None
    random_seed: int | None = None
    candidates: int = 16
    place: int | None = field(default=None, metadata=_LATER)
    answer: str | None = field(default=None, metadata=_LATER)
    boldness: float = field(default=0.5, metadata=_LATER)
    revisions: int = field(default=0, metadata=_LATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendRequest:
    """Walk from one text to another; `steps` poems, both ends counted (2 to 25). Fields as in WriteRequest.

    a, b: anything that `WriteRequest.seed` may be.
    """

    a: str
    b: str
    steps: int = 5
    form: Form | None = None
    script: Script | None = None
    random_seed: int | None = None
    candidates: int = 16
    boldness: float = field(default=0.5, metadata=_LATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All it takes to make a poem again: the weights' hash, the random seed and the request with nothing left open.

    t: the place on a blend's path, 0 at its first text and 1 at its second; None for a poem that was simply written.
    """

    model: str
    random_seed: int
    request: WriteRequest | BlendRequest
    t: float | None = None

    def to_json(self) -> str:
        """Canonical JSON: equal recipes give equal text."""
        kind = "blend" if isinstance(self.request, BlendRequest) else "write"
        told = dataclasses.asdict(self)
        for field_ in dataclasses.fields(self.request):
            if "later" in field_.metadata and told["request"][field_.name] == field_.default:
                del told["request"][field_.name]
        return json.dumps({"kind": kind, **told}, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """Raises ValueError, KeyError or TypeError on text that `to_json` did not write."""
        data: dict[str, Any] = json.loads(text)
        kind, request = data.pop("kind"), dict(data.pop("request"))
        request["form"] = None if request["form"] is None else Form(request["form"])
        request["script"] = None if request["script"] is None else Script(request["script"])
        return cls(request=BlendRequest(**request) if kind == "blend" else WriteRequest(**request), **data)


@dataclass(frozen=True, slots=True)
class Poem:
    """Lines in the script they are shown in, without punctuation, and how they came to be.

    notes: what the poet had to put up with in the person's own lines, and what it made of the seed, each one English
        sentence.
    lean: for a step of a blend, whose words it uses: -1 the first parent's alone, 1 the second's alone, 0 both or neither.
    code: the point of the space of poems that it was written around, little-endian float32 (see `vae.atlas`).
    """

    lines: tuple[str, ...]
    form: Form
    recipe: Recipe
    notes: tuple[str, ...] = field(default=(), compare=False)
    lean: float | None = field(default=None, compare=False)
    code: bytes | None = field(default=None, compare=False, repr=False)

    @property
    def id(self) -> str:
        """12 hexadecimal digits that name the recipe and its outcome."""
        told = "\n".join((self.recipe.to_json(), *self.lines))
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    @property
    def text(self) -> str:
        """The poem as it is read: a line each, with the comma and full stop of print."""
        return "\n".join(line + ("，" if i % 2 == 0 else "。") for i, line in enumerate(self.lines))
