"""The flagship: a VAE whose decoder writes character by character, told beforehand what every place asks for.

Encoder: residual gated convolutions over the poem's grid, pooled; it reads any part of a poem. Guide: the same layers over
what is asked (form, tones, rhyme group, characters given), so that the decoder knows of a given last line while it writes
the first. Decoder: a small causal transformer with the code z brought into every layer (AdaLN, Peebles & Xie 2023,
arXiv:2212.09748). The ancestor's one-shot decoder stays on as a head that must guess the poem from z alone, which keeps z
alive (the bag-of-words loss of Zhao et al. 2017, with places; free bits after Kingma et al. 2016).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from vae import parallel
from vae.nets.aggregate import AggregatePosterior
from vae.nets.batch import COLUMNS, FORMS, FREE, LINES, TONES, Batch, Losses
from vae.nets.cross_entropy import linear_cross_entropy
from vae.nets.layers import (
    EMBEDDING_SCALE,
    ConvStack,
    FanOut,
    HashedPairs,
    PlaceEmbedding,
    Posterior,
    kl_divergence,
    narrowed,
    pool,
    reparameterise,
    warmed_up,
)
from vae.poem import Form


@dataclass(frozen=True, slots=True)
class FlagshipConfig:
    vocabulary: int
    rhyme_groups: int
    width: int = 192
    layers: int = 5
    heads: int = 4
    latent: int = 128
    encoder_layers: int = 4
    guide_layers: int = 4
    kl_weight: float = 0.85
    free_bits: float = 0.25
    one_shot_weight: float = 0.3
    word_dropout: float = 0.15
    dropout: float = 0.0
    pair_bits: int = 0
    pair_depth: int = 64
    pair_dropout: float = 0.0
    mlp: int = 4
    kind: str = "flagship"


@dataclass(slots=True)
class Cache:
    """Keys and values of the places written so far: for each layer (batch, heads, places, depth) twice."""

    layers: list[tuple[Tensor, Tensor]]
    last: Tensor  # (batch, 1) the character before the last of these places
    length: int = 0


class Block(nn.Module):
    """One pre-norm transformer layer, its norms scaled and shifted by z."""

    def __init__(self, config: FlagshipConfig) -> None:
        super().__init__()
        width = config.width
        self.heads, self.depth = config.heads, width // config.heads
        self.norm_attention = nn.RMSNorm(width, elementwise_affine=False)
        self.norm_mlp = nn.RMSNorm(width, elementwise_affine=False)
        self.modulate = FanOut(config.latent, 4 * width)
        self.norm_query, self.norm_key = nn.RMSNorm(self.depth), nn.RMSNorm(self.depth)
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, config.mlp * width)
        self.down = nn.Linear(config.mlp * width, width)
        self.dropout = nn.Dropout(config.dropout)
        for layer in (self.modulate, self.out, self.down):
            nn.init.zeros_(layer.weight)  # each block starts as the identity, and z silent
        nn.init.zeros_(self.modulate.bias)
        nn.init.zeros_(self.down.bias)

    def forward(self, x: Tensor, z: Tensor, cache: Cache | None = None, index: int = 0) -> Tensor:
        # x: (batch, places, width); z: (batch, places or 1, latent)
        scale_a, shift_a, scale_m, shift_m = self.modulate(z).chunk(4, dim=-1)
        x = x + self.dropout(self._attend(narrowed(self.norm_attention(x) * (1 + scale_a) + shift_a), cache, index))
        hidden = functional.gelu(self.up(self.norm_mlp(x) * (1 + scale_m) + shift_m), approximate="tanh")
        out: Tensor = x + self.dropout(self.down(hidden))
        return out  # (batch, places, width)

    def _attend(self, x: Tensor, cache: Cache | None, index: int) -> Tensor:  # (batch, places, width)
        query, key, value = (
            layer(x).unflatten(-1, (self.heads, self.depth)).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )  # (batch, heads, places, depth) each
        query, key = narrowed(self.norm_query(query)), narrowed(self.norm_key(key))
        if cache is not None:
            keys, values = cache.layers[index]
            end = cache.length + key.shape[2]
            keys[:, :, cache.length : end], values[:, :, cache.length : end] = key, value
            key, value = keys[:, :, :end], values[:, :, :end]
        # Written out, since the fused kernel's backward pass is slower on processors at sixty places.
        weights = query @ key.transpose(-1, -2) * self.depth**-0.5  # (batch, heads, places, places so far)
        if query.shape[2] > 1:
            ahead = torch.ones(weights.shape[-2:], dtype=torch.bool, device=x.device).triu(
                1 + key.shape[2] - query.shape[2]
            )
            weights = weights.masked_fill(ahead, -30000.0)
        mixed = weights.softmax(-1) @ value  # (batch, heads, places, depth)
        out: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return out  # (batch, places, width)


class Flagship(nn.Module):
    """p(x | z, what is asked) character by character, and q(z | any part of x)."""

    def __init__(self, config: FlagshipConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.embedding = nn.Embedding(config.vocabulary, width)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.encoder_place = PlaceEmbedding(len(FORMS), LINES, COLUMNS, width)
        self.encoder = ConvStack(width, config.encoder_layers)
        self.posterior = Posterior(2 * width, config.latent)
        self.guide_place = PlaceEmbedding(len(FORMS), LINES, COLUMNS, width)
        self.tone = nn.Embedding(TONES, width)
        self.rhyme = nn.Embedding(config.rhyme_groups + 1, width)
        nn.init.normal_(self.tone.weight, std=0.1)
        nn.init.normal_(self.rhyme.weight, std=0.1)
        self.guide = ConvStack(width, config.guide_layers)
        self.guide_whole = nn.Linear(2 * width, width, bias=False)
        nn.init.zeros_(self.guide_whole.weight)
        self.no_code = nn.Parameter(torch.zeros(config.latent))
        self.bring_in = nn.Linear(config.latent, width, bias=False)
        nn.init.zeros_(self.bring_in.weight)
        self.pairs = HashedPairs(config.pair_bits, config.pair_depth, width) if config.pair_bits else None
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = nn.RMSNorm(width)
        self.spread = FanOut(config.latent, LINES * COLUMNS * width)
        self.one_shot = ConvStack(width, 2)
        self.codes = AggregatePosterior(config.latent, config.rhyme_groups)

    def embed(self, ids: Tensor) -> Tensor:
        """(…, width): characters at the spread that the other inputs have."""
        embedded: Tensor = self.embedding(ids)
        return embedded * EMBEDDING_SCALE

    def encode(self, form: Form, ids: Tensor) -> tuple[Tensor, Tensor]:  # (batch, form.size); 0 hides a character
        """mu and logvar of q(z | what is visible): (batch, latent) each."""
        grid = self.embed(ids).view(len(ids), form.lines, form.columns, -1)  # (batch, line, column, width)
        grid = grid + self.encoder_place(FORMS.index(form), form.lines, form.columns)
        mu, logvar = self.posterior(pool(self.encoder(grid)))
        return mu, logvar

    def hints(self, form: Form, given: Tensor, tones: Tensor, rhyme: Tensor) -> Tensor:
        """What the decoder is told of each place before it writes: (batch, form.size, width).

        given: (batch, form.size) characters that stand already, 0 where none does; tones: (batch, form.size) as in
        Batch, FREE for nothing asked; rhyme: (batch,) group from 1, 0 for none asked.
        """
        grid = (-1, form.lines, form.columns)
        return self.hints_of_grid(FORMS.index(form), given.view(grid), tones.view(grid), rhyme)

    def hints_of_grid(self, form: int | Tensor, given: Tensor, tones: Tensor, rhyme: Tensor) -> Tensor:
        """The same of grids, (batch, line, column), and a form by its number in `FORMS`, ()."""
        cells = self.embed(given) * (given > 0).unsqueeze(-1) + self.tone(tones) + self.rhyme(rhyme)[:, None, None]
        told: Tensor = self.guide(cells + self.guide_place(form, *given.shape[1:]))
        # A few convolutions reach a few places; what stands further off is told to all places alike.
        hints: Tensor = told.flatten(1, 2) + self.guide_whole(pool(told))[:, None]
        return hints

    def decode(self, previous: Tensor, hints: Tensor, z: Tensor, cache: Cache | None = None) -> Tensor:
        """Hidden states of places in order: (batch, places, width).

        previous: (batch, places) the character before each place, 0 before the first; hints: (batch, places, width);
        z: (batch, places or 1, latent); with a cache, the places follow those already in it.
        """
        x = self.embed(previous) + hints + self.bring_in(z)
        if self.pairs is not None:
            before_these = torch.zeros_like(previous[:, :1]) if cache is None else cache.last
            met = self.pairs(torch.cat((before_these, previous[:, :-1]), 1), previous)
            x = x + self._dropped(met)
        for index, block in enumerate(self.blocks):
            x = block(x, z, cache, index)
        if cache is not None:
            cache.length += previous.shape[1]
            cache.last = previous[:, -1:]
        normed: Tensor = self.norm(x)
        return normed

    def _dropped(self, met: Tensor) -> Tensor:
        """Pairs go missing whole while the net learns, lest it should lean on them where it knows the poem by heart."""
        share = self.config.pair_dropout
        if not (self.training and share):
            return met
        return met * (torch.rand(met.shape[:2], device=met.device) >= share).unsqueeze(-1)

    def characters(self, hidden: Tensor) -> Tensor:
        """Unnormalised log probabilities: (…, vocabulary)."""
        return functional.linear(hidden, self.embedding.weight)

    def one_shot_hidden(self, form: Form, z: Tensor) -> Tensor:  # (batch, latent)
        """The ancestor's head: a hidden state for every place from z alone: (batch, form.size, width)."""
        cells = self.spread(z).view(len(z), LINES, COLUMNS, self.config.width)[:, : form.lines, : form.columns]
        hidden: Tensor = self.one_shot(cells + self.guide_place(FORMS.index(form), form.lines, form.columns))
        return hidden.flatten(1, 2)

    def new_cache(self, batch: int, places: int) -> Cache:
        weight = self.embedding.weight
        shape = (batch, self.config.heads, places, self.config.width // self.config.heads)
        nothing = torch.zeros(batch, 1, dtype=torch.long, device=weight.device)
        return Cache([(weight.new_zeros(shape), weight.new_zeros(shape)) for _ in self.blocks], nothing)

    def loss(self, batch: Batch, progress: float | Tensor) -> Losses:
        """Negative ELBO with free bits, plus the one-shot head's cross-entropy."""
        form, ids = batch.form, batch.ids
        mu, logvar = self.encode(form, ids * _visible(form, ids))
        z = reparameterise(mu, logvar)
        silent = torch.rand(len(ids), 1, device=ids.device) < 0.1
        code = torch.where(silent, self.no_code, z).unsqueeze(1)  # (batch, 1, latent)
        stands = _given(form, ids)
        hints = self.hints(form, ids * stands, *_asked(batch))
        dropped = torch.rand(ids.shape, device=ids.device) < self.config.word_dropout
        before = functional.pad((ids * ~dropped)[:, :-1], (1, 0))
        hidden = self.decode(before, hints, code)
        nats = self._nats(hidden, ids, ~stands)
        # A quarter of the places is enough to keep z honest, and spares a softmax over the rest.
        some = torch.randperm(form.size, device=ids.device)[: max(1, form.size // 4)]
        head = self._nats(self.one_shot_hidden(form, z)[:, some], ids[:, some])
        kl_units = kl_divergence(mu, logvar)  # (batch, latent)
        kl = parallel.mean(kl_units.sum(-1))
        bounded = parallel.mean(kl_units).clamp(min=self.config.free_bits).sum()
        beta = self.config.kl_weight * warmed_up(progress, 0.4, 0.25)
        total = nats + self.config.one_shot_weight * head + beta * bounded / form.size
        report = {"nats": nats, "one_shot": head, "kl": kl, "active": (mu.var(0) > 0.01).float().sum()}
        return Losses(total, {name: value.detach() for name, value in report.items()})

    def _nats(self, hidden: Tensor, ids: Tensor, counted: Tensor | None = None) -> Tensor:
        weights = None if counted is None else counted.flatten()
        return linear_cross_entropy(hidden.flatten(0, 1), self.embedding.weight, ids.flatten(), weights)


def _visible(form: Form, ids: Tensor) -> Tensor:
    """What the encoder sees: the whole poem (half the time), some of its lines, or some of its characters."""
    batch, device = len(ids), ids.device
    kind = torch.rand(batch, 1, device=device)
    few_lines = torch.rand(batch, form.lines, 1, device=device) < torch.rand(batch, 1, 1, device=device) * 0.6
    few_lines = few_lines.expand(-1, -1, form.columns).flatten(1)
    few_characters = torch.rand(ids.shape, device=device) < torch.rand(batch, 1, device=device) * 0.5
    return (kind < 0.5) | ((kind < 0.75) & few_lines) | ((kind >= 0.75) & few_characters)


def _given(form: Form, ids: Tensor) -> Tensor:
    """What stands before the decoder begins: nothing (half the time), one to three lines, or a few characters."""
    batch, device = len(ids), ids.device
    kind = torch.rand(batch, 1, device=device)
    lines = torch.rand(batch, form.lines, 1, device=device) < 1.5 / form.lines
    lines = lines.expand(-1, -1, form.columns).flatten(1)
    scattered = torch.rand(ids.shape, device=device) < torch.rand(batch, 1, device=device) * 0.25
    return ((kind > 0.5) & (kind < 0.75) & lines) | ((kind >= 0.75) & scattered)


def _asked(batch: Batch) -> tuple[Tensor, Tensor]:
    """Tones and rhyme group told to the decoder: all, none (a quarter of the poems), or some."""
    told = torch.rand(len(batch.ids), 1, device=batch.ids.device)
    share = ((told - 0.25) / 0.35).clamp(0, 1)
    tones = torch.where(torch.rand(batch.tones.shape, device=batch.ids.device) < share, batch.tones, FREE)
    return tones, batch.rhyme * (torch.rand(len(batch.ids), device=batch.ids.device) < share[:, 0])
