"""What the critic is fed: at every step poems of one form, some by people, some ours, some mixed, some swapped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from vae.diet import Menu
from vae.foils import Foils, Models, repeats
from vae.nets.critic import HUMAN, MIXED, OWN, SWAPPED, Trial
from vae.poem import Form

WHOLE = 0.85
"""Share of steps that show whole poems; in the others only the first lines are seen, so that beginnings can be judged."""
MENU = (0.3, 0.26, 0.22, 0.22)
"""Shares of the kinds, in the order of `vae.nets.critic`."""
TRIES = 8
"""Other poems looked at to find one whose lines can be put into a poem without repeating a character."""


class Trials:
    """Trials of about `batch_characters` characters; the one of a step is the same in every run with the same seed."""

    def __init__(
        self, stock: Iterable[tuple[Form, Models, Foils]], *, batch_characters: int = 4096, seed: int = 0
    ) -> None:
        self.seed, self.batch_characters = seed, batch_characters
        self.stock = {form: (Kin(models), foils) for form, models, foils in stock}
        self.menu = Menu(self.stock)

    def batch(self, step: int) -> Trial:
        """The trial of a step, from 0."""
        rng = np.random.default_rng([self.seed, step])
        form = self.menu.draw(rng)
        rows = self.batch_characters // form.size
        counts = tuple(max(1, round(share * rows)) for share in MENU)
        lines = form.lines if rng.random() < WHOLE else int(rng.integers(1, form.lines))
        return trial(form, *self.stock[form], counts, lines, rng)


def trial(form: Form, kin: Kin, foils: Foils, counts: Sequence[int], lines: int, rng: np.random.Generator) -> Trial:
    """So many poems of each kind, in the order of `vae.nets.critic`, of which the first lines are shown."""
    human, own, mixed, swapped = counts
    people = kin.ids[rng.integers(0, len(kin.ids), human)]
    ours = foils.own[rng.integers(0, len(foils.own), own)]
    torn, apart = kin.mixed(rng.integers(0, len(kin.ids), mixed), form, lines, rng)
    picked = rng.integers(0, len(foils.swapped), swapped)
    ids = np.concatenate((people, ours, torn, foils.swapped[picked]))
    kinds = np.repeat((HUMAN, OWN, MIXED, SWAPPED), counts)
    # Lines that could not be put together are a person's poem still.
    kinds[human + own : human + own + mixed][~apart] = HUMAN
    changed = np.zeros(ids.shape, bool)
    changed[human + own + mixed :] = foils.changed[picked]
    shown = lines * form.columns
    return Trial(
        form,
        torch.from_numpy(ids[:, :shown].astype(np.int64)),
        torch.from_numpy(kinds.astype(np.int64)),
        torch.from_numpy(changed[:, :shown]),
    )


class Kin:
    """People's poems, and for each those of the same scheme and rhyme."""

    def __init__(self, models: Models) -> None:
        self.ids = models.ids
        self.order = np.argsort(models.keys, kind="stable")
        counts = np.bincount(models.keys, minlength=len(models.names))
        self.first, self.count = (np.cumsum(counts) - counts)[models.keys], counts[models.keys]

    def mixed(
        self, rows: NDArray[np.int64], form: Form, lines: int, rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Poems with some lines out of another of their kin, and whether that could be done among the first `lines`."""
        out, done = self.ids[rows].copy(), np.zeros(len(rows), bool)
        for _ in range(TRIES):
            others = self.order[self.first[rows] + rng.integers(0, self.count[rows])]
            foreign = _some_lines(len(rows), form, lines, rng).repeat(form.columns, axis=1)
            tried = np.where(foreign, self.ids[others], self.ids[rows])
            good = ~done & (others != rows) & ~repeats(tried) & (lines > 1)
            out[good] = tried[good]
            done |= good
        return out, done


def _some_lines(rows: int, form: Form, lines: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """(rows, form.lines) one line of the first `lines`, or all from a couplet's beginning on, or any half of them."""
    at = np.arange(form.lines)
    one = at == rng.integers(0, lines, (rows, 1))
    cut = rng.integers(1, max(2, lines), (rows, 1))
    tail = at >= cut
    any_half = rng.random((rows, form.lines)) < 0.5
    any_half[:, 0], any_half[np.arange(rows), rng.integers(1, max(2, lines), rows)] = False, True
    way = rng.random((rows, 1))
    chosen: NDArray[np.bool_] = np.where(way < 0.4, one, np.where(way < 0.7, tail, any_half))
    return chosen
