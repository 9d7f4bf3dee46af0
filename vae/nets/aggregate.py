"""Where the codes of poems lie: what codes are drawn from that no poem is at hand for.

With a KL of some tens of nats the prior has holes where no poem is. And a code knows much of its poem's rhyme and tones: one
drawn without regard to those that are asked would pull the decoder one way and the plan another.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from vae.nets.batch import COLUMNS, FORMS, LEVEL, LINES, OBLIQUE, RHYME
from vae.poem import Form

RIDGE = 10.0
"""Poems' worth of belief that a thing asked for moves the code nowhere."""


@dataclass(frozen=True, slots=True)
class Gaussian:
    """mean: (latent,); spread: (latent, latent), lower triangular."""

    mean: Tensor
    spread: Tensor

    def sample(self, noise: Tensor) -> Tensor:  # (batch, latent) drawn from N(0, I)
        return self.mean + noise @ self.spread.T  # (batch, latent)

    @property
    def precision(self) -> Tensor:
        """(latent, latent)"""
        return torch.cholesky_inverse(self.spread)


class AggregatePosterior(nn.Module):
    """For each form a Gaussian fitted after training to the codes of its poems, N(0, I) until then; and how what a poem
    is asked for (rhyme group and tones) moves the mean, by linear regression, with the spread that is left."""

    mean: Tensor  # (form, latent)
    spread: Tensor  # (form, latent, latent), lower triangular
    usual: Tensor  # (form, asked) means of what is asked
    moves: Tensor  # (form, asked, latent)
    rest: Tensor  # (form, latent, latent), lower triangular

    def __init__(self, latent: int, rhyme_groups: int) -> None:
        super().__init__()
        self.rhyme_groups = rhyme_groups
        asked = rhyme_groups + LINES * COLUMNS
        self.register_buffer("mean", torch.zeros(len(FORMS), latent))
        self.register_buffer("spread", torch.eye(latent).repeat(len(FORMS), 1, 1))
        self.register_buffer("usual", torch.zeros(len(FORMS), asked))
        self.register_buffer("moves", torch.zeros(len(FORMS), asked, latent))
        self.register_buffer("rest", torch.eye(latent).repeat(len(FORMS), 1, 1))

    def of(self, form: Form) -> Gaussian:
        """Of all poems of the form."""
        at = FORMS.index(form)
        return Gaussian(self.mean[at], self.spread[at])

    def asked(self, form: Form, tones: Tensor, rhyme: int) -> Gaussian:
        """Of poems with these tones, (form.size,), and this rhyme group, both as in `Batch`; 0 for any group."""
        at = FORMS.index(form)
        unlike = self._features(tones[None], torch.tensor([rhyme], device=tones.device))[0] - self.usual[at]
        if rhyme == 0:
            unlike[: self.rhyme_groups] = 0
        return Gaussian(self.mean[at] + unlike @ self.moves[at], self.rest[at])

    def belief(self, form: Form) -> Belief:
        """What is known of a poem's code before its seed is read."""
        told = Gaussian(self.mean[FORMS.index(form)], self.rest[FORMS.index(form)]).precision
        return Belief(self, form, told, self.of(form).precision)

    def fit(self, form: Form, mu: Tensor, logvar: Tensor, tones: Tensor, rhyme: Tensor) -> None:
        """From the posteriors of many poems, (poems, latent) each, their tones (poems, form.size) and rhymes (poems,)."""
        at = FORMS.index(form)
        within = torch.diag(logvar.exp().mean(0))
        self.mean[at] = mu.mean(0)
        self.spread[at] = torch.linalg.cholesky(torch.cov(mu.T) + within)
        features = self._features(tones, rhyme)
        self.usual[at] = features.mean(0)
        unlike, moved = features - self.usual[at], mu - self.mean[at]
        belief = RIDGE * torch.eye(unlike.shape[1], device=mu.device)
        self.moves[at] = torch.linalg.solve(unlike.T @ unlike + belief, unlike.T @ moved)
        self.rest[at] = torch.linalg.cholesky(torch.cov((moved - unlike @ self.moves[at]).T) + within)

    def _features(self, tones: Tensor, rhyme: Tensor) -> Tensor:  # (poems, places), (poems,)
        groups = functional.one_hot(rhyme, self.rhyme_groups + 1)[:, 1:].float()
        level = ((tones == LEVEL) | (tones == RHYME)).float() - (tones == OBLIQUE).float()
        return torch.cat((groups, functional.pad(level, (0, LINES * COLUMNS - level.shape[1]))), 1)  # (poems, asked)


@dataclass(frozen=True, slots=True)
class Belief:
    """A form's, made once for many seeds. told, every: (latent, latent) precision of the codes of poems that are asked for
    the same, and of all poems."""

    codes: AggregatePosterior
    form: Form
    told: Tensor
    every: Tensor

    def after(self, tones: Tensor, rhyme: int, mu: Tensor, sigma: Tensor) -> Gaussian:
        """The posterior N(mu, sigma^2) of a seed, (latent,) each, once the poem's tones and rhyme are known too: by Bayes'
        rule, with what is asked weighing as much as it tells beyond what any poem of the form does."""
        some, every = self.codes.asked(self.form, tones, rhyme).mean, self.codes.of(self.form).mean
        precision = torch.diag(sigma**-2) + self.told - self.every
        pull = mu * sigma**-2 + self.told @ some - self.every @ every
        covariance = torch.linalg.inv(precision)
        return Gaussian(covariance @ pull, torch.linalg.cholesky((covariance + covariance.T) / 2))
