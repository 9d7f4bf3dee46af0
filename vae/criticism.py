"""The critic's course: foils -> trials -> training -> weights -> how well it tells them apart on poems never read.

`python -m vae train --net critic` does all of it; foils are kept in the run's folder, so that only a new flagship costs
them again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from torch import Tensor

from vae import foils, weights
from vae.apprenticeship import keep, packed_corpus, teach
from vae.corpus import Packed, pack, read_poems
from vae.diet import SHARES
from vae.errors import CorpusError
from vae.foils import Foils, Models
from vae.nets.coherence import Coherence
from vae.nets.critic import OWN, SWAPPED, Critic, CriticConfig, Trial
from vae.nets.flagship import Flagship
from vae.poem import Form
from vae.poet import Poet
from vae.script import normalise
from vae.training import Run, Schedule
from vae.trials import Trials, trial
from vae.vocabulary import Vocabulary
from vae.weights import Net

HELD_OUT: dict[Form, int] = dict.fromkeys(SHARES, 1)
TOLD = 128
"""Held-out foils of each kind and form that the critic is asked to tell, and as many poems by people."""


def train(corpus: Path, folder: Path, schedule: Schedule, device: str, begin: Path | None = None) -> list[Path]:
    """Trains a critic of the shipped flagship's poems, or goes on from the folder's checkpoint; returns its files.

    begin: a critic's weights to begin with; by default what the flagship's encoder knows, where it is of the critic's width.
    Raises CorpusError, CheckpointError, Diverged, Unwritten, WeightsError.
    """
    console = Console(stderr=True)
    poet = Poet.load(device=device)
    _, writer = weights.load(weights.shipped())
    torch.manual_seed(schedule.seed)
    critic = Critic(CriticConfig(len(poet.vocabulary)))
    begun = taught(critic, begin, poet.net, writer, console)
    packed = foils.critics_part(packed_corpus(corpus / "train.jsonl.xz", folder, poet.vocabulary, console))
    trials = Trials(_told(foils.prepared(folder / "foils", packed, poet, writer), console), seed=schedule.seed)
    if not trials.stock:
        raise CorpusError(path=corpus, reason="no poem of it that the critic may read keeps to the regular patterns")
    run = Run(folder, critic, schedule, device, begun=begun)
    teach(run, trials, console)
    files = keep(critic, folder, "critic", console)
    critic, _ = weights.load_critic(files[0])  # rounded, as it ships
    for form, found, made in foils.prepared(
        folder / "held-out", unread(corpus, poet.vocabulary), poet, writer, HELD_OUT, TOLD
    ):
        told = "  ".join(f"{name} {value:.3f}" for name, value in areas(critic, form, found, made).items())
        console.print(f"{form}: {told}")
    return files


def taught(net: Critic | Coherence, begin: Path | None, flagship: Net, writer: str, console: Console) -> str:
    """Gives a fresh net what the one in the file `begin` has learned, or else what the flagship knows where that is of its
    width; returns the hashes of what it began with. writer: the flagship's. Raises WeightsError."""
    if begin is not None:
        return f"{writer} {weights.grow(net, begin)}"
    if not (isinstance(flagship, Flagship) and net.begin_from(flagship)):
        console.print(
            "The flagship is of another width: this net begins from nothing. --from begins with one that has learnt."
        )
    return writer


def unread(corpus: Path, vocabulary: Vocabulary) -> Packed:
    """The validation part's poems that share no two lines with the training part. Raises CorpusError."""
    seen: set[str] = set()
    for poem in read_poems(corpus / "train.jsonl.xz"):
        seen.update(map(normalise, poem.lines))
    return pack(read_poems(corpus / "valid.jsonl.xz"), vocabulary, seen)


@torch.inference_mode()
def areas(critic: Critic, form: Form, found: Models, made: Foils, count: int = TOLD) -> dict[str, float]:
    """For each head the area under its ROC curve: how often it marks the true higher than the false. Ties count half."""
    count = min(count, len(found.ids), len(made.own))
    tried = trial(form, found, made, (count, count, count), form.lines, np.random.default_rng(0))
    told = critic(form, tried.ids)
    people = slice(0, count)
    heads = {
        "human": (told.human[people], told.human[tried.kinds == OWN]),
        "stands": _places(tried, told.stands),
    }
    return {name: area(true.numpy(), false.numpy()) for name, (true, false) in heads.items()}


def _places(tried: Trial, stands: Tensor) -> tuple[Tensor, Tensor]:
    swapped = tried.kinds == SWAPPED
    marks, changed = stands[swapped], tried.changed[swapped]
    return marks[~changed], marks[changed]


def area(true: NDArray[np.float32], false: NDArray[np.float32]) -> float:
    """The probability that one of `true` is higher than one of `false`."""
    ordered = np.sort(false)
    below, up_to = np.searchsorted(ordered, true, "left"), np.searchsorted(ordered, true, "right")
    return float((below + up_to).mean() / 2 / max(1, len(false)))


def _told(stock: Iterator[tuple[Form, Models, Foils]], console: Console) -> Iterator[tuple[Form, Models, Foils]]:
    for form, found, made in stock:
        console.print(
            f"{form}: {len(found.ids):,} poems by people, {len(made.own):,} ours, {len(made.swapped):,} swapped"
        )
        yield form, found, made
