"""The rows of the table, one for each writer and form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from vae.evaluation import coherence, likelihood, texts, two_sample
from vae.evaluation.bootstrap import Figure, mean, statistic
from vae.evaluation.columns import Row
from vae.evaluation.ground import Ground
from vae.lexicon import Lexicon
from vae.nets.flagship import Flagship
from vae.poem import Form
from vae.weights import Net

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]
FEWEST = 20
"""Poems a side that a classifier can learn from."""


@dataclass(frozen=True, slots=True)
class Size:
    """marked: held-out poems of a form; weighted: those of them under importance weights, of so many samples; written:
    poems of a form written by whoever is judged.
    """

    marked: int = 400
    weighted: int = 32
    samples: int = 100
    written: int = 1000


def net_figures(
    net: Net, lexicon: Lexicon, ground: Ground, form: Form, size: Size, tick: Callable[[int], None]
) -> dict[str, Figure]:
    """The likelihood of held-out poems, and what the code tells."""
    ids = torch.from_numpy(sample(ground.held_out[form], size.marked).reshape(-1, form.size))
    codes = likelihood.Codes.of(net, form, ids)
    some = slice(0, size.weighted)
    part = likelihood.Codes(codes.mu[some], codes.logvar[some], codes.z[some])
    plain, fitted = likelihood.weighted(net, form, ids[some], part, size.samples, tick)
    given = likelihood.nats(net, form, ids, codes.z)
    elbo = given + codes.kl / form.size
    words = likelihood.word_weight(net, lexicon, form, ids, codes.z)
    return {
        "nats": _carried_over(elbo, plain),
        "fitted": _carried_over(elbo, fitted),
        "given z": mean(given),
        "other z": mean(likelihood.nats(net, form, ids, codes.z.roll(1, 0))),
        "kl": mean(codes.kl),
        "active": statistic(len(ids), codes.active, resamples=100),
        "info >=": mean(codes.information()),
        "info <=": mean(codes.information_bound(net, form)),
        "rebuilt": mean(likelihood.rebuilt(net, form, ids, codes.mu)),
        "words": Figure(words, words, words),
    }


def codeless_figures(net: Flagship, ground: Ground, form: Form, size: Size) -> dict[str, Figure]:
    ids = torch.from_numpy(sample(ground.held_out[form], size.marked).reshape(-1, form.size))
    return {"nats": mean(likelihood.without_code(net, form, ids))}


def trigram_figures(ground: Ground, form: Form, size: Size) -> dict[str, Figure]:
    grids = sample(ground.held_out[form], size.marked)
    return {"nats": mean(-ground.trigram.log_probabilities(grids).mean((1, 2)))}


def written_figures(ground: Ground, form: Form, poems: list[tuple[str, ...]]) -> dict[str, Figure]:
    """Of poems that somebody wrote, against held-out human poems that keep the form."""
    grids = ground.ids(poems, form)
    human = sample(ground.keeping_form(form), len(poems))
    figures = _counted(ground, form, grids, poems)
    if min(len(human), len(grids)) >= FEWEST:
        figures["told apart"] = _told_apart(ground, human, grids)
    return figures | {name: mean(values) for name, values in texts.form(poems).items()}


def human_row(ground: Ground, form: Form, size: Size) -> Row:
    """Held-out poems that keep the form; format, rhyme and tone of all held-out ones."""
    keeping = sample(ground.keeping_form(form), len(ground.held_out[form]))
    grids = keeping[: size.written]
    figures = _counted(ground, form, grids, ground.text(grids))
    half = min(len(keeping) // 2, size.written)
    if half >= FEWEST:
        figures["told apart"] = _told_apart(ground, keeping[:half], keeping[half : 2 * half])
    everybody = texts.form(ground.text(ground.held_out[form]))
    figures |= {name: mean(values) for name, values in everybody.items()}
    return Row("people", "", form, 0, 0, len(grids), figures)


def shuffled_row(ground: Ground, form: Form, size: Size) -> Row:
    """The same lines dealt out anew among the poems: what coherence is without any."""
    keeping = sample(ground.keeping_form(form), len(ground.held_out[form]))
    grids = coherence.shuffled(keeping[: size.written])
    figures = _threaded(ground, form, grids)
    half = min(len(keeping) // 2, size.written)
    if half >= FEWEST:
        others = coherence.shuffled(keeping[half : 2 * half])
        figures["told apart"] = _told_apart(ground, keeping[:half], others)
    return Row("people, shuffled", "", form, 0, 0, len(grids), figures)


def sample(grids: Ids, count: int) -> Ids:
    """As many of the poems, in an order of chance: the corpus has them author by author."""
    return grids[np.random.default_rng(0).permutation(len(grids))[:count]]


def _carried_over(elbo: Floats, weighted: Floats) -> Figure:
    """The weighted bound of all poems: their ELBO, less what the weights gained on the first ones, which were weighted.

    What a poem's bound owes to the poem is in its ELBO too, so that few weighted poems tell the mean of many.
    """
    gain = elbo[: len(weighted)] - weighted

    def over(picked: Ids) -> float:
        some = picked[picked < len(gain)]
        return float(elbo[picked].mean() - (gain[some] if len(some) else gain).mean())

    return statistic(len(elbo), over)


def _told_apart(ground: Ground, human: Ids, other: Ids) -> Figure:
    return mean(two_sample.told_apart(human, other, ground.trigram, ground.association))


def _counted(ground: Ground, form: Form, grids: Ids, poems: list[tuple[str, ...]]) -> dict[str, Figure]:
    return _threaded(ground, form, grids) | {
        "distinct-2": mean(texts.distinct(grids)),
        "4 seen": mean(texts.seen(grids, ground.fours)),
        "copied": mean(texts.copied(poems, ground.lines)),
        "repeats": mean(texts.repeats(grids)),
    }


def _threaded(ground: Ground, form: Form, grids: Ids) -> dict[str, Figure]:
    return {
        "coherence": mean(ground.association.coherence(grids)),
        "follows": mean(coherence.following(ground.coherence, form, grids)),
    }
