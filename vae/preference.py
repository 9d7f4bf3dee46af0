"""The flagship's last course: pairs -> tuning -> weights. `python -m vae tune` does all of it.

Pairs are kept in the run's folder, so that only a new flagship costs them again.
"""

from __future__ import annotations

from pathlib import Path

import torch
from rich.console import Console

from vae import pairs, weights
from vae.apprenticeship import fit_codes, keep, packed_corpus, teach
from vae.diet import Diet
from vae.errors import CorpusError
from vae.nets.flagship import Flagship
from vae.nets.preference import Tuned
from vae.poet import Poet
from vae.prosody.table import classical
from vae.training import Run, Schedule


def tune(corpus: Path, begin: Path | None, folder: Path, schedule: Schedule, device: str) -> list[Path]:
    """Tunes the flagship in a file, or the one that ships, or goes on from the folder's checkpoint; returns its files.

    Raises CorpusError, CheckpointError, Diverged, Unwritten, WeightsError.
    """
    console = Console(stderr=True)
    begin = begin or weights.shipped()
    poet = Poet.load(begin, device)
    _, writer = weights.load(begin)
    if not isinstance(poet.net, Flagship):
        raise weights.mismatch(begin, "only a flagship can be tuned")
    packed = packed_corpus(corpus / "train.jsonl.xz", folder, poet.vocabulary, console)
    stock = {}
    for found in pairs.prepared(folder / "pairs", packed, poet, writer):
        console.print(f"{found.form}: {len(found.ids):,} poems by people, each with our answer")
        stock[found.form] = found
    if not stock:
        raise CorpusError(path=corpus, reason="no poem of it keeps to the regular patterns")
    torch.manual_seed(schedule.seed)
    run = Run(folder, Tuned(poet.net), schedule, device, begun=writer)
    teach(run, pairs.Lessons(stock, seed=schedule.seed), console)
    fit_codes(poet.net, Diet(packed, poet.vocabulary, classical()), device)
    return keep(poet.net, folder, "flagship", console)
