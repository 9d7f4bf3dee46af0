"""Candidates: many poems at once for one wish, written under its masks, and the choice among them."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Draft:
    """One wish as numbers. Places are counted in reading order, `form.size` of them.

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

    candidates: int = 16
    temperature: float = 0.85
    top_p: float = 0.92
    no_code_weight: float = 0.3


def code_of(net: Net, form: Form, views: Tensor) -> tuple[Tensor, Tensor]:
    """mu and sigma, (latent,) each, of the code for several views (views, form.size) of one text, averaged."""
    mu, logvar = net.encode(form, views)
    spread = mu.var(0, unbiased=False) if len(mu) > 1 else torch.zeros_like(mu[0])
    return mu.mean(0), (logvar.exp().mean(0) + spread).sqrt()


def write(net: Net, draft: Draft, codes: Tensor, uniforms: Tensor, knobs: Knobs) -> NDArray[np.int64]:
    """The best candidate's ids, (form.size,).

    codes: (candidates, latent); uniforms: (candidates, form.size) numbers in [0, 1) that decide every draw, so that a
    poem depends on its own wish alone, whatever else is written beside it.
    """
    if isinstance(net, Ancestor):
        ids, scores = _write_at_once(net, draft, codes, uniforms, knobs)
    else:
        ids = _write_in_order(net, draft, codes, uniforms, knobs)
        scores = _score(net, draft, ids, codes, knobs)
    return cast(NDArray[np.int64], ids[int(scores.argmax())].cpu().numpy())


def _write_in_order(net: Flagship, draft: Draft, codes: Tensor, uniforms: Tensor, knobs: Knobs) -> Tensor:
    count, form = len(codes), draft.form
    hints = net.hints(form, draft.given[None], draft.tones[None], torch.tensor([draft.rhyme]))  # (1, places, width)
    ids = draft.given.repeat(count, 1)  # (candidates, places)
    free = _Unused(draft, count)
    cache = net.new_cache(count, form.size)
    previous = torch.zeros(count, 1, dtype=torch.long)
    for place in range(form.size):
        hidden = net.decode(previous, hints[:, place : place + 1].expand(count, -1, -1), codes[:, None], cache)
        if draft.given[place] == 0:
            ids[:, place] = _draw(net.characters(hidden[:, 0]), free.at(place, ids), uniforms[:, place], knobs)
            free.use(ids[:, place])
        previous = ids[:, place : place + 1]
    return ids


def _write_at_once(net: Ancestor, draft: Draft, codes: Tensor, uniforms: Tensor, knobs: Knobs) -> tuple[Tensor, Tensor]:
    """Every place's distribution comes from the code alone; places are drawn rhyme words first, lest they run out."""
    count = len(codes)
    logits = net.logits(draft.form, codes)  # (candidates, places, vocabulary)
    likelihood = logits.log_softmax(-1)
    ids = draft.given.repeat(count, 1)
    free = _Unused(draft, count)
    scores = torch.zeros(count)
    for place in sorted(range(draft.form.size), key=lambda p: int(draft.tones[p]) != RHYME):
        if draft.given[place] == 0:
            ids[:, place] = _draw(logits[:, place], free.at(place, ids), uniforms[:, place], knobs)
            free.use(ids[:, place])
            scores += likelihood[torch.arange(count), place, ids[:, place]]
    return ids, scores


class _Unused:
    """Which characters each candidate may still use: a poem repeats none, but for a doubled one (重重) in its place."""

    def __init__(self, draft: Draft, count: int) -> None:
        self.draft = draft
        self.used = torch.zeros(count, draft.allowed.shape[1], dtype=torch.bool)
        self.used[:, draft.given] = True

    def at(self, place: int, ids: Tensor) -> Tensor:
        """(candidates, vocabulary) what may stand at a place."""
        allowed = self.draft.allowed[place]
        free = allowed & ~self.used
        if self._may_double(place):
            before = ids[:, place - 1 : place]
            again = allowed[before] & (before >= SPECIAL) & (self.draft.given[place - 1] == 0)
            free = free.scatter(1, before, again | free.gather(1, before))
        spent = ~free.any(1, keepdim=True)
        return torch.where(spent, allowed, free)

    def use(self, chosen: Tensor) -> None:
        self.used.scatter_(1, chosen[:, None], True)

    def _may_double(self, place: int) -> bool:
        # Doubled words fill a foot: columns 1-2, 3-4 or 5-6 of a line of seven, or the last two.
        column = place % self.draft.form.columns
        starts_foot = column % 2 == 1 or column == self.draft.form.columns - 1
        return column > 0 and starts_foot and int(self.draft.tones[place]) != RHYME


def _draw(logits: Tensor, allowed: Tensor, uniforms: Tensor, knobs: Knobs) -> Tensor:
    """(candidates,) ids by inverting the distribution function at `uniforms`, within the nucleus of mass top_p."""
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


def _score(net: Flagship, draft: Draft, ids: Tensor, codes: Tensor, knobs: Knobs) -> Tensor:
    """Nats a character given the code, less a share of those without it, lest the blandest poem win: (candidates,)."""
    told = net.hints(draft.form, draft.given[None], draft.tones[None], torch.tensor([draft.rhyme]))
    counted = draft.given == 0
    with_code = _likelihood(net, ids, told, codes[:, None])[:, counted].mean(1)
    without = _likelihood(net, ids, told, net.no_code.expand(len(ids), 1, -1))[:, counted].mean(1)
    return with_code - knobs.no_code_weight * without


def _likelihood(net: Flagship, ids: Tensor, told: Tensor, codes: Tensor) -> Tensor:
    """log p of each character: (candidates, places)."""
    previous = torch.nn.functional.pad(ids[:, :-1], (1, 0))
    hidden = net.decode(previous, told.expand(len(ids), -1, -1), codes)
    return net.characters(hidden).log_softmax(-1).gather(2, ids[..., None])[..., 0]


def slerp(a: Tensor, b: Tensor, t: float) -> Tensor:
    """From code a to code b along the sphere, their norms blended in a line: (latent,)."""
    norm_a, norm_b = a.norm(), b.norm()
    unit_a, unit_b = a / norm_a.clamp(min=1e-6), b / norm_b.clamp(min=1e-6)
    angle = torch.acos((unit_a @ unit_b).clamp(-1 + 1e-6, 1 - 1e-6))
    direction = (torch.sin((1 - t) * angle) * unit_a + torch.sin(t * angle) * unit_b) / torch.sin(angle)
    return direction * ((1 - t) * norm_a + t * norm_b)


def code_for_form(net: Net, form: Form, noise: Tensor) -> Tensor:
    """(candidates, latent) codes for a poem without a seed."""
    return net.codes.sample(FORMS.index(form), noise)
