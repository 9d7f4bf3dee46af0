"""Coherence: how much likelier a line is after the lines before it than it is anywhere.

Every line is read by itself: gated convolutions along it, then all of its places at once, in their order, so that what stands
at one place can answer to what stands there in the line before, as parallel couplets (對仗) want. A causal transformer over
the lines says where the next one should lie. It learns to tell the line that follows from the lines that follow in other
poems of the same scheme and rhyme, which neither tones nor rhyme can help with: contrastive predictive coding (van den Oord
et al. 2018, arXiv:1807.03748), beside a loss over single pairs (Zhai et al. 2023, arXiv:2303.15343), by which a mark needs no
other lines to be weighed against.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from vae.nets.batch import COLUMNS, FORMS, LINES, Losses
from vae.nets.flagship import Flagship
from vae.nets.layers import EMBEDDING_SCALE, GatedConv, LineLayer, PlaceEmbedding
from vae.poem import Form

SHARPNESS, BIAS = 10.0, -6.0
"""Of the odds at first: most pairs do not belong together."""
NEVER = -1e9


@dataclass(frozen=True, slots=True)
class CoherenceConfig:
    vocabulary: int
    width: int = 192
    layers: int = 2
    depth: int = 48
    line_layers: int = 2
    heads: int = 4
    dropout: float = 0.1
    kind: str = "coherence"


@dataclass(frozen=True, slots=True)
class Kindred:
    """Poems of one form, scheme and rhyme. ids: (batch, form.size), two poems or more."""

    form: Form
    ids: Tensor

    def to(self, device: str) -> Kindred:
        return Kindred(self.form, self.ids.to(device))


class Coherence(nn.Module):
    """Characters -> a vector a line, by itself -> causal transformer over the lines -> where the next line should lie."""

    def __init__(self, config: CoherenceConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.embedding = nn.Embedding(config.vocabulary, width)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.place = PlaceEmbedding(len(FORMS), LINES, COLUMNS, width)
        self.along = nn.ModuleList(GatedConv(width) for _ in range(config.layers))
        self.norm = nn.RMSNorm(width)
        self.narrow = nn.Linear(width, config.depth)
        self.line = nn.Linear(COLUMNS * config.depth + width, width)
        self.target = nn.Linear(width, width)
        self.line_layers = nn.ModuleList(LineLayer(width, config.heads, causal=True) for _ in range(config.line_layers))
        self.last_norm = nn.RMSNorm(width)
        self.expected = nn.Linear(width, width)
        self.dropout = nn.Dropout(config.dropout)
        self.sharpness = nn.Parameter(torch.tensor(math.log(SHARPNESS)))
        self.bias = nn.Parameter(torch.tensor(BIAS))

    def begin_from(self, flagship: Flagship) -> bool:
        """Takes over what a flagship knows of characters, where it is of one shape; whether it was."""
        alike = flagship.embedding.weight.shape == self.embedding.weight.shape
        if alike:
            self.embedding.load_state_dict(flagship.embedding.state_dict())
        return alike

    def forward(self, form: Form, ids: Tensor) -> Tensor:
        """Log odds that a line is the one that follows, of every line but the first: (batch, lines - 1).

        ids: (batch, places), the whole poem or its first lines, two or more.
        """
        return self.of_grid(FORMS.index(form), ids.view(len(ids), -1, form.columns))[:, :-1]

    def of_grid(self, form: int | Tensor, ids: Tensor) -> Tensor:  # (); (batch, line, column)
        """The same of the line after each: (batch, lines), of which the last says nothing."""
        return self.odds(*self.directions_of(form, ids))

    def odds(self, expected: Tensor, lines: Tensor) -> Tensor:
        """What `of_grid` says, of what `directions_of` does."""
        odds: Tensor = (expected * lines.roll(-1, 1)).sum(-1) * self.sharpness.exp() + self.bias
        return odds

    def loss(self, kindred: Kindred, progress: float) -> Losses:
        """Every line among those at its place in the other poems, but for lines that share a character with the poem, since
        poems repeat none. Reports nats a line, and the share of lines that are found."""
        expected, lines = self.directions(kindred.form, kindred.ids)
        odds = (
            torch.einsum("plw,olw->lpo", expected, lines) * self.sharpness.exp() + self.bias
        )  # (lines, poems, others)
        true = torch.eye(len(kindred.ids), dtype=torch.bool, device=odds.device)
        repeating = self._repeating(kindred)
        left_out, asked = (
            repeating & ~true,
            ~repeating.diagonal(dim1=1, dim2=2),
        )  # (lines, poems, others), (lines, poems)
        pairs = functional.logsigmoid(torch.where(true, odds, -odds)).masked_fill(left_out, 0.0).sum(2)
        log_p = odds.masked_fill(left_out, NEVER).log_softmax(2)
        own = log_p.diagonal(dim1=1, dim2=2)
        single, among, found = (
            (of * asked).sum() / asked.sum().clamp(min=1) for of in (-pairs, -own, (own >= log_p.amax(2)).float())
        )
        report = {"single": single, "among": among, "found": found}
        return Losses(single + among, {name: value.detach() for name, value in report.items()})

    def directions(self, form: Form, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Where each line but the first should lie by those before it, and where it lies, on the unit sphere: (batch, lines - 1,
        width) each."""
        expected, lines = self.directions_of(FORMS.index(form), ids.view(len(ids), -1, form.columns))
        return expected[:, :-1], lines[:, 1:]

    def directions_of(self, form: int | Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:  # (); (batch, line, column)
        """Where the line after each should lie, and where each lies: (batch, lines, width) each."""
        columns = ids.shape[2]
        x = self.dropout(self.embedding(ids) * EMBEDDING_SCALE + self.place(form, *ids.shape[1:]))
        for layer in self.along:
            x = layer(x)
        x = self.norm(x)  # (batch, line, column, width)
        places = functional.pad(self.narrow(x), (0, 0, COLUMNS - columns, 0)).flatten(2)  # the last columns aligned
        line = functional.gelu(self.line(torch.cat((places, x.mean(2)), -1)), approximate="tanh")
        so_far = self.dropout(line)
        for layer in self.line_layers:
            so_far = layer(so_far)
        expected = self.expected(self.last_norm(so_far))
        return _unit(expected), _unit(self.target(line))

    def _repeating(self, kindred: Kindred) -> Tensor:
        """Whether the line of one poem shares a character with another's other lines: (lines - 1, poems, others)."""
        ids = kindred.ids.view(len(kindred.ids), -1, kindred.form.columns)
        shape = (*ids.shape[:2], self.config.vocabulary)
        has = torch.zeros(shape, dtype=torch.bfloat16, device=ids.device).scatter_(2, ids, 1.0)
        following = has[:, 1:]
        with_poem = torch.einsum("olv,pv->lpo", following, has.sum(1))
        with_line = torch.einsum("olv,plv->lpo", following, following)
        return with_poem - with_line > 0.5


def _unit(x: Tensor) -> Tensor:
    return functional.normalize(x.float(), dim=-1)
