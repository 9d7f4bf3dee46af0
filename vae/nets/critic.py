"""The critic: tells a person's poem from ours, and the characters that somebody has changed.

The flagship's encoder over the grid, and a small transformer over its lines, see the whole poem, or its first lines, at
once. Two heads: is it a person's (the two-sample test as a judge, after Lopez-Paz & Oquab 2017, arXiv:1610.06545), and, for
every place, does the character stand as it was written (ELECTRA, Clark et al. 2020, arXiv:2003.10555).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from vae.nets.batch import COLUMNS, FORMS, LINES, Losses
from vae.nets.flagship import Flagship
from vae.nets.layers import EMBEDDING_SCALE, ConvStack, LineLayer, PlaceEmbedding
from vae.poem import Form

KINDS = 3
HUMAN, OWN, SWAPPED = range(KINDS)
"""What a poem that is put before the critic is: a person's, ours, or one with characters changed."""


@dataclass(frozen=True, slots=True)
class CriticConfig:
    vocabulary: int
    width: int = 192
    layers: int = 4
    line_layers: int = 2
    heads: int = 4
    dropout: float = 0.1
    place_weight: float = 4.0
    kind: str = "critic"


@dataclass(frozen=True, slots=True)
class Trial:
    """Poems of one form to be told apart, or their first lines.

    ids: (batch, places), a whole number of lines; kinds: (batch,) HUMAN, OWN or SWAPPED;
    changed: (batch, places) where a SWAPPED poem's character is not the poet's.
    """

    form: Form
    ids: Tensor
    kinds: Tensor
    changed: Tensor

    def to(self, device: str) -> Trial:
        return Trial(self.form, self.ids.to(device), self.kinds.to(device), self.changed.to(device))


class Verdict(NamedTuple):
    """Log odds, each the higher the better.

    human: (batch,) a person wrote it; stands: (batch, places) a character is the one that was written.
    """

    human: Tensor
    stands: Tensor


class Critic(nn.Module):
    """Characters -> gated convolutions over the grid -> a vector a line -> transformer over the lines -> a verdict."""

    def __init__(self, config: CriticConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.embedding = nn.Embedding(config.vocabulary, width)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.place = PlaceEmbedding(len(FORMS), LINES, COLUMNS, width)
        self.encoder = ConvStack(width, config.layers)
        self.stands = nn.Linear(width, 1)
        self.line = nn.Linear(2 * width, width)
        self.line_layers = nn.ModuleList(LineLayer(width, config.heads) for _ in range(config.line_layers))
        self.norm = nn.RMSNorm(width)
        self.dropout = nn.Dropout(config.dropout)
        self.human = nn.Linear(width, 1)

    def begin_from(self, flagship: Flagship) -> bool:
        """Takes over what a flagship's encoder knows of characters and their neighbours, where it is of one shape; whether
        its embedding was."""
        theirs = (flagship.embedding, flagship.encoder_place, flagship.encoder)
        for mine, other in zip((self.embedding, self.place, self.encoder), theirs, strict=True):
            known = other.state_dict()
            if all(known[key].shape == value.shape for key, value in mine.state_dict().items() if key in known):
                mine.load_state_dict(known, strict=False)
        return flagship.embedding.weight.shape == self.embedding.weight.shape

    def forward(self, form: Form, ids: Tensor) -> Verdict:  # (batch, places): the whole poem, or its first lines
        return self.of_grid(FORMS.index(form), ids.view(len(ids), -1, form.columns))

    def of_grid(self, form: int | Tensor, ids: Tensor) -> Verdict:  # (); (batch, line, column)
        grid = self.embedding(ids) * EMBEDDING_SCALE + self.place(form, *ids.shape[1:])
        grid = self.encoder(grid)  # (batch, line, column, width)
        x = self.line(torch.cat((grid.mean(2), grid.amax(2)), dim=-1))  # (batch, line, width)
        for layer in self.line_layers:
            x = layer(x)
        human = self.human(self.dropout(self.norm(x).mean(1)))
        return Verdict(human.flatten().float(), self.stands(grid).flatten(1).float())

    def loss(self, trial: Trial, progress: float) -> Losses:
        """The two heads' binary cross-entropies, each over the kinds that are its business."""
        told = self(trial.form, trial.ids)
        human, kinds = (trial.kinds == HUMAN).float(), trial.kinds
        own = _entropy(told.human, human, (kinds == HUMAN) | (kinds == OWN))
        plain = ((kinds == HUMAN) | (kinds == SWAPPED))[:, None].expand_as(trial.changed)
        stands = _entropy(told.stands, (~trial.changed).float(), plain)
        total = own + self.config.place_weight * stands
        report = {"human": own, "stands": stands}
        return Losses(total, {name: value.detach() for name, value in report.items()})


def _entropy(odds: Tensor, truth: Tensor, counted: Tensor) -> Tensor:
    """Mean binary cross-entropy in nats over what is counted, 0 over nothing."""
    weight = counted.float()
    losses = functional.binary_cross_entropy_with_logits(odds, truth, weight=weight, reduction="sum")
    return losses / weight.sum().clamp(min=1)
