"""The layers that both nets are built from."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

EMBEDDING_SCALE = 16.0
"""Embeddings of spread 0.02 times this have the spread of the other inputs."""


def narrowed(x: Tensor) -> Tensor:
    """x in the type that autocast multiplies in, x itself outside of it: cast once what several operations read."""
    kind = x.device.type
    return x.to(torch.get_autocast_dtype(kind)) if torch.is_autocast_enabled(kind) else x


class FanOut(nn.Linear):
    """A matrix whose outputs are far wider than its inputs; Muon, which evens out a matrix's directions, is not for it."""


class GatedConv(nn.Module):
    """Residual gated convolution over the poem's (line, column) grid: x + a * sigmoid(b), (a, b) = conv(norm(x)).

    After Dauphin et al. 2017 (arXiv:1612.08083). A cell sees itself and `reach` neighbours either way along the line,
    across the lines, or both; the convolution is written as one matrix product over the shifted grids, which is what
    processors are best at and what Muon can train.
    """

    def __init__(self, width: int, along: int = 1, across: int = 0) -> None:
        super().__init__()
        self.along, self.across = along, across
        neighbours = (2 * along + 1) * (2 * across + 1)
        self.norm = nn.RMSNorm(width)
        self.conv = nn.Linear(neighbours * width, 2 * width)

    def forward(self, x: Tensor) -> Tensor:  # (batch, line, column, width)
        value, gate = self.conv(self._neighbours(narrowed(self.norm(x)))).chunk(2, dim=-1)
        out: Tensor = x + value * gate.sigmoid()
        return out  # same shape

    def _neighbours(self, x: Tensor) -> Tensor:  # (batch, line, column, width)
        lines, columns = x.shape[1], x.shape[2]
        padded = functional.pad(x, (0, 0, self.along, self.along, self.across, self.across))
        shifted = [
            padded[:, i : i + lines, j : j + columns]
            for i in range(2 * self.across + 1)
            for j in range(2 * self.along + 1)
        ]
        return torch.cat(shifted, dim=-1)  # (batch, line, column, neighbours * width)


class ConvStack(nn.Module):
    """Gated convolutions by turns along the lines and across them, so that few layers see the whole poem."""

    def __init__(self, width: int, layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(GatedConv(width, *((1, 0) if i % 2 == 0 else (0, 1))) for i in range(layers))
        self.norm = nn.RMSNorm(width)

    def forward(self, x: Tensor) -> Tensor:  # (batch, line, column, width)
        for layer in self.layers:
            x = layer(x)
        normed: Tensor = self.norm(x)
        return normed  # same shape


class PlaceEmbedding(nn.Module):
    """A vector for each place of a form's grid: the sum of its form's, its line's and its column's."""

    def __init__(self, forms: int, lines: int, columns: int, width: int) -> None:
        super().__init__()
        self.form = nn.Embedding(forms, width)
        self.line = nn.Embedding(lines, width)
        self.column = nn.Embedding(columns, width)
        for table in (self.form, self.line, self.column):
            nn.init.normal_(table.weight, std=0.1)

    def forward(self, form: int | Tensor, lines: int, columns: int) -> Tensor:  # form: ()
        grid = self.line.weight[:lines, None] + self.column.weight[None, :columns]
        return grid + self.form.weight[form]  # (line, column, width)


class LineLayer(nn.Module):
    """One pre-norm transformer layer over lines: each sees every other, or, where it is causal, those before it and itself."""

    def __init__(self, width: int, heads: int, *, causal: bool = False) -> None:
        super().__init__()
        self.causal = causal
        self.norm_attention, self.norm_mlp = nn.RMSNorm(width), nn.RMSNorm(width)
        self.heads, self.depth = heads, width // heads
        self.mix = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        for layer in (self.out, self.down):
            nn.init.zeros_(layer.weight)  # each layer starts as the identity

    def forward(self, x: Tensor) -> Tensor:  # (batch, lines, width)
        mixed = self.mix(self.norm_attention(x)).unflatten(-1, (3 * self.heads, self.depth)).transpose(1, 2)
        query, key, value = mixed.chunk(3, dim=1)  # (batch, heads, lines, depth)
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=self.causal)
        x = x + self.out(seen.transpose(1, 2).flatten(2))
        out: Tensor = x + self.down(functional.gelu(self.up(self.norm_mlp(x)), approximate="tanh"))
        return out  # same shape


class HashedPairs(nn.Module):
    """What usually follows two characters: a vector for each pair of neighbours, met where their hashes lead.

    Rows are shared by chance (hash embeddings, Svenstrup et al. 2017), so that two tables, hashed apart, tell more pairs
    from each other than they have rows. Knowledge that costs no arithmetic: a look-up instead of layers (Huang et al. 2025,
    arXiv:2501.16975). Silent until it is trained.
    """

    MULTIPLIERS = (0x9E3779B1, 0x85EBCA77)  # odd, bits well mixed (Knuth, The Art of Computer Programming 6.4)

    def __init__(self, bits: int, depth: int, width: int) -> None:
        super().__init__()
        tables = [nn.Embedding(1 << bits, depth) for _ in self.MULTIPLIERS]
        for table in tables:
            nn.init.normal_(table.weight, std=0.02)
        self.tables = nn.ModuleList(tables)
        self.bring_in = nn.Linear(len(self.MULTIPLIERS) * depth, width, bias=False)
        nn.init.zeros_(self.bring_in.weight)

    def forward(self, earlier: Tensor, previous: Tensor) -> Tensor:
        """earlier, previous: (…,) ids of the character two places before and of the one before; (…, width)."""
        out: Tensor = self.bring_in(self.met(earlier, previous) * EMBEDDING_SCALE)
        return out

    def met(self, earlier: Tensor, previous: Tensor) -> Tensor:
        """What the tables hold of a pair: (…, tables * depth)."""
        return pairs_met(earlier, previous, self.weights)

    @property
    def weights(self) -> list[Tensor]:
        """The tables, (2 ** bits, depth) each."""
        return [table.weight for table in self.tables if isinstance(table, nn.Embedding)]


def pairs_met(earlier: Tensor, previous: Tensor, tables: Sequence[Tensor]) -> Tensor:
    """What tables of `HashedPairs`, (2 ** bits, depth) each, hold of a pair: (…, tables * depth)."""
    pair, bits = earlier << 16 | previous, len(tables[0]).bit_length() - 1
    hashes = ((pair * by & 0xFFFFFFFF) >> 32 - bits for by in HashedPairs.MULTIPLIERS)
    return torch.cat([functional.embedding(hashed, table) for hashed, table in zip(hashes, tables, strict=True)], -1)


def pool(x: Tensor) -> Tensor:  # (batch, line, column, width)
    """Mean and maximum over the grid: (batch, 2 * width)."""
    return torch.cat((x.mean((1, 2)), x.amax((1, 2))), dim=-1)


class Posterior(nn.Module):
    """The two heads for the mean and the log variance of q(z | x)."""

    def __init__(self, width: int, latent: int) -> None:
        super().__init__()
        self.mu = nn.Linear(width, latent)
        self.logvar = nn.Linear(width, latent)
        nn.init.zeros_(self.logvar.weight)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:  # (batch, width)
        # Bounded, since a single early step can send exp(logvar) beyond any float.
        return self.mu(x).float(), self.logvar(x).float().clamp(-8, 4)  # (batch, latent) each


def reparameterise(mu: Tensor, logvar: Tensor) -> Tensor:
    """z = mu + exp(logvar / 2) * eps, eps ~ N(0, I): (batch, latent)."""
    return mu + torch.exp(logvar / 2) * torch.randn_like(mu)


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mu, sigma^2) || N(0, I)) of each unit in nats, in closed form: (batch, latent)."""
    return -0.5 * (1 + logvar - mu.square() - logvar.exp())


def warmed_up(progress: float | Tensor, begin: float, rise: float) -> float | Tensor:
    """The share of its weight that a term has: from `begin`, at a pace that would take it from 0 to 1 in `rise` of the run."""
    share = begin + progress / rise
    return share.clamp(max=1.0) if isinstance(share, Tensor) else min(1.0, share)
