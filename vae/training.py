"""One training loop for every net: bounded by steps or minutes, annealed over that bound, resumable to the step."""

from __future__ import annotations

import dataclasses
import json
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from vae import parallel
from vae.errors import CheckpointError, Diverged, PoetError, Unwritten, why
from vae.muon import StackedMuon
from vae.nets.batch import Batch, Losses
from vae.nets.coherence import Kindred
from vae.nets.critic import Trial
from vae.nets.flagship import Block
from vae.nets.layers import FanOut, GatedConv, HashedPairs
from vae.nets.preference import Pairs, Tuned
from vae.recording import Recorder
from vae.weights import Judging, Net

CHECKPOINT = "checkpoint.pt"
LOG = "log.jsonl"
FRESH = "fresh"
"""What a run began from that began from no weights."""
_Loss = Callable[[Any, float], Losses]
_Taught = Net | Judging | Tuned


@dataclass(frozen=True, slots=True)
class Schedule:
    """How to train. The rate rises over the first steps and falls in a line to zero at the end of the bound.

    steps or minutes: the bound of the whole run, resumed parts counted in; steps decides where both are given.
    muon_rate: for the hidden matrices (Jordan et al. 2024, Muon); adam_rate: for embeddings, heads, norms and biases.
    pair_decay: of the tables of hashed pairs, in shares of the rate a step: a pair seldom met is forgotten between two
    meetings, lest what followed it once be known by heart (what Kneser-Ney's discounts do for counts).
    average: of the moving average of the weights, what one step leaves of it; the average is what a run ends with.
    """

    steps: int | None = None
    minutes: float | None = None
    muon_rate: float = 0.02
    adam_rate: float = 2e-3
    weight_decay: float = 0.0
    pair_decay: float = 0.3
    clip: float = 1.0
    warm_up: int = 50
    average: float = 0.99
    seed: int = 0
    compile: bool = False

    def times(self, rate: float) -> Schedule:
        """The same with both learning rates multiplied."""
        return dataclasses.replace(self, muon_rate=self.muon_rate * rate, adam_rate=self.adam_rate * rate)


@dataclass(frozen=True, slots=True)
class Report:
    """Where a run stands. progress: share of its bound, 0 to 1; losses: means since the last report, by name."""

    step: int
    progress: float
    seconds: float
    characters: int
    losses: dict[str, float]


class Fare(Protocol):
    """What a net learns from, step by step."""

    def batch(self, step: int) -> Batch | Trial | Kindred | Pairs:
        """The batch of a step, from 0: the same in every run."""
        ...


class Run:
    """A folder that holds one run: its checkpoint and a JSON line a report."""

    def __init__(
        self, folder: Path, net: _Taught, schedule: Schedule, device: str = "cpu", begun: str | None = None
    ) -> None:
        """begun: the hash of the weights that the net begins with, or FRESH: a run goes on from no others. None, and in
        checkpoints from before it was told, where that is not known."""
        self.folder, self.net, self.schedule, self.device = folder, net.to(device), schedule, device
        self.step, self.seconds, self.characters = 0, 0.0, 0
        self.optimisers = _optimisers(net, schedule)
        self.average = AveragedModel(self.net, multi_avg_fn=get_ema_multi_avg_fn(schedule.average))  # type: ignore[no-untyped-call]
        self._told = {
            "net": dataclasses.asdict(net.config),
            "schedule": dataclasses.asdict(schedule),
            "taught": type(net).__name__,
            "begun": begun,
        }

    @property
    def progress(self) -> float:
        """0 to 1."""
        if self.schedule.steps is not None:
            return min(1.0, self.step / self.schedule.steps)
        return min(1.0, self.seconds / 60 / self.schedule.minutes) if self.schedule.minutes else 0.0

    def resume(self) -> bool:
        """Goes on from the folder's checkpoint, if it has one. Raises CheckpointError for a damaged or foreign one."""
        path = self.folder / CHECKPOINT
        if not path.exists():
            return False
        try:
            state: dict[str, Any] = torch.load(path, map_location=self.device, weights_only=True)
            unlike = self._unlike({"taught": self._told["taught"], "begun": None} | state["told"])
            if unlike is not None:
                raise CheckpointError(path=path, verb="resumed", reason=unlike)
            self._take(state)
        except (PoetError, MemoryError, torch.OutOfMemoryError):
            raise
        except Exception as error:  # there is no telling what a damaged file makes its readers stumble over
            raise CheckpointError(path=path, verb="read", reason=f"it is damaged ({why(error)[:150]})") from error
        return True

    def _unlike(self, told: dict[str, Any]) -> str | None:
        """Why this run cannot go on from a checkpoint that tells this of itself; None where it can."""
        if (told["net"], told["taught"]) != (self._told["net"], self._told["taught"]):
            return "it is of another net; choose another --out folder"
        seed, rates = told["schedule"]["seed"], [told["schedule"][name] for name in ("muon_rate", "adam_rate")]
        if seed != self.schedule.seed:
            return f"it was begun with the random seed {seed}; give that, or another --out folder"
        if rates != [self.schedule.muon_rate, self.schedule.adam_rate]:
            rate = rates[0] / Schedule().muon_rate
            return f"it was begun at {rate:.4g} times the usual learning rates; give that, or another --out folder"
        if None not in (told["begun"], self._told["begun"]) and told["begun"] != self._told["begun"]:
            return "it began from other weights; choose another --out folder"
        return None

    def _take(self, state: dict[str, Any]) -> None:
        step, seconds, characters = int(state["step"]), float(state["seconds"]), int(state["characters"])
        self.net.load_state_dict(state["weights"])
        self.average.load_state_dict(state["average"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.step, self.seconds, self.characters = step, seconds, characters

    def _together(self) -> None:
        """Raises CheckpointError where the processes have not all gone on from one checkpoint."""
        if self.step != parallel.leaders(self.step, self.device):
            reason = "the processes do not all see it; give them one --out folder"
            raise CheckpointError(path=self.folder / CHECKPOINT, verb="resumed", reason=reason)

    def save(self) -> None:
        """Writes the checkpoint aside, then renames it: a kill or a full disk leaves the last one intact. The leader's
        business, where several processes train."""
        if not parallel.leads():
            return
        path = self.folder / CHECKPOINT
        aside = path.with_suffix(".tmp")
        state = {
            "told": self._told,
            "weights": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "step": self.step,
            "seconds": self.seconds,
            "characters": self.characters,
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            torch.save(state, aside)
            aside.replace(path)
        except (OSError, RuntimeError) as error:
            with suppress(OSError):
                aside.unlink()
            raise CheckpointError(path=path, verb="written", reason=why(error)) from error

    def train(self, diet: Fare, *, every: float = 10.0, save_every: float = 120.0) -> Iterator[Report]:
        """Steps to the bound; yields a report about every `every` seconds and at the end. Raises CheckpointError,
        Unwritten, and Diverged before anything that is no number is reported or saved.

        Afterwards the net holds the average of its last weights; the checkpoint keeps both.
        """
        self._together()
        self.net.train()
        gradients = self._gradients()
        sums: dict[str, Tensor] = {}
        last_step, reported, saved = self.step, time.monotonic(), time.monotonic()
        while self.progress < 1:
            begun = time.monotonic()
            for name, value in self._one_step(diet, gradients).items():
                sums[name] = sums.get(name, torch.zeros((), device=self.device)) + value
            now = time.monotonic()
            self.seconds += now - begun
            if self.schedule.steps is None:
                self.seconds = parallel.leaders(self.seconds, self.device)  # lest one should stop before another
            finished = self.progress >= 1
            due, to_save = finished or now - reported >= every, finished or now - saved >= save_every
            if due or to_save:
                self._refuse_divergence(sums)
            if due:
                yield self._report(sums, self.step - last_step)
                sums, last_step, reported = {}, self.step, now
            if to_save:
                self.save()
                saved = now
        self.net.load_state_dict(self.average.module.state_dict())
        self.net.eval()
        self.net.zero_grad(set_to_none=True)

    def _gradients(self) -> _Loss:
        """What leaves the gradients of a batch's loss, and returns it."""
        loss: _Loss = parallel.loss_of(self.net)
        if self.schedule.compile and self.device == "cpu":
            loss = torch.compile(loss, dynamic=False)
        elif self.schedule.compile:
            _compile_layers(self.net)

        def of(batch: Any, progress: Any) -> Losses:  # noqa: ANN401
            with autocast(self.device):
                return loss(batch, progress)

        if self.device == "cuda" and parallel.size() == 1 and isinstance(self.net, Net):
            return Recorder(self.net, of)

        def leave(batch: Any, progress: float) -> Losses:  # noqa: ANN401
            for optimiser in self.optimisers:
                optimiser.zero_grad(set_to_none=True)
            losses = of(batch.to(self.device), progress)
            losses.total.backward()  # type: ignore[no-untyped-call]
            return losses

        return leave

    def _one_step(self, diet: Fare, gradients: _Loss) -> dict[str, Tensor]:
        # Seeded by the step, so that a resumed run draws what an unbroken one would have drawn.
        torch.manual_seed(self.schedule.seed << 32 | self.step)
        whole = diet.batch(self.step)
        self._set_rates()
        with parallel.whole_draws(len(whole.ids)):
            losses = gradients(parallel.part(whole, parallel.mine(len(whole.ids))), self.progress)
        nn.utils.clip_grad_norm_(self.net.parameters(), self.schedule.clip)
        for optimiser in self.optimisers:
            optimiser.step()
        self.average.update_parameters(self.net)
        self.step += 1
        self.characters += whole.ids.numel()
        return parallel.averaged(losses.report)

    def _refuse_divergence(self, sums: dict[str, Tensor]) -> None:
        """Raises Diverged. The weights are looked at too: a gradient beyond all bounds spoils them after a sound loss."""
        astray = [name for name, value in sums.items() if not value.isfinite()]
        if not all(parameter.isfinite().all() for parameter in self.net.parameters()):
            astray.append("weights")
        if astray:
            path = self.folder / CHECKPOINT
            kept = f"The checkpoint at {path} is from before." if path.exists() else "There was no checkpoint yet."
            raise Diverged(step=self.step, what=", ".join(astray), kept=kept)

    def _set_rates(self) -> None:
        share = min(1.0, (self.step + 1) / self.schedule.warm_up) * max(0.0, 1 - self.progress)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["peak"] * share

    def _report(self, sums: dict[str, Tensor], steps: int) -> Report:
        means = {name: round(float(value) / max(1, steps), 4) for name, value in sums.items()}
        report = Report(self.step, round(self.progress, 4), round(self.seconds, 1), self.characters, means)
        if not parallel.leads():
            return report
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / LOG).open("a", encoding="utf-8") as log:
                log.write(json.dumps(dataclasses.asdict(report)) + "\n")
        except OSError as error:
            raise Unwritten(path=self.folder / LOG, reason=why(error)) from error
        return report


def _optimisers(net: _Taught, schedule: Schedule) -> list[torch.optim.Optimizer]:
    hidden = [p for module in net.modules() for p in module.parameters(recurse=False) if _is_hidden(module, p)]
    taken = {id(p) for p in hidden}
    pairs = [table for module in net.modules() if isinstance(module, HashedPairs) for table in module.weights]
    taken |= {id(table) for table in pairs}
    others = [p for p in net.parameters() if id(p) not in taken]
    kind = StackedMuon if hidden[0].is_cuda else torch.optim.Muon
    muon = kind(
        [{"params": hidden, "peak": schedule.muon_rate}], lr=schedule.muon_rate, weight_decay=schedule.weight_decay
    )
    groups = [(others, 0.0), (pairs, schedule.pair_decay)]
    adam = torch.optim.AdamW(
        [{"params": some, "weight_decay": decay, "peak": schedule.adam_rate} for some, decay in groups if some],
        lr=schedule.adam_rate,
        betas=(0.9, 0.95),
        fused=True,
    )
    return [muon, adam]


def _compile_layers(net: nn.Module) -> None:
    """Layers that are alike are compiled once, for all forms: half a minute, where a whole loss takes one for each form."""
    for module in net.modules():
        if isinstance(module, Block | GatedConv):
            module.compile(dynamic=True)


def _is_hidden(module: nn.Module, parameter: nn.Parameter) -> bool:
    return isinstance(module, nn.Linear) and not isinstance(module, FanOut) and parameter.ndim == 2


def autocast(device: str) -> AbstractContextManager[Any]:
    """bf16 where the device has units for it, float32 elsewhere."""
    # Norms under autocast have float32 weights on purpose; torch tells of it once.
    warnings.filterwarnings("ignore", message="Mismatch dtype between input and weight")
    if device == "cuda":
        return torch.autocast("cuda", torch.bfloat16)
    able = torch.cpu.get_capabilities()
    fast = able.get("avx512_bf16") or able.get("amx_bf16")
    return torch.autocast("cpu", torch.bfloat16) if fast else nullcontext()
