"""Drawing characters from the nucleus, the likeliest that make up most of the mass (Holtzman et al. 2020, arXiv:1904.09751)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

TRIES = 8
"""Draws from the whole distribution before the nucleus is sorted out for the rows that always fell outside it."""


def draw(scores: Tensor, uniforms: Tensor, top_p: float) -> Tensor:
    """(rows,) ids from the nucleus of mass top_p; scores: (rows, vocabulary), log probabilities but for a constant.

    `uniforms` decide, (rows,). Sorting thousands of characters to find the nucleus takes longer than to weigh them, so a
    character is drawn from all (by inverting the distribution function) and drawn again if those likelier than it make up
    the mass already: the same distribution, at the price of a sum.
    """
    shares = scores.softmax(-1)
    cumulative = shares.cumsum(-1)
    drawn = torch.zeros(len(scores), dtype=torch.long, device=scores.device)
    left = torch.arange(len(scores), device=scores.device)
    for _ in range(TRIES):
        found = torch.searchsorted(cumulative, uniforms[:, None] * cumulative[:, -1:], right=True)
        found = found.clamp_(max=shares.shape[-1] - 1)
        share = shares.gather(1, found)
        likelier = functional.threshold(shares / share, 1.0, 0.0).sum(-1) * share[:, 0]
        inside = (likelier < top_p) & (share[:, 0] > 0)
        drawn[left] = found[:, 0]
        if inside.all():
            return drawn
        out = ~inside
        left, shares, cumulative, uniforms = left[out], shares[out], cumulative[out], _another(uniforms[out])
    drawn[left] = _sorted_out(shares, uniforms, top_p)
    return drawn


def _another(uniforms: Tensor) -> Tensor:
    """Numbers in [0, 1) that look independent of those given: a linear congruence and a shift of their 24 bits."""
    bits = (uniforms * 2**24).long() + 1
    return ((bits * 0x5851F42D4C957F2D + 0x14057B7EF767814F) >> 40 & 0xFFFFFF).float() / 2**24


def _sorted_out(shares: Tensor, uniforms: Tensor, top_p: float) -> Tensor:
    """(rows,) ids drawn from the nucleus by its own distribution function: for nuclei of little mass."""
    ranked, order = shares.sort(-1, descending=True)
    cumulative = ranked.cumsum(-1)
    last = (cumulative < top_p).sum(-1, keepdim=True).clamp_(max=shares.shape[-1] - 1)
    picked = (cumulative < uniforms[:, None] * cumulative.gather(1, last)).sum(-1, keepdim=True)
    return order.gather(1, torch.minimum(picked, last))[:, 0]
