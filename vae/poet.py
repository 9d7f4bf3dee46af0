"""Poet: the one door to this wing. Everything outside it uses only this, `vae.poem` and `vae.errors`."""

from __future__ import annotations

import dataclasses
import itertools
import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae import sampling, weights
from vae.errors import Clash, OutOfRange, Phrase, UnknownChoice
from vae.lexicon import Lexicon
from vae.nets.batch import FREE, LEVEL, OBLIQUE, RHYME
from vae.poem import CANDIDATES, BlendRequest, Form, Poem, Recipe, Script, WriteRequest
from vae.prosody.mask import mask
from vae.prosody.plan import Plan
from vae.prosody.plan import plan as make_plan
from vae.prosody.table import RhymeTable, named
from vae.reading import Place, Reading, read, word_places
from vae.sampling import Draft, Knobs, Sampler
from vae.script import char_by_char, in_script, script_of, sound, to_simplified, to_traditional
from vae.vocabulary import SPECIAL, Vocabulary
from vae.weights import Net

STEPS = (2, 25)
ROWS = 128
"""Candidates written in one batch, of as many poems of one form as they make."""
RANDOM_SEEDS = 2**63
_LETTERS = {"*": FREE, "P": LEVEL, "Z": OBLIQUE, "R": RHYME}


@dataclass(frozen=True, slots=True)
class _Wish:
    """A request, planned: all that is drawn is here, so that what is written together stays apart."""

    recipe: Recipe
    plan: Plan
    table: str
    codes: Tensor  # (candidates, latent)
    uniforms: Tensor  # (candidates, form.size)
    script: Script
    typed: Mapping[Place, str]
    avoided: frozenset[str] = frozenset()

    @property
    def shape(self) -> tuple[Form, int]:
        """Wishes of one shape can be written in one batch: the form, and the number of candidates."""
        return self.plan.form, len(self.codes)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that was read and planned by `Poet.prepare`: what `Poet.grant` writes, alone or beside others."""

    wishes: tuple[_Wish, ...]

    @property
    def form(self) -> Form:
        """The form of all its poems."""
        return self.wishes[0].plan.form

    @property
    def rows(self) -> int:
        """Candidates that will be written for it, over all its poems."""
        return sum(len(wish.codes) for wish in self.wishes)


@dataclass(frozen=True)
class Poet:
    """Loaded weights that write. Not thread-safe: one thread owns a Poet.

    model: hash of the weights, 12 hexadecimal digits.
    """

    model: str
    net: Net
    vocabulary: Vocabulary
    lexicon: Lexicon
    device: str = "cpu"
    knobs: Knobs = field(default_factory=Knobs)

    @classmethod
    def load(cls, path: Path | None = None, device: str = "auto") -> Poet:
        """The shipped weights, or those in a file; device is `auto`, `cpu` or `cuda`. Raises WeightsError, UnknownChoice."""
        net, model = weights.load(path or weights.shipped())
        vocabulary = Vocabulary.shipped()
        if net.config.vocabulary != len(vocabulary):
            reason = f"they know {net.config.vocabulary} characters, the vocabulary has {len(vocabulary)}"
            raise weights.mismatch(path or weights.shipped(), reason)
        to = choose_device(device)
        return cls(model, net.to(to), vocabulary, Lexicon.shipped(vocabulary).to(to), to)

    @cached_property
    def sampler(self) -> Sampler:
        """What writes candidates: the net, the words and the knobs of this poet."""
        return Sampler(self.net, self.lexicon, self.knobs)

    def write(self, request: WriteRequest) -> Poem:
        """One poem. Raises WishError for a wish that cannot be read or met."""
        return self.write_all([request])[0]

    def write_all(self, requests: Sequence[WriteRequest]) -> list[Poem]:
        """A poem for each request, those of one form written together. Raises WishError if any cannot be read or met."""
        return [poems[0] for poems in self.grant([self.prepare(request) for request in requests])]

    def blend(self, request: BlendRequest) -> list[Poem]:
        """`request.steps` poems from a to b; each poem's `recipe.t` is its place on the path. Raises WishError.

        Where a parent is a whole line of the form's length, the end of the path that belongs to it begins with that line.
        """
        return self.grant([self.prepare(request)])[0]

    @torch.inference_mode()
    def prepare(self, request: WriteRequest | BlendRequest) -> Prepared:
        """Reads and plans one request; nothing heavier than the encoder runs. Raises WishError."""
        if isinstance(request, BlendRequest):
            return Prepared(self._path(request))
        return Prepared((self._wish(request),))

    @torch.inference_mode()
    def grant(self, prepared: Sequence[Prepared]) -> list[list[Poem]]:
        """The poems of each, in order; those of one form and number of candidates are written in one batch.

        A poem depends on its own request and random seed alone, whatever is written beside it.
        """
        poems = iter(self._written([wish for each in prepared for wish in each.wishes]))
        return [list(itertools.islice(poems, len(each.wishes))) for each in prepared]

    def _path(self, request: BlendRequest) -> tuple[_Wish, ...]:
        request = _readable(request)
        if not STEPS[0] <= request.steps <= STEPS[1]:
            raise OutOfRange(what=Phrase("The number of steps"), given=request.steps, low=STEPS[0], high=STEPS[1])
        form = request.form or self._form_of_parents(request.a, request.b)
        ends = [read(text, form, None, self.vocabulary) for text in (request.a, request.b)]
        form, seed = ends[0].form, _random_seed(request.random_seed)
        request = dataclasses.replace(request, form=form, random_seed=seed)
        script = request.script or script_of(request.a + request.b) or Script.HANT
        noise, uniforms = self._numbers(seed, form, request.candidates)
        (mu_a, sigma_a), (mu_b, sigma_b) = (self._posterior(end) for end in ends)
        # Both halves keep to one scheme and rhyme each, so that from step to step only the code changes.
        plans = [self._plan(WriteRequest(form=form), end, random.Random(seed)) for end in ends]
        wishes = []
        for step in range(request.steps):
            t = step / (request.steps - 1)
            plan, typed = plans[round(t)], ends[round(t)].typed
            if t not in (0, 1):  # between its ends the path is the poet's own
                plan, typed = dataclasses.replace(plan, given={}, notes=()), {}
            codes = sampling.slerp(mu_a, mu_b, t) + ((1 - t) * sigma_a + t * sigma_b) * noise
            recipe = Recipe(model=self.model, random_seed=seed, request=request, t=round(t, 6))
            wishes.append(_Wish(recipe, plan, "classical", codes, uniforms, script, typed))
        return tuple(wishes)

    def _wish(self, request: WriteRequest) -> _Wish:
        request = _readable(request)
        reading = read(request.seed, request.form, request.acrostic, self.vocabulary)
        seed = _random_seed(request.random_seed)
        request = dataclasses.replace(request, form=reading.form, random_seed=seed)
        recipe = Recipe(model=self.model, random_seed=seed, request=request)
        plan = self._plan(request, reading, random.Random(seed))  # the draws have a generator of their own
        noise, uniforms = self._numbers(seed, reading.form, request.candidates)
        script = request.script or reading.script or Script.HANT
        return _Wish(recipe, plan, request.table, self._codes(reading, noise), uniforms, script, reading.typed)

    def _written(self, wishes: Sequence[_Wish]) -> list[Poem]:
        """A poem for each wish, in order; those of one shape are written together, as many as `ROWS` has room for."""
        alike = sorted(range(len(wishes)), key=lambda i: wishes[i].shape)
        poems: dict[int, Poem] = {}
        for (_, candidates), of_shape in itertools.groupby(alike, key=lambda i: wishes[i].shape):
            waiting = list(of_shape)
            room = max(1, ROWS // candidates)
            for start in range(0, len(waiting), room):
                together = waiting[start : start + room]
                poems.update(zip(together, self._written_together([wishes[i] for i in together]), strict=True))
        return [poems[i] for i in range(len(wishes))]

    def _written_together(self, wishes: Sequence[_Wish]) -> list[Poem]:
        drafts = [self._draft(wish) for wish in wishes]
        codes = torch.stack([wish.codes for wish in wishes])
        uniforms = torch.stack([wish.uniforms for wish in wishes])
        found = self.sampler.write(drafts, codes, uniforms)
        return [self._read_back(wish, self._poem(wish, ids), ids) for wish, ids in zip(wishes, found, strict=True)]

    def _read_back(self, wish: _Wish, poem: Poem, ids: NDArray[np.int64]) -> Poem:
        """The poem, or another without the characters that a reader of Simplified would take for other words.

        相并 is read as 相並, though it was 相幷: which words part so is known only once the line stands.
        """
        if wish.script is not Script.HANS:
            return poem
        table, given = named(wish.table).strict, wish.plan.given_positions
        written = self.vocabulary.decode(ids)
        # People judge a poem as a whole, or line by line.
        whole = to_traditional("\n".join(poem.lines)).replace("\n", "")
        misread = {
            char
            for back in (whole, "".join(map(to_traditional, poem.lines)))
            for place, (char, again) in enumerate(zip(written, back, strict=True))
            if place not in given and _sound(char, table) != _sound(again, table)
        }
        if misread <= wish.avoided:
            return poem
        return self._written([dataclasses.replace(wish, avoided=wish.avoided | misread)])[0]

    def _form_of_parents(self, a: str, b: str) -> Form:
        # Loose words have no form of their own and follow the other parent; of two forms the longer wins.
        readings = [read(text, None, None, self.vocabulary) for text in (a, b)]
        forms = [reading.form for reading in readings if not reading.loose] or [Form.QIJUE]
        return max(forms, key=lambda form: form.size)

    def _plan(self, request: WriteRequest, reading: Reading, rng: random.Random) -> Plan:
        table = named(request.table).strict
        wanted = {"scheme": request.scheme, "rhyme": request.rhyme, "table": table}
        # A short word is planted where its tones fit; where it fits nowhere it still steers.
        for way in word_places(reading.form, reading.words, reading.given, rng) if reading.words else []:
            try:
                plan = make_plan(reading.form, given={**reading.given, **way}, rng=rng, **wanted)  # type: ignore[arg-type]
                if not plan.strains:
                    return plan
            except Clash:
                continue
        return make_plan(reading.form, given=reading.given, rng=rng, **wanted)  # type: ignore[arg-type]

    def _draft(self, wish: _Wish) -> Draft:
        plan, form, table = wish.plan, wish.plan.form, named(wish.table).strict
        kept = _steady(self.vocabulary, table).copy()
        kept[[self.vocabulary.characters.index(char) for char in wish.avoided]] = False
        may_stand = mask(plan, self.vocabulary.characters, table)
        # A group of few rhyme words keeps even those that may be misread.
        enough = (may_stand & kept).sum(1, keepdims=True) > form.lines // 2
        allowed = np.zeros((form.size, len(self.vocabulary)), bool)
        allowed[:, SPECIAL:] = may_stand & (kept | ~enough)
        given = np.zeros(form.size, np.int64)
        for place, char in plan.given_positions.items():
            given[place] = self.vocabulary.encode(char)[0]
        tones = np.array([_LETTERS[letter] for letter in plan.letters])
        rhyme = table.rhyme_groups.index(plan.rhyme) + 1 if plan.rhyme and table.name == "classical" else 0
        to = self.device
        return Draft(
            form,
            torch.from_numpy(allowed).to(to),
            torch.from_numpy(given).to(to),
            torch.from_numpy(tones).to(to),
            rhyme,
        )

    def _numbers(self, random_seed: int, form: Form, candidates: int) -> tuple[Tensor, Tensor]:
        """All the chance in a poem: (candidates, latent) from N(0, I) and (candidates, form.size) from [0, 1)."""
        generator = torch.Generator().manual_seed(random_seed)
        noise = torch.randn(candidates, self.net.config.latent, generator=generator)
        uniforms = torch.rand(candidates, form.size, generator=generator)
        return noise.to(self.device), uniforms.to(self.device)

    def _codes(self, reading: Reading, noise: Tensor) -> Tensor:
        if not reading.views:
            return sampling.code_for_form(self.net, reading.form, noise)
        mu, sigma = self._posterior(reading)
        return mu + sigma * noise  # (candidates, latent)

    def _posterior(self, reading: Reading) -> tuple[Tensor, Tensor]:
        rows = np.zeros((len(reading.views), reading.form.size), np.int64)
        for row, view in zip(rows, reading.views, strict=True):
            for (line, column), char in view.items():
                row[line * reading.form.columns + column] = self.vocabulary.encode(char)[0]
        return sampling.code_of(self.net, reading.form, torch.from_numpy(rows).to(self.device))

    def _poem(self, wish: _Wish, ids: NDArray[np.int64]) -> Poem:
        form = wish.plan.form
        standard = list(self.vocabulary.decode(ids))
        for place, char in wish.plan.given_positions.items():
            standard[place] = char  # the vocabulary may lack it
        lines = []
        for line in range(form.lines):
            start = line * form.columns
            shown = list(in_script("".join(standard[start : start + form.columns]), wish.script))
            own = {column: char for (at, column), char in wish.typed.items() if at == line}
            if script_of("".join(own.values())) in (wish.script, None):
                for column, char in own.items():
                    shown[column] = char
            lines.append("".join(shown))
        return Poem(tuple(lines), form, wish.recipe, tuple(note.text for note in wish.plan.strains))


@cache
def _steady(vocabulary: Vocabulary, table: RhymeTable) -> NDArray[np.bool_]:
    """(characters,): those that keep tone and rhyme when a reader of Simplified takes them back: not 乾, shown as 干."""
    characters = "\n".join(vocabulary.characters)
    back = char_by_char(to_simplified(characters)).split("\n")
    pairs = zip(vocabulary.characters, back, strict=True)
    return np.array([_sound(char, table) == _sound(again, table) for char, again in pairs])


def _sound(char: str, table: RhymeTable) -> tuple[int, frozenset[str]]:
    return table.tones(char), table.groups(char)


def choose_device(wanted: str) -> str:
    """`auto` takes the GPU where there is one. Raises UnknownChoice for what is not to be had."""
    able = ["auto", "cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    if wanted not in able:
        raise UnknownChoice(what="device here", given=wanted[:40] or "(nothing)", choices=", ".join(able))
    return able[-1] if wanted == "auto" else wanted


_Request = TypeVar("_Request", WriteRequest, BlendRequest)


def _readable(request: _Request) -> _Request:
    """The request with texts that can be written down again. Raises OutOfRange."""
    if not CANDIDATES[0] <= request.candidates <= CANDIDATES[1]:
        low, high = CANDIDATES
        raise OutOfRange(what=Phrase("The number of candidates"), given=request.candidates, low=low, high=high)
    texts: Any = {}
    for field_ in dataclasses.fields(request):
        value = getattr(request, field_.name)
        if type(value) is str:
            texts[field_.name] = sound(value)
    return dataclasses.replace(request, **texts)


def _random_seed(given: int | None) -> int:
    if given is None:
        return secrets.randbelow(2**31)
    if not 0 <= given < RANDOM_SEEDS:
        raise OutOfRange(what=Phrase("The random seed"), given=given, low=0, high=RANDOM_SEEDS - 1)
    return given
