"""Drawing characters from the nucleus, the likeliest that make up most of the mass (Holtzman et al. 2020, arXiv:1904.09751).

Sorting thousands of characters to find the nucleus takes longer than to weigh them, so a character is drawn from all (by
inverting the distribution function) and drawn again if those likelier than it make up the mass already: the same
distribution, at the price of a sum. Twice over: in torch's own operations (`draw`), and in what its compiler makes quick
loops of (`attempts`); but for rounding they draw the same.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

TRIES = 8
"""Draws from the whole distribution before the nucleus is sorted out for the rows that always fell outside it."""
BLOCK = 64
"""Characters that `attempts` passes over at a time where it inverts the distribution function."""

FORBIDDEN, USED = -1e6, -1e4
"""Added to the scores of characters that may not stand, and of those that stand already: where nothing else may stand, a
used one is taken again."""


class Wants(NamedTuple):
    """What is added to a net's scores at a place.

    added: (rows, vocabulary) in nats, `USED` or less for what stands; forbidden: (rows, vocabulary) bool; again: (rows,) a character that
    may stand once more though `added` has it for used, 0 for none.
    """

    added: Tensor
    forbidden: Tensor
    again: Tensor

    def to(self, scores: Tensor) -> Tensor:
        """Wanted scores: (rows, vocabulary)."""
        wanted = (scores + self.added).masked_fill_(self.forbidden, FORBIDDEN)
        return wanted.scatter_add_(1, self.again[:, None], (self.again > 0).float()[:, None] * -USED)


def choose(scores: Tensor, wants: Wants, heat: Tensor, uniforms: Tensor, top_p: float) -> tuple[Tensor, Tensor]:
    """A character for each row and its log p before `wants` had a say: (rows,) each.

    scores: (rows, vocabulary) a net's; heat: (rows, 1) the temperature; uniforms: (rows,) numbers in [0, 1) that decide.
    """
    drawn = draw(wants.to(scores).div_(heat), uniforms, top_p)
    return drawn, scores.log_softmax(-1).gather(1, drawn[:, None])[:, 0]


def draw(scores: Tensor, uniforms: Tensor, top_p: float) -> Tensor:
    """(rows,) ids from the nucleus of mass top_p; scores: (rows, vocabulary), log probabilities but for a constant.

    `uniforms` decide, (rows,).
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
    drawn[left] = sorted_out(shares, uniforms, top_p)
    return drawn


def attempts(
    scores: Tensor, heat: Tensor, uniforms: Tensor, top_p: Tensor, tries: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """As `draw`, but that rows may be left to `sorted_out`: ids, whether they are of the nucleus, (rows,) each; what is in
    proportion to the shares, (rows, vocabulary), and the numbers that decide next, (rows,)."""
    powers = ((scores - scores.amax(1, keepdim=True)) * (1 / heat)).exp()
    count = powers.shape[1]
    even = count - count % BLOCK
    sums = powers[:, :even].reshape(powers.shape[0], -1, BLOCK).sum(2), powers[:, even:].sum(1, keepdim=True)
    ends = torch.cat(sums, 1).cumsum(1)  # (rows, blocks)
    drawn, inside = _attempt(powers, ends, uniforms, top_p)
    for _ in range(tries - 1):
        uniforms = _another(uniforms)
        other, within = _attempt(powers, ends, uniforms, top_p)
        drawn, inside = torch.where(inside, drawn, other), inside | within
    return drawn, inside, powers, _another(uniforms)


def _attempt(powers: Tensor, ends: Tensor, uniforms: Tensor, top_p: Tensor) -> tuple[Tensor, Tensor]:
    """One draw from the whole distribution, and whether it fell into the nucleus: (rows,) each."""
    count, mass = powers.shape[1], ends[:, -1:]
    aim = uniforms[:, None] * mass
    block = (ends <= aim).sum(1, keepdim=True).clamp(max=ends.shape[1] - 1)
    before = torch.where(block > 0, ends.gather(1, (block - 1).clamp(min=0)), 0.0)
    places = block * BLOCK + torch.arange(BLOCK, device=powers.device)  # (rows, BLOCK)
    within = torch.where(places < count, powers.gather(1, places.clamp(max=count - 1)), 0.0).cumsum(1)
    found = block * BLOCK + (before + within <= aim).sum(1, keepdim=True)
    found = found.clamp(max=count - 1)
    power = powers.gather(1, found)
    likelier = torch.where(powers > power, powers, 0.0).sum(1)
    return found[:, 0], (likelier < top_p * mass[:, 0]) & (power[:, 0] > 0)


def _another(uniforms: Tensor) -> Tensor:
    """Numbers in [0, 1) that look independent of those given: a linear congruence and a shift of their 24 bits."""
    bits = (uniforms * 2**24).long() + 1
    return ((bits * 0x5851F42D4C957F2D + 0x14057B7EF767814F) >> 40 & 0xFFFFFF).float() / 2**24


def sorted_out(powers: Tensor, uniforms: Tensor, top_p: float) -> Tensor:
    """(rows,) ids drawn from the nucleus by its own distribution function: for nuclei of little mass. powers: (rows, vocabulary), in
    proportion to the shares."""
    ranked, order = powers.sort(-1, descending=True)
    cumulative = ranked.cumsum(-1)
    last = (cumulative < top_p * cumulative[:, -1:]).sum(-1, keepdim=True).clamp_(max=powers.shape[-1] - 1)
    picked = (cumulative < uniforms[:, None] * cumulative.gather(1, last)).sum(-1, keepdim=True)
    return order.gather(1, torch.minimum(picked, last))[:, 0]
