"""The house keeps its order: layers, types and style, by the tools that `make lint` runs."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [["lint-imports"], ["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]],
    ids=["imports flow one way", "lint", "format", "types"],
)
def test_order_is_kept(command: list[str]) -> None:
    tool = shutil.which(command[0], path=f"{BIN}:{ROOT}")
    assert tool, f"{command[0]} is not installed"
    done = subprocess.run([tool, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
