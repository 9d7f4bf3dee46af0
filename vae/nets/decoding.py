"""The flagship's decoder as it writes: the same function as `Flagship.decode`, arranged so that a step costs little.

What is constant over a poem (the code in every layer, what each place asks for) is computed once a poem; query, key and
value are one matrix; weights are cast once, to bf16 where the device has units for it; keys and values stand in buffers of
their final size.

Rows stand alone (`vae.nets.alone`); all that is no product works on each row by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from vae.nets.alone import FLOAT_GRAIN, SUMMED, filled, grain_of, quick_dtype, standing_alone
from vae.nets.flagship import Block, Flagship
from vae.nets.layers import EMBEDDING_SCALE
from vae.poem import Form

TINY = 1e-6
SLICE = 16
"""Places scored at a time: their scores over the vocabulary stay in the processor's cache."""
BLOCK = 16
"""Rows that oneDNN is told to expect; any number may come."""


class _Product:
    """x @ weight.T + bias, and what follows it.

    For bf16 on processors the matrix is stored in blocks as oneDNN reads them, and what follows is part of the product:
    a fifth of a step's time. Torch has that for its own compiler and keeps it in a corner; elsewhere it is spelled out.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None, dtype: torch.dtype) -> None:
        self.weight, self.bias = weight.to(dtype), None if bias is None else bias.to(dtype)
        corner = torch.ops.mkldnn if weight.device.type == "cpu" and dtype == torch.bfloat16 else None
        self.fused = corner._linear_pointwise if corner and hasattr(corner, "_linear_pointwise") else None
        if corner and self.fused:
            self.weight = corner._reorder_linear_weight(self.weight, BLOCK)

    def __call__(self, x: Tensor) -> Tensor:
        return self._fused(x, "none", "") if self.fused else functional.linear(x, self.weight, self.bias)

    def gelu(self, x: Tensor) -> Tensor:
        return self._fused(x, "gelu", "tanh") if self.fused else functional.gelu(self(x), approximate="tanh")

    def added_to(self, y: Tensor, x: Tensor) -> Tensor:
        """y + the product of x."""
        if not self.fused:
            return y + self(x)
        found: Tensor = self.fused.binary(x, y, self.weight, self.bias, "add")
        return found

    def _fused(self, x: Tensor, then: str, how: str) -> Tensor:
        assert self.fused
        found: Tensor = self.fused(x, self.weight, self.bias, then, [], how)
        return found


class _Layer:
    """A block's matrices. Norms are folded: x / |x| times a scale that holds the square root of the width."""

    def __init__(self, block: Block, dtype: torch.dtype) -> None:
        into = torch.cat((block.query.weight, block.key.weight, block.value.weight))
        # Of the norms of query and key only the product of their weights matters, with the attention's own scale.
        self.sharpness = block.norm_query.weight * block.norm_key.weight * block.depth**0.5
        self.into, self.out = _Product(into, None, dtype), _Product(block.out.weight, None, dtype)
        self.up = _Product(block.up.weight, block.up.bias, dtype)
        pieces = enumerate(torch.split(block.down.weight, SUMMED, 1))
        self.down = [_Product(piece, None if i else block.down.bias, dtype) for i, piece in pieces]


@dataclass(slots=True)
class Writing:
    """Poems being written: what the decoder keeps of them between one place and the next.

    told: (rows, places, width) what is added to the character before; code: what the code says in each layer,
    (rows, 4, width) each; keys, values: for each layer (rows, heads, places, depth); earlier: (rows,) the character two
    places before the next. Rows that have come to their end are cut off the code and earlier.
    """

    told: Tensor
    code: list[tuple[Tensor, ...]]
    keys: list[Tensor]
    values: list[Tensor]
    earlier: Tensor
    place: int = 0


class Decoder:
    """A view of a flagship's weights, made once, for as long as they do not change."""

    @torch.no_grad()
    def __init__(self, net: Flagship, dtype: torch.dtype | None = None) -> None:
        self.net, self.heads, self.width = net, net.config.heads, net.config.width
        self.depth = self.width // self.heads
        self.dtype = dtype or quick_dtype(net.embedding.weight.device)
        self.grain = grain_of(self.dtype)
        self.quick = standing_alone(net, self.dtype)
        blocks = [block for block in net.blocks if isinstance(block, Block)]
        self.layers = [_Layer(block, self.dtype) for block in blocks]
        self.modulate = torch.cat([block.modulate.weight for block in blocks])
        self.modulate_bias = torch.cat([block.modulate.bias for block in blocks])
        self.embedding = self.quick.embedding.weight
        self.characters = _Product(net.embedding.weight * net.norm.weight * self.width**0.5, None, self.dtype)
        brought = None if net.pairs is None else net.pairs.bring_in.weight * EMBEDDING_SCALE
        self.pairs = None if brought is None else _Product(brought, None, self.dtype)
        self.silence = self._code(net.no_code[None])
        self.nobody = net.bring_in(net.no_code)

    def hints(self, form: Form, given: Tensor, tones: Tensor, rhyme: Tensor) -> Tensor:
        """As `Flagship.hints`, for drafts, of which several rows may be written: (drafts, form.size, width)."""
        count = len(given)
        given, tones, rhyme = (filled(part, self.grain) for part in (given, tones, rhyme))
        return self.quick.hints(form, given, tones, rhyme)[:count]

    def begin(self, hints: Tensor, z: Tensor) -> Writing:
        """hints: (rows, places, width); z: (rows, latent)."""
        hints, z = filled(hints, self.grain), filled(z, self.grain)
        rows, places, _ = hints.shape
        shape = (rows, self.heads, places, self.depth)
        brought = self.net.bring_in(filled(z, FLOAT_GRAIN))[:rows]  # the code stays in float32
        told = (hints + brought[:, None]).to(self.dtype)
        keys, values = ([torch.zeros(shape, device=z.device) for _ in self.layers] for _ in range(2))
        return Writing(told, self._code(z), keys, values, torch.zeros(rows, dtype=torch.long, device=z.device))

    def step(self, writing: Writing, previous: Tensor) -> Tensor:
        """What `scores` takes for the next place, given the character before it, (rows,): (rows, width).

        Poems that have come to their end are left out: fewer rows may come than before, the first of them.
        """
        place, count = writing.place, len(previous)
        previous = filled(previous, self.grain)
        rows = len(previous)
        writing.place += 1

        def attend(index: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:  # (rows, heads, depth) each
            keys, values = writing.keys[index][:rows], writing.values[index][:rows]
            keys[:, :, place], values[:, :, place] = key, value
            keys, values = (part.view(-1, part.shape[2], self.depth)[:, : place + 1] for part in (keys, values))
            scores = torch.bmm(query.reshape(-1, 1, self.depth), keys.mT)
            return torch.bmm(scores.softmax(-1), values)  # (rows x heads, 1, depth)

        x = self._met(writing.told[:rows, place], writing.earlier[:rows], previous)
        if rows < len(writing.earlier):
            writing.code = [tuple(part[:rows] for part in layer) for layer in writing.code]
        writing.earlier = previous
        return self._through(x, writing.code, attend)[:count]

    def scores(self, hidden: Tensor) -> Tensor:
        """Unnormalised log probabilities: (rows, vocabulary), float32."""
        return self.characters(filled(hidden, self.grain)).float()[: len(hidden)]

    def without_code(self, hints: Tensor, ids: Tensor) -> Tensor:
        """log p of each character given those before it, by a decoder that has not heard the code: (rows, places)."""
        count = len(ids)
        hints, ids = filled(hints, self.grain), filled(ids, self.grain)
        rows, places = ids.shape

        def attend(_: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:  # (tokens, heads, depth) each
            query, key, value = (
                part.view(rows, places, self.heads, -1).transpose(1, 2) for part in (query, key, value)
            )
            mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True, scale=1.0)
            return mixed.transpose(1, 2)

        before = functional.pad(ids[:, :-1], (1, 0))
        told = (hints + self.nobody).to(self.dtype)
        x = self._met(told, functional.pad(before[:, :-1], (1, 0)), before)
        hidden = self._through(x.flatten(0, 1), self.silence, attend)
        found = [
            self.scores(some).log_softmax(-1).gather(1, of)
            for some, of in zip(torch.split(hidden, SLICE), torch.split(ids.flatten()[:, None], SLICE), strict=True)
        ]
        return torch.cat(found).view(rows, places)[:count]

    def _met(self, told: Tensor, earlier: Tensor, previous: Tensor) -> Tensor:
        """What the layers begin with: what each place is told, and the characters before it: (…, width)."""
        x = torch.add(told, functional.embedding(previous, self.embedding), alpha=EMBEDDING_SCALE)
        if self.quick.pairs is None or self.pairs is None:
            return x
        return self.pairs.added_to(x, self.quick.pairs.met(earlier, previous))

    def _code(self, z: Tensor) -> list[tuple[Tensor, ...]]:
        """What each layer hears of the code: scale and shift before attention, and before the MLP, (rows, width) each."""
        count, z = len(z), filled(z, FLOAT_GRAIN)
        told = functional.linear(z, self.modulate, self.modulate_bias)[:count].view(count, -1, 4, self.width)
        told[:, :, 0::2] = (told[:, :, 0::2] + 1) * self.width**0.5
        return [layer.contiguous().unbind(0) for layer in told.to(self.dtype).permute(1, 2, 0, 3)]

    def _through(
        self, x: Tensor, code: list[tuple[Tensor, ...]], attend: Callable[[int, Tensor, Tensor, Tensor], Tensor]
    ) -> Tensor:  # (tokens, width)
        """The layers, and the last norm but for its scale: (tokens, width). attend: mixes the values of other places."""
        for index, (layer, (scale_a, shift_a, scale_m, shift_m)) in enumerate(zip(self.layers, code, strict=True)):
            heard = torch.addcmul(shift_a, _unit(x), scale_a)
            # Small attention is quicker in float32: torch's bf16 kernels for it are slow on processors.
            parts = layer.into(heard).float().view(-1, 3, self.heads, self.depth)
            query, key = _unit(parts[:, :2]).unbind(1)
            mixed = attend(index, query * layer.sharpness, key, parts[:, 2]).reshape(-1, self.width).to(self.dtype)
            x = layer.out.added_to(x, mixed)
            heard = torch.addcmul(shift_m, _unit(x), scale_m)
            hidden = layer.up.gelu(heard)
            for down, part in zip(layer.down, torch.split(hidden, SUMMED, -1), strict=True):
                x = down.added_to(x, part)
        return _unit(x)


def _unit(x: Tensor) -> Tensor:
    unit: Tensor = x / torch.linalg.vector_norm(x, dim=-1, keepdim=True).clamp_min_(TINY)
    return unit  # same shape
