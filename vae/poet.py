"""Poet: the one door to this wing. Everything outside it uses only this, `vae.poem` and `vae.errors`."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import logging
import random
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from vae import blending, compiling, weights
from vae.answering import answered
from vae.coding import Coder
from vae.company import Company
from vae.errors import OutOfRange, Phrase, UnknownChoice
from vae.lexicon import Lexicon
from vae.moving import moved
from vae.nets.decoding import LEARNING, let_go
from vae.nets.flagship import Flagship
from vae.nets.program import Programs
from vae.outline import outline
from vae.page import Draft
from vae.poem import CANDIDATES, REVISIONS, BlendRequest, Form, Poem, Recipe, Script, WriteRequest, checked_boldness
from vae.prosody.table import named
from vae.reading import read
from vae.revising import Standing, revised
from vae.sampling import Knobs, Ranked, Sampler
from vae.script import script_of, sound
from vae.selection import Candidates, Judge
from vae.theme import Theme, said
from vae.thrift import give_back_freed
from vae.vocabulary import Vocabulary
from vae.weights import Net
from vae.wish import Wish

_log = logging.getLogger(__name__)

STEPS = (2, 25)
ROWS = 256
"""Candidates written in one batch, of as many poems as they make."""
RANDOM_SEEDS = 2**63


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that was read and planned by `Poet.prepare`: what `Poet.grant` writes, alone or beside others."""

    wishes: tuple[Wish, ...]

    @property
    def form(self) -> Form:
        """The form of all its poems."""
        return self.wishes[0].plan.form

    @property
    def rows(self) -> int:
        """Candidates that will be written for it, over all its poems."""
        return sum(wish.candidates for wish in self.wishes)


@dataclass(frozen=True)
class Poet:
    """Loaded weights that write. Not thread-safe: one thread owns a Poet.

    model: hash of all weights, and of the table of company, that have a say in a poem, 12 hexadecimal digits.
    """

    model: str
    net: Net
    vocabulary: Vocabulary
    lexicon: Lexicon
    device: str = "cpu"
    knobs: Knobs = field(default_factory=Knobs)
    judge: Judge = field(default_factory=Judge)
    programs: Programs | None = None

    @classmethod
    def load(cls, path: Path | None = None, device: str = "auto") -> Poet:
        """The shipped weights, or those in a file; device is `auto`, `cpu` or `cuda`. Raises WeightsError, UnknownChoice.

        A flagship's candidates are chosen by the nets that ship for it, an ancestor's by likelihood alone; on processors its
        decoder and those nets are the ones that were compiled, where that was done (`vae.compiling`).
        """
        poet = cls.without_judges(path, device)
        return poet.judged() if isinstance(poet.net, Flagship) else poet

    @classmethod
    def without_judges(cls, path: Path | None = None, device: str = "auto") -> Poet:
        """The same, its candidates chosen by likelihood alone."""
        net, model = weights.load(path or weights.shipped())
        vocabulary = Vocabulary.shipped()
        if net.config.vocabulary != len(vocabulary):
            reason = f"they know {net.config.vocabulary} characters, the vocabulary has {len(vocabulary)}"
            raise weights.mismatch(path or weights.shipped(), reason)
        to = choose_device(device)
        programs = compiling.found(model) if to == "cpu" else None
        return cls(model, net.to(to), vocabulary, Lexicon.shipped(vocabulary).to(to), to, programs=programs)

    def judged(self, critic: Path | None = None, coherence: Path | None = None) -> Poet:
        """The same with the nets in some files to choose, those that ship by default; `model` tells them too.

        Raises WeightsError.
        """
        files = weights.shipped_judges(critic, coherence)
        judges, digest = weights.load_judges(files)
        for path, net in ((files.critic, judges.critic), (files.coherence, judges.coherence)):
            known = net.config.vocabulary
            if known != len(self.vocabulary):
                reason = f"it knows {known} characters, the vocabulary has {len(self.vocabulary)}"
                raise weights.mismatch(path, reason)
        program = compiling.found_jury(digest) if self.programs is not None else None
        if self.programs is not None and program is None:
            _log.warning(
                "The decoder is compiled, and the nets that judge are not; `python -m vae compile` makes both."
            )
        judge = Judge.shipped(judges.to(self.device), program)
        all_of_it = f"{self.model} {digest.replace('-', ' ')} {judge.digest} {Company.digest()}"
        model = hashlib.sha256(all_of_it.encode()).hexdigest()[:12]
        return dataclasses.replace(self, model=model, judge=judge)

    @property
    def compiled(self) -> bool:
        """Whether all of it that can be is compiled for this machine."""
        return self.programs is not None and self.judge.program is not None

    def uncompiled(self) -> Poet:
        """The same without what is compiled for this machine."""
        return dataclasses.replace(self, programs=None, judge=dataclasses.replace(self.judge, program=None))

    def only_write(self) -> None:
        """Frees what nothing but learning and measuring has a use for. To be asked before anything is written, or else what
        has read seeds keeps all alive; and no other poet can be made of this one afterwards."""
        if isinstance(self.net, Flagship):
            let_go(self.net, *LEARNING)  # before a decoder is made beside them
            self.sampler.decoder.take_over()
        give_back_freed()

    @cached_property
    def sampler(self) -> Sampler:
        """What writes candidates: the net, the words and the knobs of this poet."""
        return Sampler(self.net, self.lexicon, self.knobs, self.judge, self.programs)

    @cached_property
    def coder(self) -> Coder:
        """What gives wishes their codes."""
        return Coder(self.net, self.vocabulary)

    def write(self, request: WriteRequest) -> Poem:
        """One poem. Raises WishError for a wish that cannot be read or met."""
        return self.write_all([request])[0]

    def write_all(self, requests: Sequence[WriteRequest]) -> list[Poem]:
        """A poem for each request, written together. Raises WishError if any cannot be read or met."""
        return [poems[0] for poems in self.grant([self.prepare(request) for request in requests])]

    def blend(self, request: BlendRequest) -> list[Poem]:
        """`request.steps` poems from a to b; each poem's `recipe.t` is its place on the path. Raises WishError.

        Where a parent is a whole line of the form's length, the end of the path that belongs to it begins with that line.
        """
        return self.grant([self.prepare(request)])[0]

    def prepare(self, request: WriteRequest | BlendRequest) -> Prepared:
        """Reads and plans one request; no net has a part in it. Raises WishError."""
        if isinstance(request, BlendRequest):
            return Prepared(self._path(request))
        return Prepared((self._wish(request),))

    @torch.inference_mode()
    def grant(self, prepared: Sequence[Prepared]) -> list[list[Poem]]:
        """The poems of each, in order; those of one number of candidates are written in one batch.

        A poem depends on its own request and random seed alone, whatever is written beside it.
        """
        _as_many_threads_as_set()
        poems = iter(self._written([wish for each in prepared for wish in each.wishes]))
        return [list(itertools.islice(poems, len(each.wishes))) for each in prepared]

    @torch.inference_mode()
    def candidates(self, prepared: Prepared) -> tuple[Draft, Tensor, Candidates]:
        """What the poem of a request is chosen from, with its draft and codes: for whoever weighs the choice."""
        _as_many_threads_as_set()
        (wish,) = prepared.wishes
        draft, (codes,) = wish.draft(self.vocabulary, self.device), self.coder.codes([wish])
        return draft, codes.each, self.sampler.candidates([draft], codes.each[None], self._uniforms([wish]))

    def _path(self, request: BlendRequest) -> tuple[Wish, ...]:
        request = _readable(request)
        if not STEPS[0] <= request.steps <= STEPS[1]:
            raise OutOfRange(what=Phrase("The number of steps"), given=request.steps, low=STEPS[0], high=STEPS[1])
        seed = _random_seed(request.random_seed)
        form, *ends = blending.read_parents(request, self.vocabulary)
        request = dataclasses.replace(request, form=form, random_seed=seed)
        script = request.script or script_of(request.a + request.b) or Script.HANT
        seeds = (ends[0].reading, ends[1].reading)
        wishes = []
        for step in blending.path(ends[0], ends[1], request.steps, self.vocabulary, seed):
            recipe = Recipe(model=self.model, random_seed=seed, request=request, t=round(step.t, 6))
            plan, leaning = step.outline.plan, step.leaning
            wishes.append(Wish(recipe, plan, "classical", script, step.typed, step.notes, seeds, leaning))
        return tuple(wishes)

    def _wish(self, request: WriteRequest) -> Wish:
        request = _readable(request)
        table = named(request.table)
        answer = None if request.answer is None else answered(request.answer, table)
        reading = read(
            request.seed, request.form, request.acrostic, self.vocabulary, place=request.place, answer=answer
        )
        seed = _random_seed(request.random_seed)
        request = dataclasses.replace(request, form=reading.form, random_seed=seed)
        recipe = Recipe(model=self.model, random_seed=seed, request=request)
        # The draws have a generator of their own.
        drawn = outline(reading, request.scheme, request.rhyme, table.strict, random.Random(seed))
        script = request.script or reading.script or Script.HANT
        notes = (*reading.notes, *drawn.notes)
        seeds = (reading,) if reading.views else ()
        theme = Theme.of(said(reading.words, drawn.heard), self.vocabulary)
        return Wish(recipe, drawn.plan, request.table, script, reading.typed, notes, seeds, theme=theme)

    def _written(self, wishes: Sequence[Wish]) -> list[Poem]:
        """A poem for each wish, in order; what did not come out well is written again."""
        poems: dict[int, Poem] = {}
        waiting, codes = dict(enumerate(wishes)), self.coder.codes(wishes)
        while waiting:
            again: dict[int, Wish] = {}
            for together in _batches(waiting):
                drafts = [wish.draft(self.vocabulary, self.device) for wish in together.values()]
                each = torch.stack([codes[i].each for i in together])
                found = self.sampler.ranked(drafts, each, self._uniforms(together.values()))
                found = self._revised(list(together.values()), drafts, each, found)
                for (i, wish), (ids, marks, code) in zip(together.items(), found, strict=True):
                    answer = wish.answer(ids, marks, codes[i].picked(code), self.vocabulary)
                    if isinstance(answer, Poem):
                        poems[i] = answer
                    else:
                        again[i] = answer
            waiting = again
        return [poems[i] for i in range(len(wishes))]

    def _revised(
        self, wishes: Sequence[Wish], drafts: Sequence[Draft], codes: Tensor, found: Sequence[Ranked]
    ) -> list[Ranked]:
        """With what a second pass makes of the best candidate, where one is asked for."""
        ranked, standing = list(found), dict[int, tuple[int, Standing]]()
        for i, (wish, draft, (ids, marks, code)) in enumerate(zip(wishes, drafts, found, strict=True)):
            asked = wish.revisions and isinstance(self.net, Flagship) and bool((draft.given == 0).any())
            best = wish.best(ids, marks, self.vocabulary) if asked else None
            if best is not None:
                may_stand = partial(wish.may_stand, vocabulary=self.vocabulary)
                begun = moved(torch.from_numpy(ids[best]), self.device)
                numbers = moved(wish.revision_draws(), self.device)
                at = codes[i, int(code[best])]
                standing[i] = best, Standing(draft, begun, at, numbers, may_stand, wish.wanted)
        revisions = revised(self.sampler, [each for _, each in standing.values()])
        for (i, (best, _)), (poem, risen) in zip(standing.items(), revisions, strict=True):
            ids, marks, code = found[i]
            ids = np.concatenate((ids, poem.cpu().numpy()[None]))
            ranked[i] = ids, np.append(marks, np.float32(marks[best] + risen)), np.append(code, code[best])
        return ranked

    def _uniforms(self, wishes: Iterable[Wish]) -> list[Tensor]:  # of each (candidates, form.size)
        return [moved(wish.draws(self.net.config.latent)[1], self.device) for wish in wishes]


def _batches(wishes: Mapping[int, Wish]) -> Iterator[dict[int, Wish]]:
    """Those of one number of candidates together, as many as `ROWS` has room for; long ones with long ones."""
    alike = sorted(wishes, key=lambda i: (wishes[i].candidates, -wishes[i].plan.form.size))
    for candidates, of_number in itertools.groupby(alike, key=lambda i: wishes[i].candidates):
        numbers = list(of_number)
        room = max(1, ROWS // candidates)
        for start in range(0, len(numbers), room):
            yield {i: wishes[i] for i in numbers[start : start + room]}


def _as_many_threads_as_set() -> None:
    """Gives the calling thread the number of cores that was set for torch, wherever it was: OpenMP keeps one for each thread,
    and products in bf16 take that of the machine until somebody asks."""
    torch.get_num_threads()


def choose_device(wanted: str) -> str:
    """`auto` takes the GPU where there is one. Raises UnknownChoice for what is not to be had."""
    able = ["auto", "cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    if wanted not in able:
        raise UnknownChoice(what="device here", given=wanted, choices=", ".join(able))
    return able[-1] if wanted == "auto" else wanted


_Request = TypeVar("_Request", WriteRequest, BlendRequest)


def _readable(request: _Request) -> _Request:
    """The request with texts that can be written down again. Raises OutOfRange."""
    if not CANDIDATES[0] <= request.candidates <= CANDIDATES[1]:
        low, high = CANDIDATES
        raise OutOfRange(what=Phrase("The number of candidates"), given=request.candidates, low=low, high=high)
    if isinstance(request, WriteRequest) and not REVISIONS[0] <= request.revisions <= REVISIONS[1]:
        low, high = REVISIONS
        raise OutOfRange(what=Phrase("The number of revisions"), given=request.revisions, low=low, high=high)
    texts: Any = {"boldness": checked_boldness(float(request.boldness))}
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
