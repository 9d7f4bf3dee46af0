"""Candidates: many poems at once for one wish, written under its masks, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from vae.lexicon import Lexicon, within_foot
from vae.nets.alone import FLOAT_GRAIN, filled, standing_alone
from vae.nets.ancestor import Ancestor
from vae.nets.batch import RHYME
from vae.nets.decoding import Decoder
from vae.nets.flagship import Flagship
from vae.poem import Form
from vae.selection import Candidates, Judge
from vae.weights import Net

FORBIDDEN, USED = -1e6, -1e4
"""Added to the scores of characters that may not stand, and of those that stand already: where nothing else may stand, a
used one is taken again, and of these none that rhymed before, whose sum is twice as low."""
PART = 64
"""Rows whose characters are scored and drawn at a time: of 256 rows, a poem of sixteen took 49 ms so, and 71 ms all at once."""
TRIES = 8
"""Draws from the whole distribution before the nucleus is sorted out for the rows that always fell outside it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One poem to be written, as numbers. Places are counted in reading order, `form.size` of them.

    allowed: (places, vocabulary) characters that may stand at each place, never none.
    given: (places,) ids of the characters that stand already, 0 where none does.
    tones: (places,) and rhyme as in `vae.nets.batch.Batch`: what is asked, for a net that listens.
    heat: times the knobs' temperature. favour: (lines, vocabulary) nats added to the net's scores, None for nothing.
    """

    form: Form
    allowed: Tensor
    given: Tensor
    tones: Tensor
    rhyme: int
    heat: float = 1.0
    favour: Tensor | None = None


Ranked = tuple[NDArray[np.int64], NDArray[np.float32]]
"""All candidates of a draft, (candidates, form.size) ids, and their marks, (candidates,): the highest is the best."""


@dataclass(frozen=True, slots=True)
class Knobs:
    """How to draw.

    temperature and top_p: how bold each character is drawn. word_weight: nats added to rhyme words that make a word of the
    corpus with the character before: they are what the mask leaves fewest of. Elsewhere the net makes as many words as
    poets do by itself.
    """

    temperature: float = 0.75
    top_p: float = 0.9
    word_weight: float = 2.5


@dataclass(frozen=True)
class Sampler:
    """Writes poems with a net, helped by the words that poets use. The net's weights must not change any more."""

    net: Net
    lexicon: Lexicon
    knobs: Knobs
    judge: Judge = field(default_factory=Judge)

    def write(self, drafts: Sequence[Draft], codes: Tensor, uniforms: Tensor) -> list[NDArray[np.int64]]:
        """The best candidate's ids for each draft, (form.size,) each; see `ranked`."""
        return [ids[marks.argmax()] for ids, marks in self.ranked(drafts, codes, uniforms)]

    def ranked(self, drafts: Sequence[Draft], codes: Tensor, uniforms: Tensor) -> list[Ranked]:
        """Every draft's candidates with their marks. All drafts are of one form, and written together.

        codes: (drafts, candidates, latent); uniforms: (drafts, candidates, form.size) numbers in [0, 1) that decide
        every draw, so that a poem depends on its own wish alone, whatever else is written beside it.
        """
        found = self.candidates(drafts, codes, uniforms)
        # A single candidate needs no mark, which under load is a quarter of the work.
        scores = self.judge.scores(found) if codes.shape[1] > 1 else torch.zeros(len(found.ids))
        marks = scores.view(len(drafts), -1).cpu().numpy()
        ids = found.ids.view(len(drafts), -1, found.form.size).cpu().numpy()
        return list(zip(cast(NDArray[np.int64], ids), cast(NDArray[np.float32], marks), strict=True))

    def candidates(self, drafts: Sequence[Draft], codes: Tensor, uniforms: Tensor) -> Candidates:
        """What `ranked` marks; arguments as there."""
        batch = _Batch.of(drafts, codes.shape[1])
        page = _Page(batch, self.lexicon)
        write = self._write_at_once if isinstance(self.net, Ancestor) else self._write_in_order
        return Candidates(batch.form, page.ids, page.open, *write(page, codes.flatten(0, 1), uniforms.flatten(0, 1)))

    @cached_property
    def decoder(self) -> Decoder:
        """The flagship's decoder, arranged for writing."""
        assert isinstance(self.net, Flagship)
        return Decoder(self.net)

    @cached_property
    def _ancestor(self) -> Ancestor:
        assert isinstance(self.net, Ancestor)
        return standing_alone(self.net)

    def _write_in_order(self, page: _Page, codes: Tensor, uniforms: Tensor) -> tuple[Tensor, Tensor]:
        """Fills the page from its first place to its last; returns log p of each character with the code and without it,
        which is asked only where there is a choice."""
        batch, decoder = page.batch, self.decoder
        hints = decoder.hints(batch.form, *batch.asked).repeat_interleave(batch.candidates, 0)  # (rows, places, width)
        writing = decoder.begin(hints, codes)
        previous = torch.zeros_like(page.ids[:, 0])
        with_code = torch.zeros(page.ids.shape, device=hints.device)  # (rows, places) log p of each character
        for place in range(batch.form.size):
            hidden = decoder.step(writing, previous)
            if page.open[:, place].any():
                for part in batch.parts:
                    scores = decoder.scores(hidden[part.rows])
                    with_code[part.rows, place] = self._put(page, part, place, scores, uniforms)
            previous = page.ids[:, place]
        if batch.candidates == 1 or not self.judge.asks_for_gain:
            return with_code, torch.zeros_like(with_code)
        without = torch.cat([decoder.without_code(hints[part.rows], page.ids[part.rows]) for part in batch.parts])
        return with_code, without

    def _write_at_once(self, page: _Page, codes: Tensor, uniforms: Tensor) -> tuple[Tensor, Tensor]:
        """Every place's distribution comes from the code alone; lines' ends are drawn first, lest rhymes run out."""
        form = page.batch.form
        logits = self._ancestor.logits(form, filled(codes, FLOAT_GRAIN))[: len(codes)]  # (rows, places, vocabulary)
        scores = torch.zeros(page.ids.shape, device=logits.device)  # (rows, places) log p of each character
        for place in sorted(range(form.size), key=lambda place: place % form.columns != form.columns - 1):
            for part in page.batch.parts:
                scores[part.rows, place] = self._put(page, part, place, logits[part.rows, place], uniforms)
        return scores, torch.zeros_like(scores)

    def _put(self, page: _Page, part: _Part, place: int, logits: Tensor, uniforms: Tensor) -> Tensor:
        """Writes one place; returns log p of what stands there now, before masks and words had their say: (rows,)."""
        weighed = page.weigh(part, place, logits, self.knobs.word_weight)
        heat = page.batch.heat[part.rows]
        page.put(part, place, _draw(weighed, uniforms[part.rows, place], self.knobs, heat))
        return logits.log_softmax(-1).gather(1, page.ids[part.rows, place, None])[:, 0]


@dataclass(frozen=True, slots=True)
class _Part:
    """Some drafts of a batch and their rows: as many as the processor's cache holds the vocabulary's scores of."""

    drafts: slice
    rows: slice


@dataclass(frozen=True, slots=True)
class _Batch:
    """Drafts of one form, a row a candidate: rows are drafts x candidates, the candidates of a draft side by side."""

    form: Form
    candidates: int
    forbidden: Tensor  # (drafts, places, vocabulary): too large to repeat for each candidate
    asked: tuple[Tensor, Tensor, Tensor]  # given and tones, (drafts, places) each, and rhyme, (drafts,)
    heat: Tensor  # (rows, 1)
    favour: Tensor | None  # (drafts, lines, vocabulary)

    @classmethod
    def of(cls, drafts: Sequence[Draft], candidates: int) -> _Batch:
        given, tones = (torch.stack([getattr(draft, name) for draft in drafts]) for name in ("given", "tones"))
        rhyme = torch.tensor([draft.rhyme for draft in drafts], device=given.device)
        forbidden = ~torch.stack([draft.allowed for draft in drafts])
        heat = torch.tensor([[draft.heat] for draft in drafts], device=given.device).repeat_interleave(candidates, 0)
        return cls(drafts[0].form, candidates, forbidden, (given, tones, rhyme), heat, _favours(drafts))

    @property
    def parts(self) -> list[_Part]:
        """All of the batch, a part after the other."""
        step, count = max(1, PART // self.candidates), len(self.forbidden)
        return [
            _Part(slice(i, i + step), slice(i * self.candidates, (i + step) * self.candidates))
            for i in range(0, count, step)
        ]


def _favours(drafts: Sequence[Draft]) -> Tensor | None:
    """(drafts, lines, vocabulary), 0 for a draft without; None where none has any."""
    if all(draft.favour is None for draft in drafts):
        return None
    nothing = torch.zeros(drafts[0].form.lines, drafts[0].allowed.shape[1], device=drafts[0].allowed.device)
    return torch.stack([nothing if draft.favour is None else draft.favour for draft in drafts])


class _Page:
    """What has been written so far, a row a candidate, and what may come next.

    A poem repeats no character nor its kin (see `Lexicon`), but for a doubled one (重重) within a foot, where poets double it.
    """

    def __init__(self, batch: _Batch, lexicon: Lexicon) -> None:
        self.batch, self.lexicon = batch, lexicon
        given, tones, _ = batch.asked
        self.ids = given.repeat_interleave(batch.candidates, 0)  # (rows, places)
        self.open = self.ids == 0  # (rows, places) whether a place is still to be written
        self.rhyming = (tones == RHYME).repeat_interleave(batch.candidates, 0)  # (rows, places)
        self.used = torch.zeros(len(self.ids), batch.forbidden.shape[2], device=given.device)  # (rows, vocabulary)
        for place in range(batch.form.size):
            self._use(slice(None), place)

    def weigh(self, part: _Part, place: int, scores: Tensor, word_weight: float) -> Tensor:
        """The net's scores of the characters at a place, with words favoured and weighed by what may stand: (rows, vocabulary)."""
        rows = part.rows
        weighed = scores + self.used[rows]
        if within_foot(place % self.batch.form.columns, self.batch.form.columns):
            before, rhyming = self.ids[rows, place - 1], self.rhyming[rows, place]
            if rhyming.any():
                weighed.addcmul_(self.lexicon.words(before), rhyming[:, None].float(), value=word_weight)
            again = self.lexicon.doubled[before] & self.open[rows, place - 1] & ~rhyming
            weighed.scatter_add_(1, before[:, None], again[:, None] * -USED)
        common = self.batch.forbidden[part.drafts, place] * FORBIDDEN  # (drafts, vocabulary)
        if self.batch.favour is not None:
            common = common + self.batch.favour[part.drafts, place // self.batch.form.columns]
        weighed.view(len(common), self.batch.candidates, -1).add_(common[:, None])
        return weighed

    def put(self, part: _Part, place: int, characters: Tensor) -> None:
        """Writes a character a row, where the place is open: (rows,)."""
        rows = part.rows
        self.ids[rows, place] = torch.where(self.open[rows, place], characters, self.ids[rows, place])
        self._use(rows, place)

    def _use(self, rows: slice, place: int) -> None:
        relatives = self.lexicon.relatives[self.ids[rows, place]]  # (rows, most)
        cost = USED * (1 + self.rhyming[rows, place, None].float())
        self.used[rows].scatter_(1, relatives, cost.expand(relatives.shape))


def _draw(scores: Tensor, uniforms: Tensor, knobs: Knobs, heat: Tensor) -> Tensor:
    """(rows,) ids from the nucleus, the likeliest characters that make up the mass top_p; scores: (rows, vocabulary).

    `uniforms` decide, (rows,). Sorting thousands of characters to find the nucleus takes longer than to weigh them, so a
    character is drawn from all (by inverting the distribution function) and drawn again if those likelier than it make up
    the mass already: the same distribution, at the price of a sum.
    """
    shares = (scores / (knobs.temperature * heat)).softmax(-1)
    cumulative = shares.cumsum(-1)
    drawn = torch.zeros(len(scores), dtype=torch.long, device=scores.device)
    left = torch.arange(len(scores), device=scores.device)
    for _ in range(TRIES):
        found = torch.searchsorted(cumulative, uniforms[:, None] * cumulative[:, -1:], right=True)
        found = found.clamp_(max=shares.shape[-1] - 1)
        share = shares.gather(1, found)
        likelier = functional.threshold(shares / share, 1.0, 0.0).sum(-1) * share[:, 0]
        inside = (likelier < knobs.top_p) & (share[:, 0] > 0)
        drawn[left] = found[:, 0]
        if inside.all():
            return drawn
        out = ~inside
        left, shares, cumulative, uniforms = left[out], shares[out], cumulative[out], _another(uniforms[out])
    drawn[left] = _sorted_out(shares, uniforms, knobs.top_p)
    return drawn


def _another(uniforms: Tensor) -> Tensor:
    """Numbers in [0, 1) that look independent of those given: a linear congruence and a shift of their 24 bits."""
    bits = (uniforms * 2**24).long() + 1
    return ((bits * 0x5851F42D4C957F2D + 0x14057B7EF767814F) >> 40 & 0xFFFFFF).float() / 2**24


def _sorted_out(shares: Tensor, uniforms: Tensor, top_p: float) -> Tensor:
    """(rows,) ids drawn from the nucleus by its own distribution function: for nuclei of little mass."""
    ranked, order = shares.sort(-1, descending=True)
    cumulative = ranked.cumsum(-1)
    last = (cumulative < top_p).sum(-1, keepdim=True).clamp_(max=shares.shape[-1] - 1)
    picked = (cumulative < uniforms[:, None] * cumulative.gather(1, last)).sum(-1, keepdim=True)
    return order.gather(1, torch.minimum(picked, last))[:, 0]
