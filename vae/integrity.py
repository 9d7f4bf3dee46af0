"""Whether the tables and weights that ship are as they were made; `SHA256SUMS` says how they were.

`make sums` writes that list anew; `sha256sum --check SHA256SUMS` in this folder reads it too.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent
SUMS = FOLDER / "SHA256SUMS"


def listed() -> dict[str, str]:
    """The SHA-256 of each shipped file, in hexadecimal, by its path below this folder; empty where the list is gone."""
    try:
        rows = SUMS.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {name: digest for digest, _, name in (row.partition("  ") for row in rows)}


def altered() -> list[str]:
    """The listed files that are missing or not as they were made."""
    return [name for name, digest in listed().items() if _digest(FOLDER / name) != digest]


def _digest(file: Path) -> str | None:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return None
