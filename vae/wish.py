"""A request, planned, as it goes to the sampler and as it comes back: a draft in numbers, then a poem in characters."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae.atlas import CODE
from vae.bloom import Bloom
from vae.errors import Phrase, WishError
from vae.leaning import Leaning
from vae.moving import moved
from vae.nets.batch import FREE, LEVEL, OBLIQUE, RHYME
from vae.page import Draft
from vae.planting import Place
from vae.poem import Poem, Recipe, Script, WriteRequest
from vae.prosody.mask import Sounds
from vae.prosody.plan import Plan
from vae.prosody.table import RhymeTable, named
from vae.reading import Reading
from vae.revising import PROPOSALS
from vae.script import char_by_char, in_script, script_of, to_simplified, to_traditional
from vae.theme import Theme
from vae.vocabulary import SPECIAL, Vocabulary

TRIES = 24
"""Times a wish is written at most; from the second copy on, each time bars one character more of every copied line."""
STRIDE = 0x9E3779B97F4A7C15
"""From one random seed to that of the next try's second pass: odd, of bits well mixed (Knuth, TAOCP 6.4)."""
_LETTERS = {"*": FREE, "P": LEVEL, "Z": OBLIQUE, "R": RHYME}


class OnlyCopies(WishError):
    key = "only_copies"
    template = "All that the poet finds for this wish holds a line of another poet ({text}). Leave more of it open."


@dataclass(frozen=True, slots=True)
class Codes:
    """each: (candidates, latent); centre: (latent,) what they lie around, where that is a seed or a place on a path."""

    each: Tensor
    centre: Tensor | None = None

    def picked(self, numbers: NDArray[np.int64]) -> Codes:
        """Those of some numbers, in their order."""
        return dataclasses.replace(self, each=self.each[moved(torch.from_numpy(numbers), self.each.device)])


@dataclass(frozen=True, slots=True)
class Wish:
    """A request, planned: all that decides the draws is here, so that what is written together stays apart.

    seeds: what steers it: nothing, a text, or the two that it stands between. leaning: of a step between two; theme: of a seed
    with words to be heard. tries: which numbers decide the draws.
    typed: characters that stand, as the person typed them; their own lines may be another poet's. avoided: characters that
    readers of Simplified would take for others; barred: characters that would make a copied line, by position.
    """

    recipe: Recipe
    plan: Plan
    table: str
    script: Script
    typed: Mapping[Place, str]
    notes: tuple[Phrase, ...] = ()
    seeds: tuple[Reading, ...] = ()
    leaning: Leaning | None = None
    theme: Theme | None = None
    tries: int = 0
    avoided: frozenset[str] = frozenset()
    barred: frozenset[tuple[int, int]] = frozenset()

    @property
    def candidates(self) -> int:
        """How many are written, of which one is chosen."""
        return self.recipe.request.candidates

    def draws(self, latent: int) -> tuple[Tensor, Tensor]:
        """What decides the codes, (candidates, latent) from N(0, I), and what decides this try's characters, (candidates,
        form.size) from [0, 1)."""
        generator = torch.Generator().manual_seed(self.recipe.random_seed)
        noise = torch.randn(self.candidates, latent, generator=generator)
        for _ in range(self.tries + 1):
            uniforms = torch.rand(self.candidates, self.plan.form.size, generator=generator)
        return noise, uniforms

    @property
    def revisions(self) -> int:
        """Lines that the second pass writes anew; a step of a walk has none, since its words are its place on the path."""
        request = self.recipe.request
        return request.revisions if isinstance(request, WriteRequest) else 0

    def revision_draws(self) -> Tensor:
        """What decides this try's second pass: (revisions, PROPOSALS, form.size) from [0, 1)."""
        own = (self.recipe.random_seed + (self.tries + 1) * STRIDE) % 2**63  # none that decides other draws
        return torch.rand(self.revisions, PROPOSALS, self.plan.form.size, generator=torch.Generator().manual_seed(own))

    def draft(self, vocabulary: Vocabulary, to: str) -> Draft:
        """What the sampler is handed, on its device."""
        plan, form, table = self.plan, self.plan.form, named(self.table).strict
        kept = _steady(vocabulary, table).copy()
        kept[[vocabulary.characters.index(char) for char in self.avoided]] = False
        may_stand = _sounds(vocabulary, table).mask(plan)
        # A group of few rhyme words keeps even those that may be misread.
        enough = (may_stand & kept).sum(1, keepdims=True) > form.lines // 2
        allowed = np.zeros((form.size, len(vocabulary)), bool)
        allowed[:, SPECIAL:] = may_stand & (kept | ~enough)
        if self.barred:
            barred = allowed.copy()
            for position, char in self.barred:
                barred[position, char] = False
            # No place is left with too little to choose from: then only new draws help.
            allowed = np.where(barred.sum(1, keepdims=True) > form.lines, barred, allowed)
        given = np.zeros(form.size, np.int64)
        for position, text in plan.given_positions.items():
            given[position] = vocabulary.encode(text)[0]
        tones, rhyme = asked(plan, table)
        favour = self._favour
        return Draft(
            form,
            moved(torch.from_numpy(allowed), to),
            moved(torch.from_numpy(given), to),
            moved(tones, to),
            rhyme,
            heat=(4 / 3) ** (2 * self.recipe.request.boldness - 1)
            * (1.0 if self.leaning is None else self.leaning.heat),
            favour=None if favour is None else moved(torch.from_numpy(favour), to),
        )

    @property
    def _favour(self) -> NDArray[np.float32] | None:
        if self.leaning is not None:
            return self.leaning.favour
        return None if self.theme is None else self.theme.favour(self.plan.form)

    def answer(
        self, ids: NDArray[np.int64], marks: NDArray[np.float32], codes: Codes, vocabulary: Vocabulary
    ) -> Poem | Wish:
        """The best of the candidates that holds no line of another poet; or the wish that is to be written instead.

        ids: (candidates, form.size); marks: (candidates,). Raises OnlyCopies after `TRIES` tries.
        """
        best = self.best(ids, marks, vocabulary)
        if best is None:
            return self._without_copies(ids, vocabulary)
        poem = self._poem(ids[best], vocabulary)
        misread = self._misread(poem, ids[best], vocabulary)
        if not misread <= self.avoided:
            return dataclasses.replace(self, avoided=self.avoided | misread)
        around = codes.each[best] if codes.centre is None else codes.centre
        return dataclasses.replace(poem, code=around.cpu().numpy().astype(CODE).tobytes())

    def best(self, ids: NDArray[np.int64], marks: NDArray[np.float32], vocabulary: Vocabulary) -> int | None:
        """The number of the best candidate that may be handed over; None where none may. Arguments as of `answer`."""
        marks = marks + self.wanted(ids)
        order: list[int] = np.argsort(-marks, kind="stable").tolist()
        return next((i for i in order if self.may_stand(ids[i], vocabulary)), None)

    def wanted(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """What poems have of the words that this one asks for, in nats a character of their marks: ids (poems, form.size) ->
        (poems,)."""
        asked = self.leaning or self.theme
        return np.zeros(len(ids), np.float32) if asked is None else asked.marks(ids)

    def may_stand(self, ids: NDArray[np.int64], vocabulary: Vocabulary) -> bool:
        """Whether a poem holds no line of another poet. ids: (form.size,)."""
        return not self._copied(ids, vocabulary)

    def _copied(self, ids: NDArray[np.int64], vocabulary: Vocabulary) -> list[int]:
        """Lines that stand in the corpus or in the poem that is answered, those that the person gave whole apart.

        One that is such a line when it is brought to Simplified and back is that line: 南游四十年 is 南遊四十年.
        """
        columns, known = self.plan.form.columns, Bloom.shipped()
        lines, answered = self._standard(ids, vocabulary), self._answered
        own = [all((i, j) in self.typed for j in range(columns)) for i in range(len(lines))]
        read = [{line, to_traditional(to_simplified(line))} for line in lines]
        return [i for i, ways in enumerate(read) if not own[i] and any(way in known or way in answered for way in ways)]

    @property
    def _answered(self) -> set[str]:
        """The whole lines of a seed."""
        if len(self.seeds) != 1:
            return set()
        (seed,) = self.seeds
        rows = range(seed.form.columns)
        return {
            "".join(view[line, column] for column in rows)
            for view in seed.views
            for line in range(seed.form.lines)
            if all((line, column) in view for column in rows)
        }

    def _without_copies(self, ids: NDArray[np.int64], vocabulary: Vocabulary) -> Wish:
        if self.tries + 1 >= TRIES:
            raise OnlyCopies(text="".join(self._standard(ids[0], vocabulary)[self._copied(ids[0], vocabulary)[0]]))
        barred = set(self.barred)
        if self.tries:
            columns = self.plan.form.columns
            for row in ids:
                for line in self._copied(row, vocabulary):
                    free = set(range(line * columns, (line + 1) * columns)) - self.plan.given_positions.keys()
                    barred.update((place, int(row[place])) for place in sorted(free)[-1:])
        return dataclasses.replace(self, tries=self.tries + 1, barred=frozenset(barred))

    def _misread(self, poem: Poem, ids: NDArray[np.int64], vocabulary: Vocabulary) -> set[str]:
        """Characters that a reader of Simplified would take for words of another sound, or for a rhyme word that stands
        already.

        相并 is read as 相並, though it was 相幷, and 浮沈 as 浮沉: which words part so is known only once the line stands.
        """
        if self.script is not Script.HANS:
            return set()
        table, given = named(self.table).strict, self.plan.given_positions
        written = vocabulary.decode(ids)
        rhymes = sorted(self.plan.rhyme_positions, key=lambda place: place not in given)
        found: set[str] = set()
        # People judge a poem as a whole, or line by line.
        whole = to_traditional("\n".join(poem.lines)).replace("\n", "")
        for back in (whole, "".join(map(to_traditional, poem.lines))):
            read = enumerate(zip(written, back, strict=True))
            found |= {c for at, (c, again) in read if at not in given and _sound(c, table) != _sound(again, table)}
            rhymed: dict[str, str] = {}
            for at in rhymes:
                char = given.get(at, written[at])
                if rhymed.setdefault(back[at], char) != char and at not in given:
                    found.add(char)
        return found

    def _standard(self, ids: NDArray[np.int64], vocabulary: Vocabulary) -> list[str]:
        """The lines in standard Traditional; what is given stands, though the vocabulary may lack it."""
        columns, text = self.plan.form.columns, list(vocabulary.decode(ids))
        for position, char in self.plan.given_positions.items():
            text[position] = char
        return ["".join(text[i : i + columns]) for i in range(0, len(text), columns)]

    def _poem(self, ids: NDArray[np.int64], vocabulary: Vocabulary) -> Poem:
        lines = []
        for i, line in enumerate(self._standard(ids, vocabulary)):
            shown = list(in_script(line, self.script))
            own = {column: char for (at, column), char in self.typed.items() if at == i}
            if script_of("".join(own.values())) in (self.script, None):
                for column, char in own.items():
                    shown[column] = char
            lines.append("".join(shown))
        notes = (*self.notes, *(note.text for note in self.plan.strains))
        lean = None if self.leaning is None else round(float(self.leaning.lean(ids[None])[0]), 3)
        return Poem(tuple(lines), self.plan.form, self.recipe, notes, lean)


def asked(plan: Plan, table: RhymeTable) -> tuple[Tensor, int]:
    """What a plan asks for in the numbers of `vae.nets.batch.Batch`: tones, (form.size,), and rhyme group."""
    # The nets have learnt the groups of one table.
    group = table.rhyme_groups.index(plan.rhyme) + 1 if plan.rhyme and table.name == "classical" else 0
    return torch.tensor([_LETTERS[letter] for letter in plan.letters]), group


@cache
def _sounds(vocabulary: Vocabulary, table: RhymeTable) -> Sounds:
    return Sounds(vocabulary.characters, table)


@cache
def _steady(vocabulary: Vocabulary, table: RhymeTable) -> NDArray[np.bool_]:
    """(characters,): those that keep tone and rhyme when a reader of Simplified takes them back: not 乾, shown as 干."""
    characters = "\n".join(vocabulary.characters)
    back = char_by_char(to_simplified(characters)).split("\n")
    pairs: Sequence[tuple[str, str]] = list(zip(vocabulary.characters, back, strict=True))
    return np.array([_sound(char, table) == _sound(again, table) for char, again in pairs])


def _sound(char: str, table: RhymeTable) -> tuple[int, frozenset[str]]:
    return table.tones(char), table.groups(char)
