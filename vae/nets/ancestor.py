"""The ancestor: a convolutional VAE that writes every character of a poem at once.

After Su Jianlin's poetry bot of 2018 (CNN + VAE, kexue.fm/archives/5332), written anew. It began with couplets of
5 + 5 characters; here it also takes any form, on a grid of lines and columns. It stays as the yardstick.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vae import parallel
from vae.nets.aggregate import AggregatePosterior
from vae.nets.batch import COLUMNS, FORMS, LINES, Batch, Losses
from vae.nets.cross_entropy import linear_cross_entropy
from vae.nets.layers import (
    ConvStack,
    FanOut,
    GatedConv,
    PlaceEmbedding,
    Posterior,
    kl_divergence,
    pool,
    reparameterise,
    warmed_up,
)
from vae.poem import Form


@dataclass(frozen=True, slots=True)
class AncestorConfig:
    vocabulary: int
    width: int = 64
    latent: int = 64
    layers: int = 4
    kl_weight: float = 1.0
    free_bits: float = 0.1
    rhyme_groups: int = 30
    kind: str = "ancestor"


class Ancestor(nn.Module):
    """Embedding -> gated convolutions -> pooling -> mu, logvar -> z -> a vector a place -> gated convolution -> softmax."""

    def __init__(self, config: AncestorConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.embedding = nn.Embedding(config.vocabulary, width)
        self.place = PlaceEmbedding(len(FORMS), LINES, COLUMNS, width)
        self.encoder = ConvStack(width, config.layers)
        self.posterior = Posterior(2 * width, config.latent)
        self.spread = FanOut(config.latent, LINES * COLUMNS * width)
        self.decoder = nn.Sequential(GatedConv(width, 1, 0), GatedConv(width, 0, 1), nn.RMSNorm(width))
        self.characters = FanOut(width, config.vocabulary, bias=False)
        self.codes = AggregatePosterior(config.latent, config.rhyme_groups)
        nn.init.normal_(self.embedding.weight, std=0.3)

    def encode(self, form: Form, ids: Tensor) -> tuple[Tensor, Tensor]:  # (batch, form.size); 0 hides a character
        """mu and logvar of q(z | x): (batch, latent) each."""
        grid = self.embedding(ids).unflatten(1, (form.lines, form.columns))  # (batch, line, column, width)
        grid = grid + self.place(FORMS.index(form), form.lines, form.columns)
        mu, logvar = self.posterior(pool(self.encoder(grid)))
        return mu, logvar

    def logits(self, form: Form, z: Tensor) -> Tensor:  # (batch, latent)
        """Unnormalised log p(character | z) of every place: (batch, form.size, vocabulary)."""
        scores: Tensor = self.characters(self._hidden(form, z))
        return scores

    def _hidden(self, form: Form, z: Tensor) -> Tensor:  # (batch, latent)
        cells = self.spread(z).view(len(z), LINES, COLUMNS, self.config.width)[:, : form.lines, : form.columns]
        cells = cells + self.place(FORMS.index(form), form.lines, form.columns)  # (batch, line, column, width)
        hidden: Tensor = self.decoder(cells)
        return hidden.flatten(1, 2)  # (batch, form.size, width)

    def loss(self, batch: Batch, progress: float | Tensor) -> Losses:
        """Reconstruction summed over the places, plus the KL; `progress` through the run, 0 to 1, warms the KL up.

        The KL starts at a small weight rather than none, or mu runs away; units under the free bits bear no weight, or
        the decoder learns to do without the code before the code has learnt to say anything.
        """
        beta = self.config.kl_weight * warmed_up(progress, 0.1, 0.3)
        mu, logvar = self.encode(batch.form, self._hide_some(batch.ids))
        hidden = self._hidden(batch.form, reparameterise(mu, logvar)).flatten(0, 1)
        nats = linear_cross_entropy(hidden, self.characters.weight, batch.ids.flatten())
        kl = parallel.mean(kl_divergence(mu, logvar))  # (latent,)
        # Divided by the size alone, so that every form pulls alike; the sum over places and the KL keep their proportion.
        total = nats + beta * kl.clamp(min=self.config.free_bits).sum() / batch.form.size
        return Losses(total, {"nats": nats.detach(), "kl": kl.sum().detach()})

    def _hide_some(self, ids: Tensor) -> Tensor:
        # Whole poems half the time; else a random share hidden, so that a seed of few characters can be read too.
        share = torch.rand(len(ids), 1, device=ids.device) * (torch.rand(len(ids), 1, device=ids.device) < 0.5)
        return ids * (torch.rand(ids.shape, device=ids.device) >= share)
