"""Memory that nobody needs goes back to the system at once, where the system is Linux with glibc; elsewhere nothing happens.

Nets are read in one type and kept in another, and a compiled library copies the weights that it brings along. What is then left
over stays with the process otherwise: a quarter of what the bot holds.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

_MAPS = Path("/proc/self/smaps")
_MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)")
_DONTNEED = 4


def give_back_freed() -> None:
    """What was freed."""
    trim = getattr(_library(), "malloc_trim", None)
    if trim is not None:
        trim(0)


def give_back_pages(file: Path) -> None:
    """What was read of a mapped file and is as it stands there: whoever looks again reads it again."""
    advise = getattr(_library(), "madvise", None)
    if advise is None:
        return
    with suppress(OSError):  # /proc may be closed to us
        maps = _MAPS.read_text(encoding="utf-8", errors="replace").splitlines()
        for start, size in unchanged(maps, str(file.resolve())):
            advise(ctypes.c_void_p(start), ctypes.c_size_t(size), _DONTNEED)


def _library() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform == "linux" else None


def unchanged(maps: Iterable[str], file: str) -> Iterator[tuple[int, int]]:
    """Where mappings of a file begin that cannot be written to and hold no page of their own, and their bytes.

    maps: the lines of /proc/PID/smaps.
    """
    found: tuple[int, int] | None = None
    for line in maps:
        mapping = _MAPPING.fullmatch(line)
        if mapping:
            start, end, may, name = mapping.groups()
            found = (int(start, 16), int(end, 16) - int(start, 16)) if name == file and may == "r--p" else None
        elif found and line.startswith("Anonymous:") and line.split()[1] == "0":
            yield found
