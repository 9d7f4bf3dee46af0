"""What the coherence net learns from, and its course: poems of one scheme and rhyme -> training -> weights -> how it does.

`python -m vae train --net coherence` does all of it. It reads poems by people alone, so that it prefers nobody's hand; halves
of 五律 count as 五絕. Held-out poems are never read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console

from vae import weights
from vae.apprenticeship import keep, packed_corpus, teach
from vae.corpus import Packed
from vae.criticism import taught, unread
from vae.diet import SHARES
from vae.errors import CorpusError
from vae.foils import of_form
from vae.nets.coherence import Coherence, CoherenceConfig, Kindred
from vae.poem import Form
from vae.prosody.check import check
from vae.training import Run, Schedule
from vae.vocabulary import Vocabulary

FORMS = tuple(form for form in SHARES if form.lines > 2)
FEWEST = 48
"""Poems of one scheme and rhyme from which on they are read: a line must be told from enough others."""
SHARE = {Form.WUJUE: 0.5}
"""Of a form's characters, where it is read less: 五絕 are mostly halves of 五律."""
TOLD = 1000
"""Held-out poems of a form that it is tried on."""


class Families:
    """Batches of about `batch_characters` characters, each of one form, scheme and rhyme; the one of a step is the same in
    every run with the same seed."""

    def __init__(
        self, stock: Mapping[Form, list[NDArray[np.int64]]], *, batch_characters: int = 12000, seed: int = 0
    ) -> None:
        """stock: by form the poems (poems, form.size) of each scheme and rhyme."""
        self.seed, self.batch_characters = seed, batch_characters
        self.families = [(form, ids) for form, of_form in stock.items() for ids in of_form if len(ids) >= FEWEST]
        characters = np.array([ids.size * SHARE.get(form, 1.0) for form, ids in self.families])
        self.chances = characters / characters.sum() if len(characters) else characters

    def batch(self, step: int) -> Kindred:
        """The batch of a step, from 0."""
        rng = np.random.default_rng([self.seed, step])
        form, ids = self.families[rng.choice(len(self.families), p=self.chances)]
        picked = rng.permutation(len(ids))[: max(2, self.batch_characters // form.size)]
        return Kindred(form, torch.from_numpy(ids[picked]))


def train(corpus: Path, folder: Path, schedule: Schedule, device: str, begin: Path | None = None) -> list[Path]:
    """Trains a coherence net, or goes on from the folder's checkpoint; returns its files.

    begin: a coherence net's weights to begin with; by default what the flagship knows of characters, where it is of this net's
    width.
    Raises CorpusError, CheckpointError, Diverged, Unwritten, WeightsError.
    """
    console = Console(stderr=True)
    vocabulary, (flagship, writer) = Vocabulary.shipped(), weights.load(weights.shipped())
    packed = packed_corpus(corpus / "train.jsonl.xz", folder, vocabulary, console)
    fare = Families({form: families(packed, form, vocabulary) for form in FORMS}, seed=schedule.seed)
    if not fare.families:
        raise CorpusError(path=corpus, reason=f"it has no {FEWEST} poems of one form, scheme and rhyme")
    console.print(f"{sum(len(ids) for _, ids in fare.families):,} poems of {len(fare.families)} schemes and rhymes")
    torch.manual_seed(schedule.seed)
    net = Coherence(CoherenceConfig(len(vocabulary)))
    begun = taught(net, begin, flagship, writer, console)
    run = Run(folder, net, schedule, device, begun=begun)
    teach(run, fare, console)
    files = keep(net, folder, "coherence", console)
    net, _ = weights.load_coherence(files[0])  # rounded, as it ships
    held_out = unread(corpus, vocabulary)
    for form in FORMS:
        told = preferred(net, form, families(held_out, form, vocabulary))
        if told is not None:
            console.print(f"{form}: the line that follows, before another of its kind: {told:.3f}")
    return files


def families(packed: Packed, form: Form, vocabulary: Vocabulary) -> list[NDArray[np.int64]]:
    """The poems of a form that keep it, apart by scheme and rhyme: (poems, form.size) each."""
    found: dict[tuple[str, str], list[NDArray[np.uint16]]] = {}
    for row in of_form(packed, form):
        text = vocabulary.decode(row)
        report = check([text[start : start + form.columns] for start in range(0, form.size, form.columns)], form)
        if report.complies and report.scheme is not None and report.rhyme_group is not None:
            found.setdefault((report.scheme.name, report.rhyme_group), []).append(row)
    return [np.stack(rows).astype(np.int64) for rows in found.values()]


@torch.inference_mode()
def preferred(net: Coherence, form: Form, kin: list[NDArray[np.int64]], count: int = TOLD) -> float | None:
    """How often a line is held likelier than the line at its place in another poem of the same scheme and rhyme, ties
    counting half; None where there are no two such poems."""
    rng = np.random.default_rng(0)
    wins: list[float] = []
    all_of_them = [(family, one) for family, ids in enumerate(kin) if len(ids) > 1 for one in range(len(ids))]
    for family, one in rng.permutation(all_of_them)[:count]:
        ids = kin[family]
        other = (one + int(rng.integers(1, len(ids)))) % len(ids)
        grids = ids[[one, other]].reshape(2, form.lines, form.columns)
        line = int(rng.integers(1, form.lines))
        tried = np.stack((grids[0], grids[0]))
        tried[1, line] = grids[1, line]
        odds = net(form, torch.from_numpy(tried[:, : line + 1].reshape(2, -1)))[:, -1]
        wins.append(float(odds[0] > odds[1]) + float(odds[0] == odds[1]) / 2)
    return float(np.mean(wins)) if wins else None
