"""Cross-entropy over a large vocabulary without ever holding all of its scores.

The scores of a batch (some thousand places by some thousand characters) are the largest thing in a training step by far,
and passing over them half a dozen times costs more than computing them. Here a few hundred places are scored at a time,
and their gradient is taken while the scores are still in the processor's cache (as in Liger Kernel, arXiv:2410.10989).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from vae import parallel
from vae.nets.layers import narrowed

CHUNK = {"cpu": 256, "cuda": 16384}
"""Places scored at a time: 256 x 6,719 float32 scores are 7 MB; a GPU had rather be asked seldom."""


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor, weights: Tensor) -> Tensor:  # noqa: ANN401 - torch's own
        hidden, matrix = narrowed(hidden), narrowed(weight)  # once: autocast would cast anew for every chunk
        grad_hidden = torch.empty_like(hidden)
        grad_weight = torch.zeros_like(weight, dtype=torch.float32)
        total = torch.zeros((), device=hidden.device)
        chunk = CHUNK[hidden.device.type]
        for start in range(0, len(hidden), chunk):
            part = slice(start, start + chunk)
            scores = (hidden[part] @ matrix.T).float()  # (places, vocabulary)
            highest = scores.amax(1, keepdim=True)
            wanted = targets[part, None]
            chosen = scores.gather(1, wanted)
            scores.sub_(highest).exp_()
            sums = scores.sum(1, keepdim=True)
            share = weights[part, None]
            total += ((sums.log() + highest - chosen) * share).sum()
            scores.mul_(share / sums).scatter_add_(1, wanted, -share)  # now the gradient of the loss by the scores
            grads = scores.to(hidden.dtype)
            grad_hidden[part] = grads @ matrix
            grad_weight += grads.T @ hidden[part]
        ctx.save_for_backward(grad_hidden, grad_weight)
        return total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None]:  # noqa: ANN401
        grad_hidden, grad_weight = ctx.saved_tensors
        return grad_hidden * grad, grad_weight * grad, None, None


def linear_cross_entropy(hidden: Tensor, weight: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
    """Mean of -log softmax(hidden @ weight.T)[target], in nats.

    hidden: (places, width); weight: (vocabulary, width); targets: (places,) ids; weights: (places,) how much each place
    counts in the mean, all alike by default.
    """
    counts = torch.ones(len(hidden), device=hidden.device) if weights is None else weights.float()
    return weighed_cross_entropy(hidden, weight, targets, counts / parallel.mean_count(counts.sum()))


def weighed_cross_entropy(hidden: Tensor, weight: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """The sum of -log softmax(hidden @ weight.T)[target] times weights, (places,) each, of either sign; else as above."""
    loss: Tensor = _LinearCrossEntropy.apply(hidden, weight, targets, weights)  # type: ignore[no-untyped-call]
    return loss


@torch.no_grad()
def log_likelihood(hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """log softmax(hidden @ weight.T)[target] of each place, (places,), in nats and without gradient; arguments as above."""
    matrix = narrowed(weight).T
    chunk = CHUNK[hidden.device.type]
    parts = zip(torch.split(narrowed(hidden), chunk), torch.split(targets[:, None], chunk), strict=True)
    return torch.cat([(some @ matrix).float().log_softmax(1).gather(1, of)[:, 0] for some, of in parts])
