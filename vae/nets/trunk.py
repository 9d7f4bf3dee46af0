"""The layers of the flagship's decoder arranged for writing: the same function as in `Flagship.decode`, at less cost.

Query, key and value are one matrix, what a layer's norms hold is folded into it, and weights are cast once. What is
remembered of earlier places is the caller's business (`attend`), and so is how many rows there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from vae.nets.alone import SUMMED
from vae.nets.flagship import Block, Flagship
from vae.nets.layers import EMBEDDING_SCALE, pairs_met

TINY = 1e-6
BLOCK = 16
"""Rows that oneDNN is told to expect; any number may come."""

Attend = Callable[[int, Tensor, Tensor, Tensor, Tensor], Tensor]
"""What a place takes from those before it and itself, (rows, heads, depth), of a layer's index, the query, (rows, heads, depth), and
its length, (rows, heads, 1), which it is still to be divided by, the key and the value, as large as the query."""


class Product(nn.Module):
    """x @ weight.T + bias, and what follows it.

    For bf16 on processors the matrix is stored in blocks as oneDNN reads them, and what follows is part of the product:
    a fifth of a step's time. Torch has that for its own compiler and keeps it in a corner; elsewhere, and where a compiler
    is to see what is done (`fuse` off), it is spelled out.
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(self, weight: Tensor, bias: Tensor | None, dtype: torch.dtype, *, fuse: bool = True) -> None:
        super().__init__()
        self.fuse = fuse
        corner = torch.ops.mkldnn if fuse and weight.device.type == "cpu" and dtype == torch.bfloat16 else None
        self.fused = corner._linear_pointwise if corner and hasattr(corner, "_linear_pointwise") else None
        weight = weight.to(dtype)
        if corner and self.fused:
            weight = corner._reorder_linear_weight(weight, BLOCK)
        self.register_buffer("weight", weight)
        self.register_buffer("bias", None if bias is None else bias.to(dtype))

    def of(self, x: Tensor) -> Tensor:
        return self._fused(x, "none", "") if self.fused else functional.linear(x, self.weight, self.bias)

    def gelu(self, x: Tensor) -> Tensor:
        if self.fused:
            return self._fused(x, "gelu", "tanh")
        return functional.gelu(self.of(x), approximate="tanh")

    def added_to(self, y: Tensor, x: Tensor) -> Tensor:
        """y + the product of x."""
        if not self.fused:
            return y + self.of(x)
        found: Tensor = self.fused.binary(x, y, self.weight, self.bias, "add")
        return found

    def _fused(self, x: Tensor, then: str, how: str) -> Tensor:
        assert self.fused
        found: Tensor = self.fused(x, self.weight, self.bias, then, [], how)
        return found


class _Layer(nn.Module):
    """A block's matrices. Norms are folded: x / |x| times a scale that holds the square root of the width."""

    sharpness: Tensor

    def __init__(self, block: Block, product: Callable[[Tensor, Tensor | None], Product]) -> None:
        super().__init__()
        # Of the norms of query and key only the product of their weights matters, with the attention's own scale.
        self.register_buffer("sharpness", block.norm_query.weight * block.norm_key.weight * block.depth**0.5)
        # Head by head, so that all that attention does can be one loop over rows and heads.
        parts = (block.query.weight, block.key.weight, block.value.weight)
        by_head = torch.stack([part.view(block.heads, block.depth, -1) for part in parts], 1)
        self.into = product(by_head.flatten(0, 2), None)
        self.out, self.up = product(block.out.weight, None), product(block.up.weight, block.up.bias)
        pieces = enumerate(torch.split(block.down.weight, SUMMED, 1))
        self.down = nn.ModuleList(product(piece, None if i else block.down.bias) for i, piece in pieces)


class Trunk(nn.Module):
    """A copy of the layers' weights, in a type of their own."""

    @torch.no_grad()
    def __init__(self, net: Flagship, dtype: torch.dtype, *, fuse: bool = True) -> None:
        super().__init__()
        product = partial(Product, dtype=dtype, fuse=fuse)
        self.dtype, self.width, self.heads = dtype, net.config.width, net.config.heads
        self.layers = nn.ModuleList(_Layer(block, product) for block in net.blocks if isinstance(block, Block))
        self.pairs = None if net.pairs is None else product(net.pairs.bring_in.weight * EMBEDDING_SCALE, None)

    def enter(self, told: Tensor, earlier: Tensor, previous: Tensor, embedding: Tensor, *tables: Tensor) -> Tensor:
        """What the layers begin with: (…, width).

        told: (…, width) what each place is told; earlier, previous: (…,) the characters two places before and one;
        embedding: (vocabulary, width); tables: those of pairs (`HashedPairs`), where the net has any.
        """
        x = torch.add(told, functional.embedding(previous, embedding), alpha=EMBEDDING_SCALE)
        return x if self.pairs is None else self.pairs.added_to(x, pairs_met(earlier, previous, tables))

    def through(self, x: Tensor, code: Sequence[Sequence[Tensor]], attend: Attend) -> Tensor:  # (rows, width)
        """The layers, and the last norm but for its scale: (rows, width).

        code: what each layer hears of it, scale and shift before attention and before the MLP, (rows, width) each.
        """
        for index, (layer, (scale_a, shift_a, scale_m, shift_m)) in enumerate(zip(self.layers, code, strict=True)):
            assert isinstance(layer, _Layer)
            heard = torch.addcmul(shift_a, _unit(x), scale_a)
            # Small attention is quicker in float32: torch's bf16 kernels for it are slow on processors.
            parts = layer.into.of(heard).float().view(-1, self.heads, 3, self.width // self.heads)
            query, key, value = parts.unbind(2)
            mixed = attend(index, query, _length(query), _unit(key) * layer.sharpness, value)
            x = layer.out.added_to(x, mixed.to(self.dtype).reshape(-1, self.width))
            heard = torch.addcmul(shift_m, _unit(x), scale_m)
            hidden = layer.up.gelu(heard)
            for down, part in zip(layer.down, torch.split(hidden, SUMMED, -1), strict=True):
                x = down.added_to(x, part)  # type: ignore[operator]
        return _unit(x)


def by_layer(code: Tensor) -> list[tuple[Tensor, ...]]:
    """What `Trunk.through` takes of the code, from (layers, 4, rows, width)."""
    return [layer.unbind(0) for layer in code.unbind(0)]


def all_at_once(rows: int, places: int, kept: list[Tensor] | None = None) -> Attend:
    """For tokens that are all places of every row: each takes from those before it in its row and itself.

    kept: where each layer's keys and values go, (2, rows, heads, places, depth).
    """

    def attend(_: int, query: Tensor, length: Tensor, key: Tensor, value: Tensor) -> Tensor:
        parts = (query / length, key, value)
        query, key, value = (each.view(rows, places, *each.shape[1:]).transpose(1, 2) for each in parts)
        if kept is not None:
            kept.append(torch.stack((key, value)))
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True, scale=1.0)
        return mixed.transpose(1, 2)

    return attend


def last_product(net: Flagship, dtype: torch.dtype, *, fuse: bool = True) -> Product:
    """What makes scores of the characters of what comes through the trunk; the last norm's scale is in it."""
    return Product((net.embedding.weight * net.norm.weight * net.config.width**0.5).detach(), None, dtype, fuse=fuse)


def _unit(x: Tensor) -> Tensor:
    return x / _length(x)  # same shape


def _length(x: Tensor) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(x, dim=-1, keepdim=True).clamp_min(TINY)
    return length  # (…, 1)
