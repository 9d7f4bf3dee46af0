"""What is given back to the system is no longer held, and what is read again is as it was."""

from __future__ import annotations

import ctypes
import mmap
import sys
from pathlib import Path

import pytest

from vae.bench import resident
from vae.thrift import give_back_freed, give_back_pages, unchanged

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


def test_what_was_changed_before_it_was_closed_to_writing_is_kept(tmp_path: Path) -> None:
    """As a library's addresses are, which are filled in when it is loaded."""
    file = tmp_path / "library"
    file.write_bytes(bytes(4 * mmap.PAGESIZE))
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_COPY) as mapped:
        mapped[0] = 7
        start = ctypes.addressof(ctypes.c_char.from_buffer(mapped))
        assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(start), ctypes.c_size_t(len(mapped)), mmap.PROT_READ) == 0
        give_back_pages(file)
        assert ctypes.string_at(start, 1) == b"\x07"


def test_pages_are_given_back_of_the_file_that_is_named_where_none_is_the_process_own() -> None:
    maps = [
        "1000-3000 r--p 00000000 fe:00 1 /a/library.so",
        "Anonymous:             0 kB",
        "3000-4000 r--p 00002000 fe:00 1 /a/library.so",
        "Anonymous:             4 kB",
        "4000-5000 rw-p 00003000 fe:00 1 /a/library.so",
        "Anonymous:             0 kB",
        "5000-6000 r--p 00000000 fe:00 2 /another/library.so",
        "Anonymous:             0 kB",
        "6000-7000 rw-p 00000000 00:00 0",
        "Anonymous:             0 kB",
    ]
    assert list(unchanged(maps, "/a/library.so")) == [(0x1000, 0x2000)]


def test_what_was_freed_is_given_back() -> None:
    """Small pieces between which the system gets nothing back by itself."""
    pieces = [bytes(60_000) for _ in range(2000)]
    kept = pieces[::100]
    held, _ = resident()
    del pieces
    give_back_freed()
    assert resident()[0] < held - 60
    assert all(piece == bytes(60_000) for piece in kept)
