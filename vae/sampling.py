"""Candidates: many poems at once for one wish, written under its masks, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae.nets.ancestor import Ancestor
from vae.nets.batch import RHYME
from vae.nets.flagship import FORMS, Flagship
from vae.poem import Form
from vae.vocabulary import SPECIAL
from vae.weights import Net

FORBIDDEN = -1e9
CANDIDATES = 16


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
    """candidates: poems to choose from; temperature and top_p: how bold each character is drawn."""

    candidates: int = CANDIDATES
    temperature: float = 0.85
    top_p: float = 0.92
    no_code_weight: float = 0.3


def code_of(net: Net, form: Form, views: Tensor) -> tuple[Tensor, Tensor]:
    """mu and sigma, (latent,) each, of the code for several views (views, form.size) of one text, averaged."""
    mu, logvar = net.encode(form, views)
    spread = mu.var(0, unbiased=False) if len(mu) > 1 else torch.zeros_like(mu[0])
    return mu.mean(0), (logvar.exp().mean(0) + spread).sqrt()


def write(net: Net, drafts: Sequence[Draft], codes: Tensor, uniforms: Tensor, knobs: Knobs) -> list[NDArray[np.int64]]:
    """The best candidate's ids for each draft, (form.size,) each. All drafts are of one form, and are written together.

    codes: (drafts, candidates, latent); uniforms: (drafts, candidates, form.size) numbers in [0, 1) that decide every
    draw, so that a poem depends on its own wish alone, whatever else is written beside it.
    """
    batch = _Batch.of(drafts, codes.shape[1])
    flat_codes, flat_uniforms = codes.flatten(0, 1), uniforms.flatten(0, 1)
    if isinstance(net, Ancestor):
        ids, scores = _write_at_once(net, batch, flat_codes, flat_uniforms, knobs)
    else:
        ids = _write_in_order(net, batch, flat_codes, flat_uniforms, knobs)
        scores = _score(net, batch, ids, flat_codes, knobs)
    best = scores.view(len(drafts), -1).argmax(1)
    chosen = ids.view(len(drafts), -1, batch.form.size)[torch.arange(len(drafts)), best].cpu().numpy()
    return list(cast(NDArray[np.int64], chosen))


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


def _write_in_order(net: Flagship, batch: _Batch, codes: Tensor, uniforms: Tensor, knobs: Knobs) -> Tensor:
    hints = net.hints(batch.form, batch.given, batch.tones, batch.rhyme)  # (rows, places, width)
    ids = batch.given.clone()  # (rows, places)
    free = _Unused(batch)
    cache = net.new_cache(len(ids), batch.form.size)
    previous = torch.zeros_like(ids[:, :1])
    for place in range(batch.form.size):
        hidden = net.decode(previous, hints[:, place : place + 1], codes[:, None], cache)
        open_ = batch.given[:, place] == 0
        if open_.any():
            drawn = _draw(net.characters(hidden[:, 0]), free.at(place, ids), uniforms[:, place], knobs)
            ids[:, place] = torch.where(open_, drawn, ids[:, place])
            free.use(ids[:, place])
        previous = ids[:, place : place + 1]
    return ids


def _write_at_once(
    net: Ancestor, batch: _Batch, codes: Tensor, uniforms: Tensor, knobs: Knobs
) -> tuple[Tensor, Tensor]:
    """Every place's distribution comes from the code alone; places are drawn rhyme words first, lest they run out."""
    logits = net.logits(batch.form, codes)  # (rows, places, vocabulary)
    ids = batch.given.clone()
    free = _Unused(batch)
    rhymes_first = sorted(range(batch.form.size), key=lambda place: not bool((batch.tones[:, place] == RHYME).any()))
    for place in rhymes_first:
        open_ = batch.given[:, place] == 0
        drawn = _draw(logits[:, place], free.at(place, ids), uniforms[:, place], knobs)
        ids[:, place] = torch.where(open_, drawn, ids[:, place])
        free.use(ids[:, place])
    return ids, _mean_of_free(_gathered(logits.log_softmax(-1), ids), batch)


class _Unused:
    """Which characters each row may still use: a poem repeats none, but for a doubled one (重重) in its place."""

    def __init__(self, batch: _Batch) -> None:
        self.batch = batch
        self.used = torch.zeros(len(batch.given), batch.allowed.shape[2], dtype=torch.bool, device=batch.given.device)
        self.used.scatter_(1, batch.given, True)

    def at(self, place: int, ids: Tensor) -> Tensor:
        """(rows, vocabulary) what may stand at a place."""
        allowed = self.batch.allowed[:, place][self.batch.draft]
        free = allowed & ~self.used
        if self._may_double(place):
            before = ids[:, place - 1 : place]
            again = allowed.gather(1, before) & (before >= SPECIAL) & (self.batch.given[:, place - 1 : place] == 0)
            again &= (self.batch.tones[:, place] != RHYME)[:, None]
            free = free.scatter(1, before, again | free.gather(1, before))
        spent = ~free.any(1, keepdim=True)
        return torch.where(spent, allowed, free)

    def use(self, chosen: Tensor) -> None:
        self.used.scatter_(1, chosen[:, None], True)

    def _may_double(self, place: int) -> bool:
        # Doubled words fill a foot: the second and fourth (and sixth) character of a line, or its last.
        column = place % self.batch.form.columns
        return column % 2 == 1 or column == self.batch.form.columns - 1


def _draw(logits: Tensor, allowed: Tensor, uniforms: Tensor, knobs: Knobs) -> Tensor:
    """(rows,) ids by inverting the distribution function at `uniforms`, within the nucleus of mass top_p."""
    scaled = logits.float().masked_fill(~allowed, FORBIDDEN) / knobs.temperature
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


def _score(net: Flagship, batch: _Batch, ids: Tensor, codes: Tensor, knobs: Knobs) -> Tensor:
    """Nats a character given the code, less a share of those without it, lest the blandest poem win: (rows,)."""
    told = net.hints(batch.form, batch.given, batch.tones, batch.rhyme)
    with_code = _mean_of_free(_likelihood(net, ids, told, codes[:, None]), batch)
    without = _mean_of_free(_likelihood(net, ids, told, net.no_code.expand(len(ids), 1, -1)), batch)
    return with_code - knobs.no_code_weight * without


def _mean_of_free(scores: Tensor, batch: _Batch) -> Tensor:  # (rows, places)
    free = batch.given == 0
    return (scores * free).sum(1) / free.sum(1).clamp(min=1)  # (rows,)


def _likelihood(net: Flagship, ids: Tensor, told: Tensor, codes: Tensor) -> Tensor:
    """log p of each character: (rows, places)."""
    previous = torch.nn.functional.pad(ids[:, :-1], (1, 0))
    hidden = net.decode(previous, told, codes)
    return _gathered(net.characters(hidden).log_softmax(-1), ids)


def _gathered(scores: Tensor, ids: Tensor) -> Tensor:
    """(rows, places) the scores (rows, places, vocabulary) of the ids."""
    found: Tensor = scores.gather(2, ids[..., None]).squeeze(-1)
    return found


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
