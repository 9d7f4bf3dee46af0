"""Where the codes of wishes lie: in a seed's posterior, on the path between two, or where poems of the plan lie.

The seeds of many wishes are encoded together, which costs little more than one; what comes out for one stands alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from vae.leaning import halfway
from vae.moving import moved
from vae.nets.aggregate import Belief
from vae.nets.alone import FLOAT_GRAIN, filled, standing_alone
from vae.poem import Form
from vae.prosody.table import named
from vae.reading import Reading
from vae.vocabulary import Vocabulary
from vae.weights import Net
from vae.wish import Codes, Wish, asked

GATHERED = 0.7
"""The share of a walk's spread that is taken off halfway, where the codes are no poem's and the decoder is least at home."""
TOGETHER = 256
"""Texts encoded at a time."""


@dataclass(frozen=True, slots=True)
class Heard:
    """mu and sigma of a text's code: (latent,) each."""

    mu: Tensor
    sigma: Tensor

    @classmethod
    def of(cls, mu: Tensor, logvar: Tensor) -> Heard:
        """Of several views of one text, (views, latent) each, averaged."""
        spread = mu.var(0, unbiased=False) if len(mu) > 1 else torch.zeros_like(mu[0])
        return cls(mu.mean(0), (logvar.exp().mean(0) + spread).sqrt())


@dataclass(frozen=True)
class Coder:
    """Gives wishes their codes. The net's weights must not change any more."""

    net: Net
    vocabulary: Vocabulary
    _beliefs: dict[Form, Belief] = field(default_factory=dict)

    def codes(self, wishes: Sequence[Wish]) -> list[Codes]:
        """In order; they depend on each wish alone."""
        heard = self._heard(text for wish in wishes for text in wish.seeds)
        return [self._of(wish, [heard[id(text)] for text in wish.seeds]) for wish in wishes]

    def _of(self, wish: Wish, seeds: Sequence[Heard]) -> Codes:
        noise = moved(wish.draws(self.net.config.latent)[0], self._device)
        form, (tones, rhyme) = wish.plan.form, asked(wish.plan, named(wish.table))
        tones = moved(tones, self._device)
        if not seeds:
            return Codes(self.net.codes.asked(form, tones, rhyme).sample(noise))
        if len(seeds) == 1:
            where = self._belief(form).after(tones, rhyme, seeds[0].mu, seeds[0].sigma)
            return Codes(where.sample(noise), where.mean)
        assert wish.leaning is not None
        (a, b), t = seeds, wish.leaning.t
        centre = slerp(a.mu, b.mu, t)
        spread = ((1 - t) * a.sigma + t * b.sigma) * (1 - GATHERED * halfway(t))
        return Codes(centre + spread * noise, centre)

    def _heard(self, texts: Iterable[Reading]) -> dict[int, Heard]:
        """By the texts' identity: the steps of a walk share their two."""
        by_form: dict[Form, dict[int, Reading]] = {}
        for text in texts:
            by_form.setdefault(text.form, {})[id(text)] = text
        found: dict[int, Heard] = {}
        for form, of_form in by_form.items():
            views = [self._views(text) for text in of_form.values()]
            parts = [self._encode(form, part) for part in torch.split(torch.cat(views), TOGETHER)]
            counts = [len(view) for view in views]
            mu, logvar = (torch.split(torch.cat(each), counts) for each in zip(*parts, strict=True))
            found |= {text: Heard.of(*both) for text, *both in zip(of_form, mu, logvar, strict=True)}
        return found

    def _views(self, text: Reading) -> Tensor:
        """(views, form.size) ids, 0 where nothing is seen."""
        rows = np.zeros((max(1, len(text.views)), text.form.size), np.int64)
        for row, view in zip(rows, text.views, strict=False):
            for (line, column), char in view.items():
                row[line * text.form.columns + column] = self.vocabulary.encode(char)[0]
        return moved(torch.from_numpy(rows), self._device)

    def _encode(self, form: Form, views: Tensor) -> tuple[Tensor, Tensor]:
        mu, logvar = self._encoder.encode(form, filled(views, FLOAT_GRAIN))
        return mu[: len(views)], logvar[: len(views)]

    def _belief(self, form: Form) -> Belief:
        if form not in self._beliefs:
            self._beliefs[form] = self.net.codes.belief(form)
        return self._beliefs[form]

    @cached_property
    def _encoder(self) -> Net:
        return standing_alone(self.net)

    @cached_property
    def _device(self) -> torch.device:
        return self.net.codes.mean.device


def slerp(a: Tensor, b: Tensor, t: float) -> Tensor:
    """From code a to code b along the sphere, their norms blended in a line: (latent,)."""
    norm_a, norm_b = a.norm(), b.norm()
    unit_a, unit_b = a / norm_a.clamp(min=1e-6), b / norm_b.clamp(min=1e-6)
    angle = torch.acos((unit_a @ unit_b).clamp(-1 + 1e-6, 1 - 1e-6))
    direction = (torch.sin((1 - t) * angle) * unit_a + torch.sin(t * angle) * unit_b) / torch.sin(angle)
    code: Tensor = direction * ((1 - t) * norm_a + t * norm_b)
    return code
