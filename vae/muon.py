"""Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon) for a GPU: matrices of one shape take their step together.

A net of some sixty small matrices keeps a GPU waiting for a thousand launches a step when each is orthogonalised by itself.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

_STEPS = 5
_A, _B, _C = 3.4445, -4.775, 2.0315
_TINY = 1e-7
_TORCHS = {"nesterov": True, "ns_coefficients": (_A, _B, _C), "eps": _TINY, "ns_steps": _STEPS, "adjust_lr_fn": None}
"""What torch's own keeps beside the rest, that it may go on from here."""


class StackedMuon(torch.optim.Optimizer):
    """The steps of `torch.optim.Muon` (Nesterov's momentum, rates by shape as in Jordan's own), and its saved state.

    params: matrices, (outputs, inputs) each.
    """

    def __init__(self, params: Iterable[Any], lr: float, weight_decay: float = 0.0, momentum: float = 0.95) -> None:
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum} | _TORCHS)

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]  # noqa: ANN401 - torch's signature
        """One step for all that have a gradient. closure: not supported."""
        assert closure is None
        for group in self.param_groups:
            alike: dict[tuple[int, ...], list[Tensor]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    alike[tuple(parameter.shape)].append(parameter)
            for (outputs, inputs), some in alike.items():
                gradients = [parameter.grad for parameter in some if parameter.grad is not None]
                self._step(some, gradients, group, group["lr"] * math.sqrt(max(1, outputs / inputs)))

    def _step(self, some: list[Tensor], gradients: list[Tensor], group: dict[str, Any], rate: float) -> None:
        moments = [self._moment(parameter) for parameter in some]
        torch._foreach_lerp_(moments, gradients, 1 - group["momentum"])
        ahead = torch._foreach_lerp(gradients, moments, group["momentum"])
        steps = orthogonalised(torch.stack(tuple(ahead))).to(some[0].dtype)
        torch._foreach_mul_(some, 1 - group["lr"] * group["weight_decay"])
        torch._foreach_add_(some, list(steps.unbind()), alpha=-rate)

    def _moment(self, parameter: Tensor) -> Tensor:
        state = self.state[parameter]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(parameter)
        moment: Tensor = state["momentum_buffer"]
        return moment


def orthogonalised(matrices: Tensor) -> Tensor:
    """(matrices, rows, columns) in bf16: each with its singular values brought near one, by five Newton-Schulz steps."""
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.bfloat16()
    x = x.mT if tall else x
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=_TINY)
    for _ in range(_STEPS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=_B, alpha=_C), x, beta=_A)
    return x.mT if tall else x
