"""Rows that stand alone: what makes a row come out the same to the bit whatever is computed beside it, on processors.

So a poem is the same alone and in any batch. Products that add up few inputs have that property (longer sums are cut where
the number of rows suggests it to the library, so they are cut here first): in bf16 for any number of rows, in float32 for
multiples of sixteen (MKL has other kernels for fewer, which add up in another order). It holds for one number of threads.
"""

from __future__ import annotations

import copy
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

FLOAT_GRAIN = 16
"""A row of a product in float32 comes out alike in any multiple of so many rows."""
SUMMED = 384
"""Inputs that one product adds up: up to 400 were found to come out alike in any number of rows, 512 not."""

_Net = TypeVar("_Net", bound=nn.Module)


def quick_dtype(device: torch.device) -> torch.dtype:
    """The type that matrix products are fastest in: bf16 where the device has units for it, float32 elsewhere."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    able = torch.cpu.get_capabilities()
    return torch.bfloat16 if able.get("avx512_bf16") or able.get("amx_bf16") else torch.float32


def grain_of(dtype: torch.dtype) -> int:
    """Rows that must be computed together at least."""
    return 1 if dtype == torch.bfloat16 else FLOAT_GRAIN


def standing_alone(net: _Net, dtype: torch.dtype = torch.float32, products: torch.dtype | None = None) -> _Net:
    """A copy in another type whose sums are cut; where that is float32, it shares the weights.

    products: the type that linear layers of more than one output are multiplied in, all else being done in `dtype`.
    """
    # Each weight cast by itself, lest the whole net should lie in memory twice over while it is copied.
    weights = {id(each): nn.Parameter(each.detach().to(dtype), each.requires_grad) for each in net.parameters()}
    copied = copy.deepcopy(net, weights).to(dtype)
    for module in list(copied.modules()):
        for name, layer in list(module.named_children()):
            if not isinstance(layer, nn.Linear):
                continue
            if layer.in_features > SUMMED or (products and layer.out_features > 1):
                module.add_module(name, _CutLinear(layer, products or dtype))
    return copied


def filled(rows: Tensor, grain: int) -> Tensor:
    """With copies of the first row up to a multiple of `grain` rows."""
    missing = -len(rows) % grain
    return torch.cat((rows, rows[:1].expand(missing, *rows.shape[1:]))) if missing else rows


class _CutLinear(nn.Module):
    """A linear layer whose sums are cut, and multiplied in a type of their own."""

    def __init__(self, whole: nn.Linear, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype
        self.weights = torch.split(whole.weight.detach().to(dtype), SUMMED, 1)
        self.bias = None if whole.bias is None else whole.bias.detach().to(dtype)

    def forward(self, x: Tensor) -> Tensor:  # (…, inputs)
        if len(self.weights) == 1:
            return functional.linear(x.to(self.dtype), self.weights[0], self.bias).to(x.dtype)
        # Flat, or else torch's compiler takes each part for a batch of matrices.
        first, *others = torch.split(x.flatten(0, -2).to(self.dtype), SUMMED, -1)
        found: Tensor = functional.linear(first, self.weights[0], self.bias).to(x.dtype)
        for part, weight in zip(others, self.weights[1:], strict=True):
            found = found + functional.linear(part, weight)
        return found.view(*x.shape[:-1], -1)  # (…, outputs)
