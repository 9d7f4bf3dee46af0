"""What takes long to make and is made once: arrays in a file that says of what they were made."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae.errors import Unwritten, why

Arrays = Mapping[str, NDArray[Any]]
"""By name."""


def kept(path: Path, source: str, make: Callable[[], Arrays]) -> Arrays:
    """The arrays in a file, or new ones where it is missing, damaged or of another source.

    Raises Unwritten where they cannot be kept.
    """
    found = load(path, source)
    if found is not None:
        return found
    made = make()
    save(path, source, made)
    return made


def load(path: Path, source: str) -> Arrays | None:
    """What `save` wrote; None where there is nothing, or it is damaged or made of something else."""
    try:
        with np.load(path, allow_pickle=False) as found:
            if str(found["source"]) != source:
                return None
            return {name: found[name] for name in found.files if name != "source"}
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
        return None


def save(path: Path, source: str, arrays: Arrays) -> None:
    """source: what they were made of, for `load`. Raises Unwritten."""
    with written(path) as aside:
        np.savez(aside, allow_pickle=False, source=np.array(source), **arrays)


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """A file to write in, which then takes the place of `path`: whatever fails, that is as it was. Raises Unwritten."""
    aside = path.with_suffix(f".tmp{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield aside
        aside.replace(path)
    except OSError as error:
        raise Unwritten(path=path, reason=why(error)) from error
    finally:
        with suppress(OSError):
            aside.unlink()
