"""The program as it is installed: a wheel in an environment of its own, away from the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from bot.settings import Settings

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "vae", "migrations")
STAYS = {".po", ".md", ".corrections.tsv"}
"""What only those need who work on the program."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    how = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", str(built))
    subprocess.run([sys.executable, "-m", "pip", "wheel", *how, str(source)], check=True)
    (file,) = built.glob("lanting-*.whl")
    return file


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that has the wheel, and what it depends on from the one that runs this."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = environment / "bin" / "python"
    how = ("install", "--no-deps", "--no-index", "--no-compile", "--quiet", str(wheel))
    subprocess.run([sys.executable, "-m", "pip", "--python", str(python), *how], check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python.parent


def lanting(installed: Path, cwd: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    gone = {*(name.upper() for name in Settings.model_fields), "PYTHONPATH"}
    environment = {name: value for name, value in os.environ.items() if name not in gone} | {"DEVICE": "cpu"}
    command = [str(installed / "lanting"), *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, input=typed, capture_output=True, text=True, check=False)


def test_every_file_that_the_program_needs_is_in_the_wheel(wheel: Path):
    files = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file()
        and not {"__pycache__", "compiled"} & set(path.parts)
        and not any(path.name.endswith(end) for end in STAYS)
    }
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert files - held == set()
    assert {name.partition("/")[0] for name in held if ".dist-info/" not in name} == set(PACKAGES)


def test_the_console_writes_a_poem_and_keeps_it(installed: Path, tmp_path: Path):
    done = lanting(installed, tmp_path, typed="/poem form:couplet 明月\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "couplet · #1 ·" in done.stdout
    assert (tmp_path / "data" / "lanting.db").exists()


def test_the_doctor_finds_no_fault(installed: Path, tmp_path: Path):
    done = lanting(installed, tmp_path, "doctor")
    lines = done.stdout.splitlines()
    assert (done.returncode, lines[-1]) == (0, "All is well."), done.stdout + done.stderr
    assert [line.split()[1] for line in lines[:-1]] == [
        *("token", "commands", "translations", "weights", "poet", "font", "disk", "writing", "clock", "database"),
    ]
    assert list(tmp_path.iterdir()) == []
