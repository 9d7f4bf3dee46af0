"""From the corpus to weights: what `python -m vae train` does, step by step, and says while it does it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from vae import parallel, weights
from vae.corpus import CorpusPoem, Packed, pack, read_poems
from vae.diet import BATCH, SHARES, Diet
from vae.errors import CorpusError, UnknownChoice, why
from vae.nets.ancestor import AncestorConfig
from vae.nets.flagship import FlagshipConfig
from vae.poem import Form
from vae.prosody.table import classical
from vae.training import FRESH, Fare, Report, Run, Schedule
from vae.vocabulary import Vocabulary
from vae.weights import Judging, Net

PACKED = "corpus.npz"
FITTED_POEMS = 16384
"""Poems of a form whose posteriors the codes of unseeded poems are fitted to."""


@dataclass(frozen=True, slots=True)
class Course:
    """A net to train and what it reads.

    shares: of the characters read, by form; batch: characters a step; weight_decay: of the hidden matrices, for a net that
    reads everything dozens of times.
    """

    config: AncestorConfig | FlagshipConfig
    shares: Mapping[Form, float]
    batch: int = BATCH
    weight_decay: float = 0.0

    def adapted(self, schedule: Schedule) -> Schedule:
        """A schedule of steps of `BATCH` characters, for this one's: pairs are forgotten in as many characters."""
        decay = schedule.pair_decay * self.batch / BATCH
        return dataclasses.replace(schedule, pair_decay=decay, weight_decay=self.weight_decay)


def course(name: str, vocabulary: Vocabulary) -> Course:
    """By name: `couplet`, the ancestor as it was, on couplets of 5 + 5; `ancestor`, widened to all forms; `flagship`, which
    two processor cores train in an afternoon; `large`, the same for a GPU, 29 M parameters, 30 MB as a file.

    Raises UnknownChoice.
    """
    size, groups = len(vocabulary), len(classical().rhyme_groups)
    usual = partial(FlagshipConfig, size, groups, pair_bits=16)
    courses = {
        "couplet": Course(AncestorConfig(size), {Form.COUPLET: 1.0}),
        "ancestor": Course(AncestorConfig(size, width=192, latent=128, layers=6), SHARES),
        "flagship": Course(usual(layers=7, pair_dropout=0.3), SHARES),
        "large": Course(
            usual(width=320, layers=7, heads=5, kl_weight=1.0, dropout=0.15, pair_dropout=0.3),
            SHARES,
            batch=16384,
            weight_decay=0.03,
        ),
    }
    if name not in courses:
        raise UnknownChoice(what="net", given=name, choices=", ".join(courses))
    return courses[name]


def train(
    name: str, corpus: Path, folder: Path, schedule: Schedule, device: str, begin: Path | None = None
) -> list[Path]:
    """Trains a fresh net or the one in the file `begin`, or goes on from the folder's checkpoint; returns the weights' files.

    Under torchrun the processes share every batch. Raises CorpusError, CheckpointError, Diverged, UnknownChoice, Unwritten,
    WeightsError.
    """
    with parallel.together(device):
        return _train(name, corpus, folder, schedule, device, begin)


def _train(name: str, corpus: Path, folder: Path, schedule: Schedule, device: str, begin: Path | None) -> list[Path]:
    console = Console(stderr=True, quiet=not parallel.leads())
    vocabulary = Vocabulary.shipped()
    chosen = course(name, vocabulary)
    with parallel.leader_first():
        packed = packed_corpus(corpus / "train.jsonl.xz", folder, vocabulary, console)
    torch.manual_seed(schedule.seed)
    net = weights.build(chosen.config)
    begun = FRESH if begin is None else weights.grow(net, begin)
    diet = Diet(
        packed, vocabulary, classical(), shares=chosen.shares, batch_characters=chosen.batch, seed=schedule.seed
    )
    if not diet.forms:
        raise CorpusError(path=corpus, reason="it holds no poem of a form that this net is taught")
    run = Run(folder, net, chosen.adapted(schedule), device, begun=begun)
    teach(run, diet, console)
    if not parallel.leads():
        return []
    fit_codes(net, diet, device)
    return keep(net, folder, name, console)


def teach(run: Run, fare: Fare, console: Console) -> None:
    """Carries a run to its end, from its folder's checkpoint where it has one, and shows it.

    Raises CheckpointError, Diverged, Unwritten.
    """
    if run.resume():
        console.print(f"Going on from step {run.step} in {run.folder}.")
    watch(run, run.train(fare), console)


def keep(net: Net | Judging, folder: Path, name: str, console: Console) -> list[Path]:
    """Writes a net's files and tells where. Raises Unwritten."""
    files = weights.save(net.to("cpu"), folder, name)
    console.print(f"Weights: {', '.join(map(str, files))}")
    return files


def packed_corpus(path: Path, folder: Path, vocabulary: Vocabulary, console: Console) -> Packed:
    """The corpus as arrays, read once and then kept in the run's folder. Raises CorpusError, Unwritten."""
    kept = folder / PACKED
    characters = hashlib.sha256(vocabulary.characters.encode()).hexdigest()
    source = f"{_fingerprint(path)}, passages of all, vocabulary {characters}"
    found = Packed.load(kept, source)
    if found is not None:
        return found
    with _progress(console) as progress:
        packed = pack(_counted(read_poems(path), progress, path), vocabulary)
    if not packed.poems:
        raise CorpusError(path=path, reason="it holds no poem of a regular form")
    console.print(f"{packed.characters:,} characters in {sum(map(len, packed.poems.values())):,} poems; left out:")
    for reason, count in packed.dropped.most_common():
        console.print(f"  {count:,} {reason}")
    packed.save(kept, source)
    return packed


def _fingerprint(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CorpusError(path=path, reason=why(error)) from error


def fit_codes(net: Net, diet: Diet, device: str) -> None:
    """Fits the codes of unseeded poems to the posteriors of poems in the diet, form by form."""
    rng = np.random.default_rng(0)
    net.eval()
    with torch.inference_mode():
        for form in diet.forms:
            pool = diet.pools[form]
            rows: NDArray[np.int64] = pool[rng.permutation(len(pool))[:FITTED_POEMS]].astype(np.int64)
            if len(rows) > 2 * net.config.latent:  # fewer would not span the code's space
                parts = [net.encode(form, torch.from_numpy(part).to(device)) for part in np.array_split(rows, 32)]
                mu, logvar = (torch.cat(both) for both in zip(*parts, strict=True))
                tones, rhyme = (torch.from_numpy(each).to(device) for each in diet.tones.of(form, rows, rng))
                net.codes.fit(form, mu, logvar, tones, rhyme)


def watch(run: Run, reports: Iterable[Report], console: Console) -> None:
    """Shows a run as it goes: a bar at a terminal, else a JSON line a report on standard output."""
    with _progress(console) as progress:
        task = progress.add_task("training", total=1.0)
        for report in reports:
            losses = "  ".join(f"{name} {value:.3f}" for name, value in report.losses.items())
            speed = report.characters / max(report.seconds, 1e-9)
            progress.update(
                task, completed=report.progress, description=f"step {report.step}  {losses}  {speed:,.0f}/s"
            )
            if not console.is_terminal and parallel.leads():
                sys.stdout.write(json.dumps({"step": report.step, "progress": report.progress} | report.losses) + "\n")
                sys.stdout.flush()


def _progress(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _counted(poems: Iterator[CorpusPoem], progress: Progress, path: Path) -> Iterator[CorpusPoem]:
    # The number of poems is known only at the end; a poem takes about 95 bytes of a compressed file.
    total = path.stat().st_size // 95 if path.exists() else None
    task = progress.add_task("reading the corpus", total=total)
    count = 0
    for count, poem in enumerate(poems, 1):
        if count % 1000 == 0:
            progress.update(task, completed=count)
        yield poem
    progress.update(task, total=count, completed=count)
