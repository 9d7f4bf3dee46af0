"""What the jobs that draw share."""

from __future__ import annotations

from pathlib import Path

from bot.errors import FileUnwritable
from bot.pictures.studio import Picture


def save(picture: Picture, out: Path) -> int:
    """Writes the file and says so; returns the exit code. Raises FileUnwritable."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(picture.data)
    except OSError as error:
        raise FileUnwritable(path=out, reason=error.strerror) from error
    print(out)  # noqa: T201
    return 0
