"""The two-sample test: can a classifier tell generated poems from human ones? 0.5 is perfect, 1.0 is found out.

After Lopez-Paz & Oquab 2017, "Revisiting classifier two-sample tests". The classifier is trained from scratch on the two
sets at hand, in FOLDS parts by turns, so that every poem is told by one that never saw it; the mean of right answers is the
accuracy. It sees which characters and which pairs within lines a poem has, and how the trigram and the association of
lines (`coherence`) find it, place by place: both are counted on the training part and know neither set.
It is a ridge-penalised logistic regression, reckoned on the poems' Gram matrix, since poems are fewer than features.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from vae.evaluation.coherence import Association
from vae.evaluation.trigram import Trigram

FOLDS = 5
RIDGE = 1.0
NEWTON_STEPS = 60

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


def told_apart(human: Ids, other: Ids, trigram: Trigram, association: Association, seed: int = 0) -> Floats:
    """1 where the classifier was right about a poem, else 0, for the first poems of each set, as many of one as of the other.

    human, other: (poems, lines, columns). Returns (2 * the smaller number,), the human ones first.
    """
    count = min(len(human), len(other))
    grids = np.concatenate((human[:count], other[:count]))
    truth = torch.arange(2 * count) >= count
    blocks = [_presence(grids), _places(grids, trigram, association)]
    gram = torch.stack([_gram(torch.from_numpy(block).float()) for block in blocks]).sum(0)
    fold = torch.from_numpy(np.random.default_rng(seed).permutation(count) % FOLDS).repeat(2)
    right = torch.zeros(2 * count, dtype=torch.bool)
    for part in range(min(FOLDS, count)):
        held, kept = fold == part, fold != part
        weights = _fit(gram[kept][:, kept], truth[kept])
        right[held] = (gram[held][:, kept] @ weights > 0) == truth[held]
    return right.double().numpy()


def _presence(grids: Ids) -> NDArray[np.float32]:
    """(poems, features) of characters and of pairs within lines that two poems or more have: weighted by rarity, unit length."""
    flat = grids.reshape(len(grids), -1)
    pairs = (grids[:, :, :-1] * (1 << 20) + grids[:, :, 1:]).reshape(len(grids), -1)
    ends = -1 - grids[:, :, -1]
    rows = [_tf_idf(codes) for codes in (flat, pairs, ends)]
    return np.concatenate(rows, axis=1)


def _tf_idf(codes: Ids) -> NDArray[np.float32]:
    names, at = np.unique(codes, return_inverse=True)
    counts = np.zeros((len(codes), len(names)), np.float32)
    np.add.at(counts, (np.arange(len(codes))[:, None], at.reshape(codes.shape)), 1)
    shared = (counts > 0).sum(0)
    kept = counts[:, shared > 1] * np.log(len(codes) / shared[shared > 1]).astype(np.float32)
    length = np.linalg.norm(kept, axis=1, keepdims=True)
    told: NDArray[np.float32] = kept / np.maximum(length, 1e-6)
    return told


def _places(grids: Ids, trigram: Trigram, association: Association) -> NDArray[np.float32]:
    """(poems, features) how the trigram and the association find a poem: by place, in order of size, and in the mean."""
    logs = trigram.log_probabilities(grids)  # (poems, lines, columns)
    flat = logs.reshape(len(logs), -1)
    common = np.log(trigram.unigram)[grids]
    links = np.stack([association.of(grids[:, i], grids[:, i + 1]) for i in range(grids.shape[1] - 1)], axis=1)
    rows = [
        flat,
        np.sort(flat, axis=1),
        logs.mean(1),
        logs.mean(2),
        common.reshape(len(logs), -1),
        np.sort(common.reshape(len(logs), -1), axis=1),
        common.mean(1),
        links,
        links.mean(1, keepdims=True),
    ]
    told = np.concatenate(rows, axis=1)
    spread = told.std(0)
    scaled: NDArray[np.float64] = (told - told.mean(0)) / np.where(spread > 0, spread, 1) / np.sqrt(told.shape[1])
    return scaled.astype(np.float32)


def _gram(rows: Tensor) -> Tensor:
    centred = rows - rows.mean(0)
    return centred @ centred.T


def _fit(gram: Tensor, truth: Tensor) -> Tensor:
    """(poems,) the weights of the poems in the answer, by L-BFGS on the penalised logistic loss."""
    weights = torch.zeros(len(gram), dtype=gram.dtype, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=NEWTON_STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        answers = gram @ weights
        total = functional.binary_cross_entropy_with_logits(answers, truth.to(answers), reduction="sum")
        total = total + RIDGE / 2 * weights @ answers
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return weights.detach()
