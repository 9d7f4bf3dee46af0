"""What is given back to the system is no longer held, and what is read again is as it was."""

from __future__ import annotations

import mmap
import sys
from pathlib import Path

import pytest

from vae.bench import resident
from vae.thrift import give_back_freed, give_back_pages

MEGABYTES = 64

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing happens elsewhere")


def test_pages_of_a_file_are_given_back_and_read_again(tmp_path: Path) -> None:
    content = bytes(range(256)) * (MEGABYTES * 4096)
    file = tmp_path / "library"
    file.write_bytes(content)
    with (
        file.open("rb") as opened,
        mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ, flags=mmap.MAP_PRIVATE) as mapped,
    ):
        pages = mapped[:: mmap.PAGESIZE]
        held, _ = resident()
        give_back_pages(tmp_path / "another")
        assert resident()[0] > held - MEGABYTES / 2
        give_back_pages(file)
        assert resident()[0] < held - MEGABYTES / 2
        assert mapped[:: mmap.PAGESIZE] == pages
        assert mapped[:] == content


def test_what_was_changed_in_a_mapping_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "library"
    file.write_bytes(bytes(4 * mmap.PAGESIZE))
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_COPY) as mapped:
        mapped[0] = 7
        give_back_pages(file)
        assert mapped[0] == 7


def test_giving_back_what_was_freed_harms_nothing() -> None:
    kept = [bytearray(b"x" * 1000) for _ in range(1000)]
    give_back_freed()
    assert all(each == b"x" * 1000 for each in kept)
