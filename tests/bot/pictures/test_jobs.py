"""`python -m bot card`, `xray` and `map`: a file, its name on standard output, and one line where something is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image


def bot(folder: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(Path.cwd()), "PATH": ""},
        cwd=folder,
    )


@pytest.mark.parametrize("job", ["card", "xray"])
def test_a_picture_of_text_is_written_where_it_is_wanted(tmp_path: Path, job: str) -> None:
    done = bot(tmp_path, job, "--text", "床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。", "--out", "new/a.png")
    assert (done.returncode, done.stdout, done.stderr) == (0, "new/a.png\n", "")
    assert Image.open(tmp_path / "new" / "a.png").width == 1080


def test_a_poem_may_come_from_standard_input(tmp_path: Path) -> None:
    assert bot(tmp_path, "card", "--style", "indigo", typed="空山不見人\n但聞人語響\n").returncode == 0
    assert Image.open(tmp_path / "poem.png").getpixel((5, 5)) is not None


def test_what_cannot_be_drawn_or_written_is_one_line(tmp_path: Path) -> None:
    long = bot(tmp_path, "card", "--text", "明" * 241)
    assert (long.returncode, long.stderr) == (1, "lanting: That text has 241 characters; a card has room for 240.\n")
    (tmp_path / "file").touch()
    where = bot(tmp_path, "card", "--text", "明月", "--out", "file/a.png")
    assert where.returncode == 1
    assert where.stderr.startswith("lanting: The file file/a.png cannot be written")
    assert bot(tmp_path, "card", "--style", "velvet", "--text", "明月").returncode == 2


def test_a_walk_is_drawn_on_the_map(tmp_path: Path) -> None:
    done = bot(tmp_path, "map", "床前明月光", "白日依山盡", "--steps", "3", "--out", "m.png")
    assert (done.returncode, done.stdout) == (0, "m.png\n")
    assert Image.open(tmp_path / "m.png").width == 1080
