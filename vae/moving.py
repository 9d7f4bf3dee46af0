"""Copies from the host to the device that a net lives on."""

from __future__ import annotations

import torch
from torch import Tensor


def moved(tensor: Tensor, to: str | torch.device) -> Tensor:
    """The tensor on a device; to a GPU from pinned memory, so that the host goes on while it is copied."""
    to = torch.device(to)
    return tensor.pin_memory().to(to, non_blocking=True) if to.type == "cuda" else tensor.to(to)
