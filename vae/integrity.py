"""Whether files are as they were made: the tables and weights that ship, and what is compiled here; `SHA256SUMS` in their
folder says how they were.

`make sums` writes the list of what ships anew; `sha256sum --check SHA256SUMS` reads it too.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent
LIST = "SHA256SUMS"


def listed(folder: Path | None = None) -> dict[str, str]:
    """The SHA-256 of each file, in hexadecimal, by its path below the folder (of what ships); empty where the list is gone."""
    try:
        rows = ((folder or FOLDER) / LIST).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    return {name: digest for digest, _, name in (row.partition("  ") for row in rows)}


def altered(folder: Path | None = None) -> list[str]:
    """The listed files that are missing or not as they were made."""
    return [name for name, digest in listed(folder).items() if _digest((folder or FOLDER) / name) != digest]


def list_all(folder: Path) -> None:
    """Lists the files of a folder as they are now. Raises OSError."""
    rows = [f"{_digest(file)}  {file.name}\n" for file in sorted(folder.iterdir())]
    (folder / LIST).write_text("".join(rows), encoding="utf-8")


def _digest(file: Path) -> str | None:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return None
