"""What takes long to make is made once."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from tests.vae.full_disk import files_of_at_most
from vae.errors import Unwritten
from vae.keeping import Arrays, kept, written


class Maker:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Arrays:
        self.calls += 1
        return {"ids": np.arange(5)}


@pytest.fixture
def make() -> Maker:
    return Maker()


def test_it_is_made_once_for_a_source(tmp_path: Path, make: Maker) -> None:
    path = tmp_path / "deep" / "part.npz"
    for _ in range(3):
        assert kept(path, "one net", make)["ids"].tolist() == [0, 1, 2, 3, 4]
    assert make.calls == 1
    kept(path, "another", make)
    assert make.calls == 2


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 nonsense", b"text"])
def test_a_damaged_file_is_made_again(tmp_path: Path, make: Maker, damage: bytes) -> None:
    path = tmp_path / "part.npz"
    kept(path, "one", make)
    path.write_bytes(damage)
    assert kept(path, "one", make)["ids"].tolist() == [0, 1, 2, 3, 4]
    assert make.calls == 2


def test_where_it_cannot_be_kept_that_is_said(tmp_path: Path, make: Maker) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(Unwritten, match=r"part\.npz cannot be written: "):
        kept(tmp_path / "file" / "part.npz", "one", make)


def test_a_full_disk_leaves_what_stood_there(tmp_path: Path, make: Maker) -> None:
    path = tmp_path / "part.npz"
    kept(path, "one", make)
    before = path.read_bytes()
    with files_of_at_most(100), pytest.raises(Unwritten, match=r"part\.npz cannot be written: "):
        kept(path, "another", make)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_written_halfway_takes_no_place(tmp_path: Path) -> None:
    path = tmp_path / "rule.json"
    path.write_text("old")
    with suppress(KeyboardInterrupt), written(path) as aside:
        aside.write_text("ne")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    with written(path) as aside:
        aside.write_text("new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]
