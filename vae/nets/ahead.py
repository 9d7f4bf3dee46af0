"""Modules compiled ahead for one machine: a shared library that is loaded without the compiler.

What a net does for one place of a poem is hundreds of small operations, and setting each up takes longer than its
arithmetic. Torch's compiler (Inductor, Ansel et al. 2024, doi:10.1145/3620665.3640366) makes a few loops and products of them.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.export import Dim, export

from vae.nets.batch import COLUMNS, LINES
from vae.thrift import give_back_pages

LEAST = 4
"""The smallest size that may vary: the compiler takes sizes of 0 and 1 for constants, and those next to them may come to that."""
BOUNDS = {"lines": (2, LINES), "columns": (LEAST, COLUMNS)}
"""Of sizes by their names; others have none above."""

Inputs = Iterator[tuple[Tensor, Sequence[str | None]]]
"""What a module is called with, of the sizes to tune for, and for each dimension its name where it may vary; those of one name
vary together. Each input must be a tensor of its own: what is given twice is taken for one input."""


@torch.no_grad()
def compile_ahead(module: nn.Module, inputs: Inputs, to: Path) -> None:
    """Writes a module as a library.

    Needs a C++ compiler; raises what torch does where it cannot.
    """
    from torch._inductor import aot_compile  # noqa: PLC0415 - seconds, and a hundred megabytes of modules

    tensors, sizes = zip(*inputs, strict=True)
    names = {name for of_input in sizes for name in of_input if name}
    bounded = ((name, *BOUNDS.get(name, (LEAST, None))) for name in names)
    named = {name: Dim(name, min=least, max=most) for name, least, most in bounded}
    shapes = tuple({i: named[name] for i, name in enumerate(of_input) if name} for of_input in sizes)
    exported = export(_Called(module.eval()), tensors, dynamic_shapes=(shapes,))
    options = {
        "aot_inductor.output_path": str(to),
        "freezing": True,  # weights are constants, laid out as the products want them
        "max_autotune": True,
        "max_autotune_gemm_backends": "CPP",  # products of its own, which what follows can become part of
        "cpp.enable_floating_point_contract_flag": "fast",  # products and sums at once
        "cpp.dynamic_threads": True,
        "autotune_num_choices_displayed": 0,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # torch's, of itself
        quicker = exported.run_decompositions(_QUICKER)
    aot_compile(quicker.module(), tensors, options=options)


def _tanh(x: Tensor) -> Tensor:
    """Lambert's continued fraction, cut off after nine steps: within 6e-6. Torch calls a function for every few numbers, half of what a
    net's activation takes."""
    x = x.clamp(-6.2, 6.2)
    y = x * x
    over = x * (34459425 + y * (4729725 + y * (135135 + y * (990 + y))))
    return over / (34459425 + y * (16216200 + y * (945945 + y * (13860 + y * 45))))


def _sigmoid(x: Tensor) -> Tensor:
    return _tanh(x.float() / 2).to(x.dtype) / 2 + 0.5


def _gelu(x: Tensor, approximate: str = "none") -> Tensor:
    assert approximate == "tanh"
    single = x.float()
    return (single / 2 * (1 + _tanh((2 / math.pi) ** 0.5 * (single + 0.044715 * single**3)))).to(x.dtype)


_aten = torch.ops.aten
_QUICKER = {_aten.tanh.default: _tanh, _aten.sigmoid.default: _sigmoid, _aten.gelu.default: _gelu}
"""What the compiler is to make of some operations."""


class _Called(nn.Module):
    """A module that takes any number of inputs, whatever the names of the one within."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        found: Tensor | tuple[Tensor, ...] = self.module(*inputs)
        return found


class Library:
    """What `compile_ahead` has written, loaded. Raises RuntimeError for what cannot be."""

    def __init__(self, path: Path) -> None:
        from torch._C._aoti import AOTIModelContainerRunnerCpu  # noqa: PLC0415 - torch keeps it in a corner

        if torch.cpu.get_capabilities().get("amx_tile"):
            torch.cpu._init_amx()  # the system must be asked for matrix units
        self._runner = AOTIModelContainerRunnerCpu(str(path), 1)
        give_back_pages(path)  # it has made a copy of its constants

    def __call__(self, *inputs: Tensor) -> list[Tensor]:
        """The module's outputs; inputs must be contiguous, and of its types."""
        found: list[Tensor] = self._runner.run(list(inputs))
        return found
