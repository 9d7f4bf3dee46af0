"""Candidates: many poems at once, of one form or several, written under their masks, and the choice among them.

Where there are many, the choice goes couplet by couplet: the candidates that begin best go on, each in several copies, which
then part (a beam search over couplets, by the marks that choose among whole poems; its kin that draws in proportion to marks
is twisted sequential Monte Carlo, Zhao et al. 2024, arXiv:2404.17546).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import groupby
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from vae import nucleus
from vae.lexicon import Lexicon
from vae.nets.alone import FLOAT_GRAIN, filled, standing_alone
from vae.nets.ancestor import Ancestor
from vae.nets.decoding import Decoder, Writing
from vae.nets.flagship import Flagship
from vae.nets.program import CompiledDecoder, Programs
from vae.page import PART, Draft, Page, Part
from vae.poem import Form
from vae.selection import Candidates, Judge
from vae.weights import Net

Ranked = tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]
"""All candidates of a draft, (candidates, form.size) ids; their marks, (candidates,): the highest is the best; and which of the
draft's codes each was written from, (candidates,)."""

COPIES = 4
"""Of each candidate that goes on after a couplet."""
READ, READ_AT_LEAST = 4, 4
"""One of so many candidates, the best as far as is known by then, is read by the decoder without its code as well, and so many at
the least (how seldom another would have been the best: ABLATIONS)."""

Draw = Callable[[nucleus.Wants, Tensor, Tensor, float], tuple[Tensor, Tensor]]
"""`nucleus.choose`, given its scores."""


@dataclass(frozen=True, slots=True)
class Knobs:
    """How to draw.

    temperature and top_p: how bold each character is drawn. word_weight: nats added to rhyme words that make a word of the
    corpus with the character before: they are what the mask leaves fewest of. Elsewhere the net makes as many words as
    poets do by itself. by_couplet: from so many candidates on, the quarter that begins best goes on, in some `COPIES` copies each; None for never.
    """

    temperature: float = 0.9
    top_p: float = 0.9
    word_weight: float = 2.5
    by_couplet: int | None = 32


@dataclass(frozen=True, slots=True)
class _Written:
    """Candidates of one form, and what the decoder was told of their places, (rows, places, width), if it was told anything."""

    candidates: Candidates
    hints: Tensor | None

    def of(self, rows: Tensor) -> _Written:
        return _Written(self.candidates.of(rows), None if self.hints is None else self.hints[rows])


@dataclass(frozen=True)
class Sampler:
    """Writes poems with a net, helped by the words that poets use. The net's weights must not change any more.

    programs: the decoder as it was compiled for this net.
    """

    net: Net
    lexicon: Lexicon
    knobs: Knobs
    judge: Judge = field(default_factory=Judge)
    programs: Programs | None = None

    def write(self, drafts: Sequence[Draft], codes: Tensor, uniforms: Sequence[Tensor]) -> list[NDArray[np.int64]]:
        """The best candidate's ids for each draft, (form.size,) each; see `ranked`."""
        return [ids[marks.argmax()] for ids, marks, _ in self.ranked(drafts, codes, uniforms)]

    def ranked(self, drafts: Sequence[Draft], codes: Tensor, uniforms: Sequence[Tensor]) -> list[Ranked]:
        """Every draft's candidates with their marks, in the drafts' order; drafts of all forms are written together.

        codes: (drafts, candidates, latent); uniforms: of each draft (candidates, form.size) numbers in [0, 1) that decide
        every draw, so that a poem depends on its own wish alone, whatever else is written beside it.
        """
        ranked: dict[int, Ranked] = {}
        for some in self._together(drafts):
            written = self._write([drafts[i] for i in some], codes[some], [uniforms[i] for i in some])
            marked = [each for of_form in written for each in self._marked(of_form, codes.shape[1])]
            ranked |= zip(some, marked, strict=True)
        return [ranked[i] for i in range(len(drafts))]

    def candidates(self, drafts: Sequence[Draft], codes: Tensor, uniforms: Sequence[Tensor]) -> Candidates:
        """What `ranked` marks, of drafts of one form, all of them read without their code where that has a say; arguments as there."""
        (written,) = self._write(drafts, codes, uniforms)
        return self._read_without_code(written) if self._asks(written) else written.candidates

    def drawn(self, drafts: Sequence[Draft], codes: Tensor, uniforms: Tensor) -> Candidates:
        """Candidates of drafts of one form, one draft after the other, since each stands as far as its own first open place; read with
        their codes alone. A flagship's.

        codes: (drafts, latent), each its draft's alone; uniforms: (drafts, candidates, form.size), as in `ranked`.
        """
        some = [self._drawn(*each) for each in zip(drafts, codes, uniforms, strict=True)]
        grids = zip(*((found.ids, found.written, found.with_code, found.code) for found in some), strict=True)
        ids, written, with_code, code = map(torch.cat, grids)
        return Candidates(drafts[0].form, ids, written, with_code, with_code, code)

    def _drawn(self, draft: Draft, code: Tensor, uniforms: Tensor) -> Candidates:
        """Of one draft; what stands at its beginning is taken in at once, for all candidates alike."""
        page = Page([draft], len(uniforms), self.lexicon)
        hints = self._hints(page)
        writing = self.decoder.begin(hints[:1], code[None])
        if page.begin:
            self.decoder.take_in(writing, page.ids[:1, : page.begin])
        self.decoder.reorder(writing, torch.zeros_like(page.code))
        with_code = self._fill(page, writing, uniforms, choosing=False)
        return Candidates(draft.form, page.ids, page.open, with_code, with_code, torch.zeros_like(page.code))

    def read(self, drafts: Sequence[Draft], ids: Tensor, codes: Tensor) -> Candidates:
        """What is to be known of poems of one form to mark them, as if each had been drawn from its draft and code.

        ids: (drafts, poems, form.size); codes: (drafts, latent). A flagship's.
        """
        page = Page(drafts, ids.shape[1], self.lexicon)
        hints, rows, every = self._hints(page), ids.flatten(0, 1), codes.repeat_interleave(ids.shape[1], 0)
        with_code, without_code = (self.decoder.log_p(hints, rows, z) for z in (every, None))
        return Candidates(drafts[0].form, rows, page.open, with_code, without_code, torch.zeros_like(page.code))

    @cached_property
    def decoder(self) -> Decoder:
        """The flagship's decoder, arranged for writing."""
        assert isinstance(self.net, Flagship)
        return Decoder(self.net) if self.programs is None else CompiledDecoder(self.net, self.programs)

    @cached_property
    def _ancestor(self) -> Ancestor:
        assert isinstance(self.net, Ancestor)
        return standing_alone(self.net)

    def _together(self, drafts: Sequence[Draft]) -> list[list[int]]:
        """The numbers of the drafts that can be written side by side, the longest first; an ancestor's are of one form."""
        longest_first = sorted(range(len(drafts)), key=lambda i: -drafts[i].form.size)
        if not isinstance(self.net, Ancestor):
            return [longest_first]
        return [list(of_form) for _, of_form in groupby(longest_first, key=lambda i: drafts[i].form)]

    def _marked(self, written: _Written, candidates: int) -> Iterable[Ranked]:
        """Those of each draft, in order."""
        found = written.candidates
        # A single candidate needs no mark, which under load is a quarter of the work.
        scores = self._scores(written, candidates) if candidates > 1 else torch.zeros(len(found.ids))
        marks, code = (each.view(-1, candidates).cpu().numpy() for each in (scores, found.code))
        ids = found.ids.view(-1, candidates, found.form.size).cpu().numpy()
        return cast(Iterable[Ranked], zip(ids, marks, code, strict=True))

    def _scores(self, written: _Written, candidates: int) -> Tensor:
        """By the judge: (rows,). Those that are not read without their code stay behind the others of their draft, as far from each
        other as they were, since a blend marks them once more."""
        found = written.candidates
        judge = self.judge.for_one if self._many(candidates) else self.judge.among_few(found.form)
        opinion = judge.opinion(found)
        scores = judge.scores(found, opinion).view(-1, candidates)
        if not self._asks(written):
            return scores.flatten()
        best = scores.sort(dim=1, descending=True, stable=True).indices[:, : read_of(candidates)]
        rows = (best + candidates * torch.arange(len(best), device=best.device)[:, None]).flatten()
        read = self._read_without_code(written.of(rows))
        marks = judge.scores(read, opinion and opinion.of(rows)).view(best.shape)
        left = scores.scatter(1, best, -torch.inf).amax(1, keepdim=True)
        behind = scores - left + marks.amin(1, keepdim=True)
        return behind.scatter(1, best, marks).flatten()

    def _many(self, candidates: int) -> bool:
        return self.knobs.by_couplet is not None and candidates >= self.knobs.by_couplet

    def _asks(self, written: _Written) -> bool:
        """Whether what candidates are worth without their code has a say."""
        return written.hints is not None and self.judge.asks_without_code

    def _read_without_code(self, written: _Written) -> Candidates:
        assert written.hints is not None
        parts = zip(torch.split(written.hints, PART), torch.split(written.candidates.ids, PART), strict=True)
        without_code = torch.cat([self.decoder.log_p(hints, ids) for hints, ids in parts])
        return dataclasses.replace(written.candidates, without_code=without_code)

    def _write(self, drafts: Sequence[Draft], codes: Tensor, uniforms: Sequence[Tensor]) -> list[_Written]:
        """The candidates of each form; drafts: the longest first."""
        page = Page(drafts, codes.shape[1], self.lexicon)
        numbers = torch.cat([functional.pad(each, (0, page.places - each.shape[1])) for each in uniforms])
        if isinstance(self.net, Ancestor):
            hints, with_code = None, self._write_at_once(page, codes.flatten(0, 1), numbers)
            without_code = torch.zeros_like(with_code)  # it writes nothing without a code
        else:
            hints = self._hints(page)
            writing = self.decoder.begin(hints, codes.flatten(0, 1))
            with_code = without_code = self._fill(page, writing, numbers, choosing=True)
        return [
            _Written(
                _first(page, form, part, form.size, with_code, without_code),
                None if hints is None else hints[part.rows, : form.size],
            )
            for form, part in page.by_form()
        ]

    def _fill(self, page: Page, writing: Writing, uniforms: Tensor, *, choosing: bool) -> Tensor:
        """Draws what is open from where the writing has come to; returns log p of each character drawn: (rows, places).

        choosing: couplet by couplet, where there are so many candidates; else no further than the last open place.
        """
        decoder, begun = self.decoder, writing.place
        with_code = torch.zeros(page.ids.shape, device=page.ids.device)
        previous = page.ids[:, begun - 1] if begun else torch.zeros_like(page.ids[:, 0])
        for place in range(begun, page.places if choosing else page.end):
            rows = page.drafts_at(place) * page.candidates
            hidden = decoder.step(writing, previous[:rows])
            if page.is_open(place):
                for part in page.parts(place):
                    draw = partial(decoder.draw, hidden[part.rows])
                    with_code[part.rows, place] = self._put(page, part, place, draw, uniforms)
            if choosing:
                self._go_on_with_the_best(page, place, writing, with_code)
            previous = page.ids[:, place].clone()  # which the decoder keeps, and the page is reordered
        return with_code

    def _go_on_with_the_best(self, page: Page, place: int, writing: Writing, with_code: Tensor) -> None:
        """Where a couplet has come to its end that was not given and is not the last."""
        if not self._many(page.candidates):
            return
        places = place + 1
        ended = [part for part in page.by_form() if places % (2 * part[0].columns) == 0 and places < part[0].size]
        if not ended:
            return
        order = torch.arange(page.drafts_at(place) * page.candidates, device=page.ids.device)
        numbers = torch.arange(page.candidates, device=page.ids.device)
        for form, part in ended:
            rows = part.rows
            scores = self.judge.for_one.scores(_first(page, form, part, places, with_code, with_code))
            best = scores.view(-1, page.candidates).sort(dim=1, descending=True, stable=True).indices
            own = page.open[rows, places - 2 * form.columns : places].any(1).view(best.shape)[:, :1]
            goes_on = torch.where(own, best[:, numbers % max(1, page.candidates // COPIES)], numbers)
            order[rows] = (order[rows].view(best.shape)[:, :1] + goes_on).flatten()
        page.reorder(order)
        with_code[: len(order)] = with_code[order]
        self.decoder.reorder(writing, order)

    def _hints(self, page: Page) -> Tensor:
        """What the decoder is told of every place: (rows, places, width)."""
        told = []
        for form, part in page.by_form():
            some = page.drafts[part.drafts]
            given, tones = torch.stack([each.given for each in some]), torch.stack([each.tones for each in some])
            rhyme = torch.tensor([each.rhyme for each in some], device=given.device)
            hints = self.decoder.hints(form, given, tones, rhyme)
            told.append(functional.pad(hints, (0, 0, 0, page.places - form.size)))
        return torch.cat(told).repeat_interleave(page.candidates, 0)

    def _write_at_once(self, page: Page, codes: Tensor, uniforms: Tensor) -> Tensor:
        """Fills the page, every place by a distribution that comes from the code alone, lines' ends first, lest rhymes run out; returns
        log p of each character: (rows, places)."""
        form = page.drafts[0].form
        logits = self._ancestor.logits(form, filled(codes, FLOAT_GRAIN))[: len(codes)]  # (rows, places, vocabulary)
        scores = torch.zeros(page.ids.shape, device=logits.device)
        for place in sorted(range(form.size), key=lambda place: place % form.columns != form.columns - 1):
            for part in page.parts(place):
                draw = partial(nucleus.choose, logits[part.rows, place])
                scores[part.rows, place] = self._put(page, part, place, draw, uniforms)
        return scores

    def _put(self, page: Page, part: Part, place: int, draw: Draw, uniforms: Tensor) -> Tensor:
        """Writes one place; returns log p of the characters drawn, before masks and words had their say: (rows,)."""
        wants, heat = page.wants(part, place, self.knobs.word_weight), self.knobs.temperature * page.heat[part.rows]
        drawn, log_p = draw(wants, heat, uniforms[part.rows, place], self.knobs.top_p)
        page.put(part, place, drawn)
        return log_p


def read_of(candidates: int) -> int:
    """How many of so many candidates are read without their code as well."""
    return min(candidates, max(READ_AT_LEAST, candidates // READ))


def _first(page: Page, form: Form, part: Part, places: int, with_code: Tensor, without_code: Tensor) -> Candidates:
    """The first places of a part of a page, whose poems are of one form."""
    some = part.rows, slice(places)
    return Candidates(form, page.ids[some], page.open[some], with_code[some], without_code[some], page.code[part.rows])
