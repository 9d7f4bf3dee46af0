"""Poet: the one door to this wing. Everything outside it uses only this, `vae.poem` and `vae.errors`."""

from __future__ import annotations

import dataclasses
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vae import sampling, weights
from vae.errors import OutOfRange, PoetError
from vae.nets.batch import FREE, LEVEL, OBLIQUE, RHYME
from vae.poem import BlendRequest, Form, Poem, Recipe, Script, WriteRequest
from vae.prosody.mask import mask
from vae.prosody.plan import Plan
from vae.prosody.plan import plan as make_plan
from vae.prosody.table import RhymeTable, named
from vae.reading import Place, Reading, read, word_places
from vae.sampling import Draft, Knobs
from vae.script import in_script, script_of
from vae.vocabulary import SPECIAL, Vocabulary
from vae.weights import Net

STEPS = (2, 25)
DEFAULT_KNOBS = Knobs()
RANDOM_SEEDS = 2**63
_LETTERS = {"*": FREE, "P": LEVEL, "Z": OBLIQUE, "R": RHYME}


@dataclass(frozen=True)
class Poet:
    """Loaded weights that write. Not thread-safe: one thread owns a Poet.

    model: hash of the weights, 12 hexadecimal digits.
    """

    model: str
    net: Net
    vocabulary: Vocabulary
    device: str = "cpu"
    knobs: Knobs = DEFAULT_KNOBS

    @classmethod
    def load(cls, path: Path | None = None, device: str = "auto") -> Poet:
        """The shipped weights, or those in a file; device is `auto`, `cpu` or `cuda`. Raises WeightsError, OutOfRange."""
        net, model = weights.load(path or weights.shipped())
        vocabulary = Vocabulary.shipped()
        if net.config.vocabulary != len(vocabulary):
            reason = f"they know {net.config.vocabulary} characters, the vocabulary has {len(vocabulary)}"
            raise weights.mismatch(path or weights.shipped(), reason)
        return cls(model, net.to(choose_device(device)), vocabulary, choose_device(device))

    @torch.inference_mode()
    def write(self, request: WriteRequest) -> Poem:
        """One poem. Raises WishError for a wish that cannot be read or met."""
        reading = read(request.seed, request.form, request.acrostic, self.vocabulary)
        request = dataclasses.replace(request, form=reading.form, random_seed=_random_seed(request.random_seed))
        recipe = Recipe(model=self.model, random_seed=_random_seed(request.random_seed), request=request)
        rng = random.Random(
            recipe.random_seed
        )  # decides the plan; the numbers of the draws have a generator of their own
        plan = self._plan(request, reading, rng)
        noise, uniforms = self._numbers(recipe.random_seed, reading.form)
        codes = self._codes(reading, noise)
        script = request.script or reading.script or Script.HANT
        return self._poem(recipe, plan, codes, uniforms, script, reading.typed)

    @torch.inference_mode()
    def blend(self, request: BlendRequest) -> list[Poem]:
        """`request.steps` poems from a to b; each poem's `recipe.t` is its place on the path. Raises WishError.

        Where a parent is a whole line of the form's length, the end of the path that belongs to it begins with that line.
        """
        if not STEPS[0] <= request.steps <= STEPS[1]:
            raise OutOfRange(what="The number of steps", given=request.steps, low=STEPS[0], high=STEPS[1])
        form = request.form or longer(
            *(read(text, None, None, self.vocabulary).form for text in (request.a, request.b))
        )
        ends = [read(text, form, None, self.vocabulary) for text in (request.a, request.b)]
        form = longer(ends[0].form, ends[1].form)
        request = dataclasses.replace(request, form=form, random_seed=_random_seed(request.random_seed))
        seed = _random_seed(request.random_seed)
        script = request.script or script_of(request.a + request.b) or Script.HANT
        noise, uniforms = self._numbers(seed, form)
        mus, sigmas = zip(*(self._posterior(end) for end in ends), strict=True)
        # Both halves keep to one scheme and rhyme each, so that from step to step only the code changes.
        plans = [self._plan(WriteRequest(form=form), end, random.Random(seed)) for end in ends]
        poems = []
        for step in range(request.steps):
            t = step / (request.steps - 1)
            nearer = round(t)
            codes = sampling.slerp(mus[0], mus[1], t) + ((1 - t) * sigmas[0] + t * sigmas[1]) * noise
            plan, typed = plans[nearer], ends[nearer].typed
            if t not in (0, 1):
                plan, typed = dataclasses.replace(plan, given={}), {}
            recipe = Recipe(model=self.model, random_seed=seed, request=request, t=round(t, 6))
            poems.append(self._poem(recipe, plan, codes, uniforms, script, typed))
        return poems

    def _plan(self, request: WriteRequest, reading: Reading, rng: random.Random) -> Plan:
        table = named(request.table).strict
        wanted = {"scheme": request.scheme, "rhyme": request.rhyme, "table": table}
        # A short word is planted where its tones fit; where it fits nowhere it still steers.
        for way in word_places(reading.form, reading.words, reading.given, rng) if reading.words else []:
            try:
                plan = make_plan(reading.form, given={**reading.given, **way}, rng=rng, **wanted)  # type: ignore[arg-type]
                if not plan.notes:
                    return plan
            except PoetError:
                continue
        return make_plan(reading.form, given=reading.given, rng=rng, **wanted)  # type: ignore[arg-type]

    def _poem(
        self, recipe: Recipe, plan: Plan, codes: Tensor, uniforms: Tensor, script: Script, typed: Mapping[Place, str]
    ) -> Poem:
        table = named(getattr(recipe.request, "table", "classical")).strict
        ids = sampling.write(self.net, self._draft(plan, table), codes, uniforms, self.knobs)
        return Poem(self._lines(plan, ids, script, typed), plan.form, recipe)

    def _draft(self, plan: Plan, table: RhymeTable) -> Draft:
        form = plan.form
        allowed = np.zeros((form.size, len(self.vocabulary)), bool)
        allowed[:, SPECIAL:] = mask(plan, self.vocabulary.characters, table)
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

    def _numbers(self, random_seed: int, form: Form) -> tuple[Tensor, Tensor]:
        """All the chance in a poem: (candidates, latent) from N(0, I) and (candidates, form.size) from [0, 1)."""
        generator = torch.Generator().manual_seed(random_seed)
        noise = torch.randn(self.knobs.candidates, self.net.config.latent, generator=generator)
        uniforms = torch.rand(self.knobs.candidates, form.size, generator=generator)
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

    def _lines(self, plan: Plan, ids: np.ndarray, script: Script, typed: Mapping[Place, str]) -> tuple[str, ...]:
        standard = list(self.vocabulary.decode(ids))
        for place, char in plan.given_positions.items():
            standard[place] = char
        lines = []
        for line in range(plan.form.lines):
            start = line * plan.form.columns
            shown = list(in_script("".join(standard[start : start + plan.form.columns]), script))
            own = {column: char for (at, column), char in typed.items() if at == line}
            if script_of("".join(own.values())) in (script, None):
                for column, char in own.items():
                    shown[column] = char
            lines.append("".join(shown))
        return tuple(lines)


def choose_device(wanted: str) -> str:
    """`auto` takes the GPU where there is one. Raises OutOfRange for `cuda` where there is none."""
    if wanted == "cuda" and not torch.cuda.is_available():
        raise OutOfRange(
            what="The device", given="cuda, but this machine has no GPU that torch can use", low="auto", high="cpu"
        )
    return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"


def longer(a: Form, b: Form) -> Form:
    """Of two forms the one with more characters."""
    return a if a.size >= b.size else b


def _random_seed(given: int | None) -> int:
    if given is None:
        return secrets.randbelow(2**31)
    if not 0 <= given < RANDOM_SEEDS:
        raise OutOfRange(what="The random seed", given=given, low=0, high=RANDOM_SEEDS - 1)
    return given
