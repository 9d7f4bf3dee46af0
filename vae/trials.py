"""What the critic is fed: at every step poems of one form, some by people, some ours, some swapped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch

from vae.diet import Menu
from vae.foils import Foils, Models
from vae.nets.critic import HUMAN, OWN, SWAPPED, Trial
from vae.poem import Form

WHOLE = 0.85
"""Share of steps that show whole poems; in the others only the first lines are seen, so that beginnings can be judged."""
MENU = (0.4, 0.33, 0.27)
"""Shares of the kinds, in the order of `vae.nets.critic`."""


class Trials:
    """Trials of about `batch_characters` characters; the one of a step is the same in every run with the same seed."""

    def __init__(
        self, stock: Iterable[tuple[Form, Models, Foils]], *, batch_characters: int = 4096, seed: int = 0
    ) -> None:
        self.seed, self.batch_characters = seed, batch_characters
        self.stock = {form: (models, foils) for form, models, foils in stock}
        self.menu = Menu(self.stock)

    def batch(self, step: int) -> Trial:
        """The trial of a step, from 0."""
        rng = np.random.default_rng([self.seed, step])
        form = self.menu.draw(rng)
        rows = self.batch_characters // form.size
        counts = tuple(max(1, round(share * rows)) for share in MENU)
        lines = form.lines if rng.random() < WHOLE else int(rng.integers(1, form.lines))
        return trial(form, *self.stock[form], counts, lines, rng)


def trial(
    form: Form, models: Models, foils: Foils, counts: Sequence[int], lines: int, rng: np.random.Generator
) -> Trial:
    """So many poems of each kind, in the order of `vae.nets.critic`, of which the first lines are shown."""
    human, own, swapped = counts
    people = models.ids[rng.integers(0, len(models.ids), human)]
    ours = foils.own[rng.integers(0, len(foils.own), own)]
    picked = rng.integers(0, len(foils.swapped), swapped)
    ids = np.concatenate((people, ours, foils.swapped[picked]))
    kinds = np.repeat((HUMAN, OWN, SWAPPED), counts)
    changed = np.zeros(ids.shape, bool)
    changed[human + own :] = foils.changed[picked]
    shown = lines * form.columns
    return Trial(
        form,
        torch.from_numpy(ids[:, :shown].astype(np.int64)),
        torch.from_numpy(kinds.astype(np.int64)),
        torch.from_numpy(changed[:, :shown]),
    )
