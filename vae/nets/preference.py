"""Preferring a person's poem to our own answer to the same code, with a leash to the net as it was before.

Direct preference optimisation (Rafailov et al. 2023, arXiv:2305.18290) with the net's own answers as the ones to be left
(self-play fine-tuning, Chen et al. 2024, arXiv:2401.01335). The person's poem is learned as before meanwhile, since the
preference alone is content to make both less likely.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from vae.nets.batch import Batch, Losses
from vae.nets.cross_entropy import log_likelihood, weighed_cross_entropy
from vae.nets.flagship import Flagship
from vae.poem import Form

SHARPNESS = 0.3
"""Of the preference: the leash is the shorter the larger it is (the beta of DPO)."""
WEIGHT = 0.25
"""Of the preference beside the usual loss, in which one poem's pull is a 28th nat a character."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Poems by people, each with our answer to its code, tones and rhyme.

    ids, ours: (batch, form.size); tones and rhyme as in `Batch`, of both; code: (batch, latent); before: (batch,) by how
    many nats the net found the person's poem likelier, log p(ids | code) - log p(ours | code), before it was tuned.
    """

    form: Form
    ids: Tensor
    ours: Tensor
    tones: Tensor
    rhyme: Tensor
    code: Tensor
    before: Tensor

    def to(self, device: str) -> Pairs:
        parts = (self.ids, self.ours, self.tones, self.rhyme, self.code, self.before)
        return Pairs(self.form, *(part.to(device) for part in parts))


class Tuned(nn.Module):
    """A flagship while it learns to prefer."""

    def __init__(self, net: Flagship) -> None:
        super().__init__()
        self.net, self.config = net, net.config

    def loss(self, pairs: Pairs, progress: float) -> Losses:
        """The net's own loss on people's poems, and what it still lacks of preferring them."""
        usual = self.net.loss(Batch(pairs.form, pairs.ids, pairs.tones, pairs.rhyme), 1.0)
        hidden, both = _read(self.net, pairs)  # (2 * batch * places, width), (2 * batch * places,)
        matrix = self.net.embedding.weight
        theirs, ours = _likelihoods(hidden, matrix, both, len(pairs.ids))
        margin = SHARPNESS * (theirs - ours - pairs.before)  # (batch,)
        # The loss is -log sigmoid(margin); so much of either poem's likelihood is its gradient.
        pull = SHARPNESS * (-margin).sigmoid() / len(margin)
        pulls = torch.cat((pull, -pull)).repeat_interleave(pairs.form.size)
        preference = weighed_cross_entropy(hidden, matrix, both, pulls)
        told = {"preference": -functional.logsigmoid(margin).mean(), "preferred": (margin > 0).float().mean()}
        told |= {"theirs": theirs.mean() / pairs.form.size, "ours": ours.mean() / pairs.form.size}
        return Losses(usual.total + WEIGHT * preference, usual.report | told)


@torch.no_grad()
def likelier(net: Flagship, pairs: Pairs) -> Tensor:
    """By how many nats the net finds the person's poem likelier than ours: (batch,)."""
    hidden, both = _read(net, pairs)
    theirs, ours = _likelihoods(hidden, net.embedding.weight, both, len(pairs.ids))
    return theirs - ours


def _read(net: Flagship, pairs: Pairs) -> tuple[Tensor, Tensor]:
    """Hidden states of the places of all people's poems, then of all of ours, and the characters there."""
    both = torch.cat((pairs.ids, pairs.ours))
    hints = net.hints(pairs.form, torch.zeros_like(pairs.ids), pairs.tones, pairs.rhyme)
    before = functional.pad(both[:, :-1], (1, 0))
    hidden = net.decode(before, hints.repeat(2, 1, 1), pairs.code.repeat(2, 1)[:, None])
    return hidden.flatten(0, 1), both.flatten()


def _likelihoods(hidden: Tensor, matrix: Tensor, both: Tensor, batch: int) -> tuple[Tensor, Tensor]:
    """log p of people's poems and of ours: (batch,) each."""
    theirs, ours = log_likelihood(hidden, matrix, both).view(2, batch, -1).sum(2).unbind()
    return theirs, ours
