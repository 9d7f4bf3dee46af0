"""Do blends mix? `python -m vae evaluate --blends`, on fixed pairs of held-out poems.

A path has eleven steps from parent a (t = 0) to parent b (t = 1); its middle is t = 0.5. All is judged on characters, by no
net of ours but for fluency:

- overlap s_p(x) of a poem with a parent p: of the poem's characters, weighted by rarity (inverse document frequency in the
  training part), the share that stands in the parent.
- heard: a parent is heard in a middle when their overlap is beyond the 95th percentile of what strangers have, the middles
  of all other pairs. Both heard: this holds for both parents.
- both in sense: the same with the cosine of the poems' mean vectors (the association of `coherence`, weighted by rarity) in
  place of the overlap: images count that are near without being the same.
- step: 1 - cosine of two neighbours' characters and pairs of characters, weighted by rarity; largest step: the largest of
  a path as a share of the whole path (0.1 is even).
- lean: s_b(x) - s_a(x); order: Spearman's correlation between t and the lean along a path.
- fluency lost: nats a character of the middle less the mean of the two ends', by the flagship with its code hidden.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from vae.evaluation import likelihood
from vae.evaluation.bootstrap import Figure, mean
from vae.evaluation.ground import Ground
from vae.evaluation.marks import sample
from vae.evaluation.shelf import Lines, Shelf
from vae.evaluation.writing import poets_key
from vae.nets.flagship import Flagship
from vae.poem import BlendRequest, Form
from vae.poet import Poet

PAIRS, STEPS = 200, 11
FORM = Form.QIJUE
STRANGERS = 95.0
LARGEST_STEP = 0.35
FEWEST = 2
"""Pairs: each is a stranger to the other."""

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Blends:
    """Each figure over the pairs; the module's docstring defines them."""

    pairs: int
    figures: dict[str, Figure]


def measure(poet: Poet, ground: Ground, pairs: int, folder: Path, tick: Callable[[int], None]) -> Blends:
    """Writes the paths of the first `pairs` pairs, and marks them."""
    parents = sample(ground.held_out[FORM], 2 * min(pairs, len(ground.held_out[FORM]) // 2))
    texts = ground.text(parents)
    a, b = texts[0::2], texts[1::2]

    def more(start: int, end: int) -> list[list[Lines]]:
        wishes = [BlendRequest(a=_typed(a[i]), b=_typed(b[i]), steps=STEPS, random_seed=i) for i in range(start, end)]
        return [[poem.lines for poem in path] for path in poet.grant([poet.prepare(wish) for wish in wishes])]

    paths = Shelf(folder, "blends", poets_key(poet)).take(len(a), more, together=2, tick=tick)
    grids = np.stack([ground.ids(path, FORM) for path in paths])  # (pairs, steps, lines, columns)
    flat = grids.reshape(len(a), STEPS, -1)
    return Blends(len(a), _figures(poet, ground, parents.reshape(len(parents), -1), flat))


def rarity(ground: Ground) -> Floats:
    """(vocabulary,) log(poems / poems that have the character) over quatrains of the training part."""
    counts, poems = np.ones(len(ground.vocabulary)), 1
    for grids in ground.taught:
        rows = np.sort(grids.reshape(len(grids), -1), axis=1)
        first = np.diff(rows, axis=1, prepend=-1) > 0
        counts += np.bincount(rows[first], minlength=len(counts))
        poems += len(rows)
    weights: Floats = np.log(poems / np.minimum(counts, poems))
    return weights


def overlap(poems: Ids, parents: Ids, weights: Floats) -> Floats:
    """(poems, parents) the share of each poem's weight in characters that a parent has; both (rows, places)."""
    has = np.zeros((len(parents), len(weights)), np.float64)
    has[np.arange(len(parents))[:, None], parents] = 1
    share = weights[poems] / np.maximum(weights[poems].sum(1, keepdims=True), 1e-9)
    bag = np.zeros((len(poems), len(weights)))
    np.add.at(bag, (np.arange(len(poems))[:, None], poems), share)
    told: Floats = bag @ has.T
    return told


def heard(likeness: Floats) -> NDArray[np.bool_]:
    """(pairs,) whether each middle is liker to its own parent than STRANGERS % of the other middles are to that parent.

    likeness: (middles, parents), the own ones on the diagonal.
    """
    pairs = len(likeness)
    strange = likeness.T[~np.eye(pairs, dtype=bool)].reshape(pairs, pairs - 1)
    told: NDArray[np.bool_] = np.diagonal(likeness) > np.percentile(strange, STRANGERS, axis=1)
    return told


def spearman(t: Floats, values: Floats) -> float:
    """Spearman's rank correlation, ties sharing their mean rank; 0 where nothing varies."""
    x, y = _ranks(t), _ranks(values)
    if not (x.std() and y.std()):
        return 0.0
    return float(np.corrcoef(x, y)[0, 1])


def _figures(poet: Poet, ground: Ground, parents: Ids, paths: Ids) -> dict[str, Figure]:
    weights = rarity(ground)
    a, b = parents[0::2], parents[1::2]
    middles = paths[:, STEPS // 2]
    to_a, to_b = overlap(middles, a, weights), overlap(middles, b, weights)
    vectors = [_vectors(rows, ground.association.first, weights) for rows in (middles, a, b)]
    sense_a, sense_b = vectors[0] @ vectors[1].T, vectors[0] @ vectors[2].T
    steps = np.array([_steps(path, weights) for path in paths])
    largest = steps.max(1)
    t = np.linspace(0, 1, STEPS)
    leans = [
        (overlap(path, b[i : i + 1], weights) - overlap(path, a[i : i + 1], weights))[:, 0]
        for i, path in enumerate(paths)
    ]
    own = np.concatenate((np.diagonal(to_a), np.diagonal(to_b)))
    away = ~np.eye(len(a), dtype=bool)
    figures = {
        "both heard": mean(heard(to_a) & heard(to_b)),
        "both in sense": mean(heard(sense_a) & heard(sense_b)),
        "one heard at least": mean(heard(to_a) | heard(to_b)),
        "overlap with a parent": mean(own),
        "overlap with a stranger": mean(to_a[away]),
        "largest step, mean": mean(largest),
        "paths without a step over 0.35": mean(largest <= LARGEST_STEP),
        "order": mean([spearman(t, lean) for lean in leans]),
    }
    worst = float(largest.max())
    figures["largest step of all"] = Figure(worst, worst, worst)
    if isinstance(poet.net, Flagship):
        ends = _nats(poet.net, np.concatenate((paths[:, 0], paths[:, -1]))).reshape(2, -1).mean(0)
        figures["fluency lost"] = mean(_nats(poet.net, middles) - ends)
    return figures


def _nats(net: Flagship, rows: Ids) -> Floats:
    return likelihood.without_code(net, FORM, torch.from_numpy(rows))


def _vectors(rows: Ids, first: NDArray[np.float32], weights: Floats) -> Floats:
    """(rows, rank) unit vectors: the mean of the characters' own, less the mean of all, weighted by rarity."""
    known = np.where(rows < len(first), rows, 0)
    summed = (first[known] * weights[rows][..., None]).sum(1)
    summed = summed - summed.mean(0)
    told: Floats = summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-9)
    return told


def _steps(path: Ids, weights: Floats) -> Floats:
    """(steps - 1,) each step's share of the path; a path that stands still is even."""
    grids = path.reshape(len(path), FORM.lines, FORM.columns)
    pairs = (grids[:, :, :-1] * len(weights) + grids[:, :, 1:]).reshape(len(path), -1)
    names, at = np.unique(np.concatenate((path, pairs + len(weights)), axis=1), return_inverse=True)
    second = (names - len(weights)) % len(weights)
    first = np.where(names < len(weights), names, (names - len(weights)) // len(weights))
    weight = weights[first] + np.where(names < len(weights), 0, weights[second])
    bag = np.zeros((len(path), len(names)))
    np.add.at(bag, (np.arange(len(path))[:, None], at.reshape(len(path), -1)), 1)
    bag *= weight
    bag /= np.maximum(np.linalg.norm(bag, axis=1, keepdims=True), 1e-9)
    moved = np.clip(1 - (bag[1:] * bag[:-1]).sum(1), 0, None)
    share: Floats = moved / moved.sum() if moved.sum() else np.full(len(moved), 1 / len(moved))
    return share


def _ranks(values: Floats) -> Floats:
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(counts) - (counts - 1) / 2)[at]
    return ranks


def _typed(lines: Lines) -> str:
    return "，".join(lines)
