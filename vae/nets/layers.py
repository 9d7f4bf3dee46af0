"""The layers that both nets are built from."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


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
        value, gate = self.conv(self._neighbours(self.norm(x))).chunk(2, dim=-1)
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

    def forward(self, form: int, lines: int, columns: int) -> Tensor:
        grid = self.line.weight[:lines, None] + self.column.weight[None, :columns]
        return grid + self.form.weight[form]  # (line, column, width)


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


class AggregatePosterior(nn.Module):
    """Where the codes of a form's poems lie: a Gaussian fitted after training, N(0, I) until then.

    With a KL of some tens of nats the prior has holes where no poem is; codes for unseeded poems are drawn from here.
    """

    mean: Tensor  # (form, latent)
    spread: Tensor  # (form, latent, latent), lower triangular

    def __init__(self, forms: int, latent: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(forms, latent))
        self.register_buffer("spread", torch.eye(latent).repeat(forms, 1, 1))

    def sample(self, form: int, noise: Tensor) -> Tensor:  # (batch, latent) drawn from N(0, I)
        return self.mean[form] + noise @ self.spread[form].T  # (batch, latent)

    def fit(self, form: int, mu: Tensor, logvar: Tensor) -> None:  # (poems, latent) each
        """From the posteriors of many poems of a form."""
        covariance = torch.cov(mu.T) + torch.diag(logvar.exp().mean(0))
        self.mean[form] = mu.mean(0)
        self.spread[form] = torch.linalg.cholesky(covariance)
