"""The reader: what strict readers would make of a poem, as far as it can be foretold from what other nets see in it.

A linear function of where the poem's lines lie and where they should lie, by the net that tells which line follows
(`coherence.py`), and of how likely the poem is to a decoder that has not heard its code. It is fitted to marks that language
models gave (`vae.readings`), not people: a reward model (Christiano et al. 2017, arXiv:1706.03741) on features that were learnt without them.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class ReaderConfig:
    """width: of the coherence net's vectors; coherence: the hash of that net, since another's vectors say other things."""

    width: int = 192
    coherence: str = ""
    kind: str = "reader"


class Reader(nn.Module):
    """expected, lines: (width,) points of a mark for each direction; fluency: () points a nat a character."""

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        self.config = config
        self.expected = nn.Parameter(torch.zeros(config.width))
        self.lines = nn.Parameter(torch.zeros(config.width))
        self.fluency = nn.Parameter(torch.zeros(()))

    def forward(self, expected: Tensor, lines: Tensor) -> Tensor:
        """Points but for a constant, and for what fluency adds: (rows,).

        expected, lines: (rows, lines, width) as of `Coherence.directions_of`.
        """
        both: Tensor = (expected.mean(1) * self.expected + lines.mean(1) * self.lines).sum(1)
        return both
