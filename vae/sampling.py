"""Candidates: many poems at once for one wish, written under its masks, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae.lexicon import Lexicon, within_foot
from vae.nets.ancestor import Ancestor
from vae.nets.batch import FORMS, RHYME
from vae.nets.flagship import Flagship
from vae.poem import Form
from vae.weights import Net

FORBIDDEN = -1e9


@dataclass(frozen=True, slots=True)
class Draft:
    """One poem to be written, as numbers. Places are counted in reading order, `form.size` of them.

    allowed: (places, vocabulary) characters that may stand at each place, never none.
    given: (places,) ids of the characters that stand already, 0 where none does.
    tones: (places,) and rhyme as in `vae.nets.batch.Batch`: what is asked, for a net that listens.
    """

    form: Form
    allowed: Tensor
    given: Tensor
    tones: Tensor
    rhyme: int


@dataclass(frozen=True, slots=True)
class Knobs:
    """How to draw and to choose.

    temperature and top_p: how bold each character is drawn. no_code_weight: how much of a poem's likelihood without the
    code is taken off its mark. word_weight: nats added to characters that make a word of the corpus with the one before;
    fitted on held-out human poems (`python -m vae evaluate`).
    """

    temperature: float = 0.75
    top_p: float = 0.9
    no_code_weight: float = 0.3
    word_weight: float = 1.25


@dataclass(frozen=True, slots=True)
class Sampler:
    """Writes poems with a net, helped by the words that poets use."""

    net: Net
    lexicon: Lexicon
    knobs: Knobs

    def write(self, drafts: Sequence[Draft], codes: Tensor, uniforms: Tensor) -> list[NDArray[np.int64]]:
        """The best candidate's ids for each draft, (form.size,) each. All drafts are of one form, and written together.

        codes: (drafts, candidates, latent); uniforms: (drafts, candidates, form.size) numbers in [0, 1) that decide
        every draw, so that a poem depends on its own wish alone, whatever else is written beside it.
        """
        batch = _Batch.of(drafts, codes.shape[1])
        page = _Page(batch, self.lexicon)
        if isinstance(self.net, Ancestor):
            scores = self._write_at_once(self.net, page, codes.flatten(0, 1), uniforms.flatten(0, 1))
        else:
            scores = self._write_in_order(self.net, page, codes.flatten(0, 1), uniforms.flatten(0, 1))
        best = scores.view(len(drafts), -1).argmax(1)
        chosen = page.ids.view(len(drafts), -1, batch.form.size)[torch.arange(len(drafts)), best].cpu().numpy()
        return list(cast(NDArray[np.int64], chosen))

    def _write_in_order(self, net: Flagship, page: _Page, codes: Tensor, uniforms: Tensor) -> Tensor:
        """Fills the page from its first place to its last; returns the candidates' marks, (rows,)."""
        batch = page.batch
        hints = net.hints(batch.form, batch.given, batch.tones, batch.rhyme)  # (rows, places, width)
        cache = net.new_cache(len(page.ids), batch.form.size)
        previous = torch.zeros_like(page.ids[:, :1])
        with_code = torch.zeros(batch.given.shape, device=hints.device)  # (rows, places) log p of each character
        for place in range(batch.form.size):
            hidden = net.decode(previous, hints[:, place : place + 1], codes[:, None], cache)
            if page.open(place).any():
                with_code[:, place] = self._put(page, place, net.characters(hidden[:, 0]), uniforms)
            previous = page.ids[:, place : place + 1]
        before = torch.nn.functional.pad(page.ids[:, :-1], (1, 0))
        nobody = net.decode(before, hints, net.no_code.expand(len(page.ids), 1, -1))
        without = net.characters(nobody).log_softmax(-1).gather(2, page.ids[..., None]).squeeze(-1)
        # What the code brings counts for more than what is likely anyway, lest the blandest poem win.
        return _mean_of_free(with_code - self.knobs.no_code_weight * without, batch)

    def _write_at_once(self, net: Ancestor, page: _Page, codes: Tensor, uniforms: Tensor) -> Tensor:
        """Every place's distribution comes from the code alone; lines' ends are drawn first, lest rhymes run out."""
        form = page.batch.form
        logits = net.logits(form, codes)  # (rows, places, vocabulary)
        scores = torch.zeros(page.ids.shape, device=logits.device)  # (rows, places) log p of each character
        for place in sorted(range(form.size), key=lambda place: place % form.columns != form.columns - 1):
            scores[:, place] = self._put(page, place, logits[:, place], uniforms)
        return _mean_of_free(scores, page.batch)

    def _put(self, page: _Page, place: int, logits: Tensor, uniforms: Tensor) -> Tensor:
        """Writes one place; returns log p of what stands there now, before masks and words had their say: (rows,)."""
        words = page.makes_word(place)
        favoured = logits if words is None else logits + self.knobs.word_weight * words
        allowed = favoured.float().masked_fill(~page.may_stand(place), FORBIDDEN)
        page.put(place, _draw(allowed, uniforms[:, place], self.knobs))
        return logits.log_softmax(-1).gather(1, page.ids[:, place, None]).squeeze(-1)


def code_of(net: Net, form: Form, views: Tensor) -> tuple[Tensor, Tensor]:
    """mu and sigma, (latent,) each, of the code for several views (views, form.size) of one text, averaged."""
    mu, logvar = net.encode(form, views)
    spread = mu.var(0, unbiased=False) if len(mu) > 1 else torch.zeros_like(mu[0])
    return mu.mean(0), (logvar.exp().mean(0) + spread).sqrt()


@dataclass(frozen=True, slots=True)
class _Batch:
    """Drafts of one form, a row a candidate: rows are drafts x candidates, the candidates of a draft side by side."""

    form: Form
    allowed: Tensor  # (drafts, places, vocabulary): too large to repeat for each candidate
    draft: Tensor  # (rows,) the draft that a row is of
    given: Tensor  # (rows, places)
    tones: Tensor  # (rows, places)
    rhyme: Tensor  # (rows,)

    @classmethod
    def of(cls, drafts: Sequence[Draft], candidates: int) -> _Batch:
        device = drafts[0].given.device
        rows = torch.arange(len(drafts), device=device).repeat_interleave(candidates)
        return cls(
            drafts[0].form,
            torch.stack([draft.allowed for draft in drafts]),
            rows,
            torch.stack([draft.given for draft in drafts])[rows],
            torch.stack([draft.tones for draft in drafts])[rows],
            torch.tensor([draft.rhyme for draft in drafts], device=device)[rows],
        )


class _Page:
    """What has been written so far, a row a candidate, and what may come next.

    A poem repeats no character nor its kin (see `Lexicon`), but for a doubled one (重重) within a foot, where poets double it.
    """

    def __init__(self, batch: _Batch, lexicon: Lexicon) -> None:
        self.batch, self.words, self.kin = batch, lexicon.words, lexicon.kin
        self.ids = batch.given.clone()  # (rows, places)
        self.used = torch.zeros(len(batch.given), batch.allowed.shape[2], dtype=torch.bool, device=batch.given.device)
        self.used.scatter_(1, self.kin[batch.given], True)

    def open(self, place: int) -> Tensor:
        """(rows,) whether a place is still to be written."""
        return self.batch.given[:, place] == 0

    def may_stand(self, place: int) -> Tensor:
        """(rows, vocabulary) what may stand at a place."""
        allowed = self.batch.allowed[:, place][self.batch.draft]
        free = allowed & ~self.used[:, self.kin]
        if self._within_foot(place):
            before = self.ids[:, place - 1 : place]
            again = allowed.gather(1, before) & self.words[before, before] & (self.open(place - 1))[:, None]
            again &= (self.batch.tones[:, place] != RHYME)[:, None]
            free = free.scatter(1, before, again | free.gather(1, before))
        spent = ~free.any(1, keepdim=True)
        return torch.where(spent, allowed, free)

    def makes_word(self, place: int) -> Tensor | None:
        """(rows, vocabulary) what makes a word with the character before; None where a foot begins."""
        return self.words[self.ids[:, place - 1]] if self._within_foot(place) else None

    def put(self, place: int, characters: Tensor) -> None:
        """Writes a character a row, where the place is open: (rows,)."""
        self.ids[:, place] = torch.where(self.open(place), characters, self.ids[:, place])
        self.used.scatter_(1, self.kin[self.ids[:, place, None]], True)

    def _within_foot(self, place: int) -> bool:
        columns = self.batch.form.columns
        return within_foot(place % columns, columns)


def _draw(scores: Tensor, uniforms: Tensor, knobs: Knobs) -> Tensor:
    """(rows,) ids by inverting the distribution function at `uniforms`, within the nucleus of mass top_p; scores: (rows, vocabulary)."""
    scaled = scores / knobs.temperature
    # The nucleus of some thousand characters is always among the 256 likeliest at the temperatures in use.
    top, order = scaled.topk(min(256, scaled.shape[-1]), dim=-1)
    shares = top.softmax(-1)
    before = shares.cumsum(-1) - shares
    shares = shares.masked_fill(before >= knobs.top_p, 0.0)
    cumulative = (shares / shares.sum(-1, keepdim=True)).cumsum(-1)
    picked = (cumulative < uniforms[:, None]).sum(-1, keepdim=True)
    # A number that falls on the sum's rounding error must not pick outside the nucleus.
    last = (shares > 0).sum(-1, keepdim=True) - 1
    return order.gather(1, torch.minimum(picked, last))[:, 0]


def _mean_of_free(scores: Tensor, batch: _Batch) -> Tensor:  # (rows, places)
    free = batch.given == 0
    return (scores * free).sum(1) / free.sum(1).clamp(min=1)  # (rows,)


def slerp(a: Tensor, b: Tensor, t: float) -> Tensor:
    """From code a to code b along the sphere, their norms blended in a line: (latent,)."""
    norm_a, norm_b = a.norm(), b.norm()
    unit_a, unit_b = a / norm_a.clamp(min=1e-6), b / norm_b.clamp(min=1e-6)
    angle = torch.acos((unit_a @ unit_b).clamp(-1 + 1e-6, 1 - 1e-6))
    direction = (torch.sin((1 - t) * angle) * unit_a + torch.sin(t * angle) * unit_b) / torch.sin(angle)
    code: Tensor = direction * ((1 - t) * norm_a + t * norm_b)
    return code


def code_for_form(net: Net, form: Form, noise: Tensor) -> Tensor:
    """(candidates, latent) codes for a poem without a seed."""
    return net.codes.sample(FORMS.index(form), noise)
