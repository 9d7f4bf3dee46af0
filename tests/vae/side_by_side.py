"""What test_parallel.py has one process do, or several: `torchrun … -m tests.vae.side_by_side FOLDER STOP`.

Leaves in a folder for each net its gradients at the first step, and trains it to the step STOP of `STEPS`, or goes on.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
import torch

from tests.vae import small
from vae import parallel, training, weights
from vae.nets.ancestor import AncestorConfig
from vae.nets.flagship import FlagshipConfig
from vae.training import Run, Schedule

CONFIGS = {config.kind: config for config in (small.ANCESTOR, small.FLAGSHIP)}
GRADIENTS = "gradients.pt"
STEPS = 40


def work(folder: Path, stop: int) -> None:
    with parallel.together("cpu"), pytest.MonkeyPatch.context() as patch:
        # Float32 on every processor, so that nothing differs but the order of sums.
        patch.setattr(training, "autocast", lambda device: nullcontext())
        for kind, config in CONFIGS.items():
            leave_gradients(begun(folder / kind / "first", config, 1))
            train(begun(folder / kind, config, STEPS), stop)


def begun(folder: Path, config: AncestorConfig | FlagshipConfig, steps: int) -> Run:
    torch.manual_seed(0)
    return Run(folder, weights.build(config), Schedule(steps=steps, warm_up=4, clip=1e9))


def leave_gradients(run: Run) -> None:
    run.optimisers = []  # which would clear them
    with torch.no_grad():
        for parameter in run.net.parameters():  # nothing at zero, or what lies before it would have no gradient
            parameter.add_(0.05 * torch.randn_like(parameter))
    next(run.train(small.diet()))
    if parallel.leads():
        run.folder.mkdir(parents=True, exist_ok=True)
        torch.save({name: p.grad for name, p in run.net.named_parameters()}, run.folder / GRADIENTS)


def train(run: Run, stop: int) -> None:
    """Ends at `stop` as one who was told to."""
    run.resume()
    for report in run.train(small.diet(), every=0):
        if report.step == stop:
            run.save()
            return


if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[2]))
