"""Two processes under torchrun train as one does with the same batches."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.vae.side_by_side import CONFIGS, GRADIENTS, STEPS, work
from vae.training import LOG

ROOT = Path(__file__).parents[2]


def torchrun(*arguments: object) -> None:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m"]
    done = subprocess.run(
        [*command, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """What one process left, and what two did who were stopped halfway."""
    one, two = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    work(one, STEPS)
    for stop in (STEPS // 2, STEPS):
        torchrun("tests.vae.side_by_side", two, stop)
    return one, two


@pytest.mark.parametrize("kind", CONFIGS)
def test_two_processes_have_the_gradients_of_one(kind: str, folders: tuple[Path, Path]) -> None:
    one, two = (torch.load(folder / kind / "first" / GRADIENTS) for folder in folders)
    assert one.keys() == two.keys()
    for name, gradient in one.items():
        assert gradient.norm() > 0 or name == "no_code", name  # for a row in ten, and none is in this batch
        assert (two[name] - gradient).norm() <= 1e-5 * gradient.norm(), name


@pytest.mark.parametrize("kind", CONFIGS)
def test_two_processes_have_the_loss_curve_of_one_and_go_on_along_it(kind: str, folders: tuple[Path, Path]) -> None:
    """To four digits at first; then the rounding of sums tells, which Muon's bf16 makes larger."""
    one, two = ([json.loads(line) for line in (folder / kind / LOG).read_text().splitlines()] for folder in folders)
    assert [line["step"] for line in two] == list(range(1, STEPS + 1))
    assert [line["characters"] for line in two] == [line["characters"] for line in one]
    for mine, its in zip(one, two, strict=True):
        exact = mine["step"] <= 2
        for name in {"nats", "one_shot"} & mine["losses"].keys():
            assert its["losses"][name] == pytest.approx(mine["losses"][name], rel=3e-5 if exact else 1e-3)
        assert its["losses"]["kl"] == pytest.approx(mine["losses"]["kl"], rel=3e-4 if exact else 0.1)
