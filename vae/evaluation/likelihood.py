"""What a VAE says of poems it has not read: nats a character, and how much its code tells. One value a poem each.

Nothing is told to the net but the form. Natural logarithms throughout.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from vae.lexicon import Lexicon, within_foot
from vae.nets.ancestor import Ancestor
from vae.nets.flagship import Flagship
from vae.nets.layers import kl_divergence, reparameterise
from vae.poem import Form
from vae.weights import Net

WORD_WEIGHTS = tuple(i / 4 for i in range(17))
SLICE = 64
"""Rows scored at a time."""
WORD_POEMS = 128
Floats = NDArray[np.float64]
Tick = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class Codes:
    """The posteriors of poems: mu, logvar (poems, latent), and a draw z from each."""

    mu: Tensor
    logvar: Tensor
    z: Tensor

    @classmethod
    @torch.inference_mode()
    def of(cls, net: Net, form: Form, ids: Tensor, seed: int = 0) -> Codes:
        """Of poems (poems, form.size)."""
        parts = [net.encode(form, rows) for rows in _slices(ids)]
        mu, logvar = (torch.cat(both) for both in zip(*parts, strict=True))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return cls(mu, logvar, reparameterise(mu, logvar))

    @property
    def kl(self) -> Floats:
        """(poems,) KL(q(z | x) || N(0, I))."""
        return _numpy(kl_divergence(self.mu, self.logvar).sum(-1))

    def active(self, poems: NDArray[np.int64], least: float = 0.01) -> int:
        """Units whose mean varies over some poems by more than `least` (Burda et al. 2016)."""
        return int((self.mu[torch.from_numpy(poems)].var(0) > least).sum())

    def information(self) -> Floats:
        """(poems,) whose mean estimates I(x; z) from below (Hoffman & Johnson 2016): log q(z | x) - log q(z).

        q(z) is the mixture of the posteriors at hand, so that no more than log(poems) can be seen.
        """
        own = _log_normal(self.z, self.mu, self.logvar)
        among = torch.stack([_log_normal(z, self.mu, self.logvar) for z in self.z])  # (poems, posteriors)
        return _numpy(own - (among.logsumexp(1) - math.log(len(among))))

    def information_bound(self, net: Net, form: Form) -> Floats:
        """(poems,) whose mean bounds I(x; z) from above: KL(q(z | x) || r(z)), r the fitted aggregate posterior (one draw)."""
        return _numpy(_log_normal(self.z, self.mu, self.logvar) - _log_fitted(net, form, self.z))


@torch.inference_mode()
def nats(net: Net, form: Form, ids: Tensor, z: Tensor) -> Floats:
    """(poems,) -log p(x | z) a character, for poems (poems, form.size) and codes (poems, latent)."""
    rows = zip(_slices(ids), _slices(z), strict=True)
    return _numpy(torch.cat([_log_likelihood(net, form, poems, codes) for poems, codes in rows])) / -form.size


def without_code(net: Flagship, form: Form, ids: Tensor) -> Floats:
    """(poems,) -log p(x) a character, of the decoder with its code hidden."""
    return nats(net, form, ids, net.no_code.detach().expand(len(ids), -1))


@torch.inference_mode()
def weighted(
    net: Net, form: Form, ids: Tensor, codes: Codes, samples: int, tick: Tick = lambda _: None
) -> tuple[Floats, Floats]:
    """(poems,) nats a character by importance weights, under two priors of z: N(0, I), and the fitted aggregate posterior.

    -log mean w over `samples` draws from q(z | x), w = p(x | z) p(z) / q(z | x) (Burda et al. 2016, arXiv:1509.00519): an
    upper bound of -log p(x) in expectation, tighter with every sample, the ELBO's with one.
    """
    generator = torch.Generator().manual_seed(0)
    plain, fitted = [], []
    for row, mu, logvar in zip(ids, codes.mu, codes.logvar, strict=True):
        z = mu + (logvar / 2).exp() * torch.randn(samples, len(mu), generator=generator)
        scores = torch.cat([_log_likelihood(net, form, row.expand(len(part), -1), part) for part in _slices(z)])
        scores = scores - _log_normal(z, mu, logvar)
        nothing = torch.zeros_like(mu)
        plain.append((scores + _log_normal(z, nothing, nothing)).logsumexp(0) - math.log(samples))
        fitted.append((scores + _log_fitted(net, form, z)).logsumexp(0) - math.log(samples))
        tick(1)
    return _numpy(torch.stack(plain)) / -form.size, _numpy(torch.stack(fitted)) / -form.size


@torch.inference_mode()
def rebuilt(net: Net, form: Form, ids: Tensor, mu: Tensor) -> Floats:
    """(poems,) the share of characters found again when the likeliest is written from mu, place by place.

    The flagship writes each after the ones that it wrote before.
    """
    found = torch.cat([_likeliest(net, form, part) for part in _slices(mu)])
    return _numpy((found == ids).float().mean(1))


@torch.inference_mode()
def word_weight(net: Net, lexicon: Lexicon, form: Form, ids: Tensor, z: Tensor) -> float:
    """The weight of known words (`vae.sampling.Knobs.word_weight`), of a grid, that makes characters within feet likeliest."""
    places = [place for place in range(form.size) if within_foot(place % form.columns, form.columns)]
    totals = torch.zeros(len(WORD_WEIGHTS))
    for poems, codes in zip(_slices(ids[:WORD_POEMS]), _slices(z[:WORD_POEMS]), strict=True):
        logits = _scores(net, form, poems, codes)[:, places]
        words = lexicon.words(poems[:, [place - 1 for place in places]])  # (poems, places, vocabulary)
        for i, weight in enumerate(WORD_WEIGHTS):
            weighed = (logits + weight * words).log_softmax(-1)
            totals[i] += weighed.gather(2, poems[:, places, None]).sum()
    return WORD_WEIGHTS[int(totals.argmax())]


def _log_likelihood(net: Net, form: Form, ids: Tensor, z: Tensor) -> Tensor:
    """(rows,) log p(x | z) of whole poems."""
    logits = _scores(net, form, ids, z)
    return -functional.cross_entropy(logits.flatten(0, 1), ids.flatten(), reduction="none").view(len(ids), -1).sum(1)


def _scores(net: Net, form: Form, ids: Tensor, z: Tensor) -> Tensor:
    """(rows, places, vocabulary) unnormalised log probabilities, told nothing but the form."""
    if isinstance(net, Ancestor):
        return net.logits(form, z)
    before = functional.pad(ids[:, :-1], (1, 0))
    return net.characters(net.decode(before, _untold(net, form).expand(len(ids), -1, -1), z[:, None]))


def _untold(net: Flagship, form: Form) -> Tensor:
    """(1, places, width) the hints of a poem of which nothing is asked."""
    nothing = torch.zeros(1, form.size, dtype=torch.long)
    return net.hints(form, nothing, nothing, nothing[:, 0])


def _likeliest(net: Net, form: Form, mu: Tensor) -> Tensor:
    """(rows, form.size) the likeliest character at each place."""
    if isinstance(net, Ancestor):
        return net.logits(form, mu).argmax(-1)
    return torch.cat(list(_greedily(net, form, mu)), 1)


def _greedily(net: Flagship, form: Form, mu: Tensor) -> Iterator[Tensor]:
    hints = _untold(net, form).expand(len(mu), -1, -1)
    cache = net.new_cache(len(mu), form.size)
    before = torch.zeros(len(mu), 1, dtype=torch.long)
    for place in range(form.size):
        hidden = net.decode(before, hints[:, place : place + 1], mu[:, None], cache)
        before = net.characters(hidden).argmax(-1)
        yield before


def _log_normal(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """log N(z; mu, exp(logvar)) over the last dimension."""
    return -0.5 * (math.log(2 * math.pi) + logvar + (z - mu).square() / logvar.exp()).sum(-1)


def _log_fitted(net: Net, form: Form, z: Tensor) -> Tensor:  # (rows, latent)
    """(rows,) log density of the aggregate posterior's fit."""
    fitted = net.codes.of(form)
    white = torch.linalg.solve_triangular(fitted.spread, (z - fitted.mean).T, upper=False)
    constant = fitted.spread.diagonal().log().sum() + len(fitted.mean) / 2 * math.log(2 * math.pi)
    density: Tensor = -0.5 * white.square().sum(0) - constant
    return density


def _slices(rows: Tensor) -> list[Tensor]:
    return [rows[start : start + SLICE] for start in range(0, len(rows), SLICE)]


def _numpy(values: Tensor) -> Floats:
    told: Floats = values.double().numpy()
    return told
