"""Puts tables into MODEL_CARD.md, each between the marks of its section, and leaves all else as it stands."""

from __future__ import annotations

from pathlib import Path

from vae.errors import CardError

CARD = Path("MODEL_CARD.md")


def insert(path: Path, section: str, text: str) -> None:
    """Replaces what stands between `<!-- section -->` and `<!-- end of section -->`. Raises CardError."""
    begin, end = f"<!-- {section} -->", f"<!-- end of {section} -->"
    try:
        card = path.read_text(encoding="utf-8")
        before, found, rest = card.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise CardError(path=path, reason=f"it lacks the marks {begin} and {end}")
        aside = path.with_suffix(".tmp")
        aside.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", encoding="utf-8")
        aside.replace(path)
    except (OSError, UnicodeDecodeError) as error:
        raise CardError(path=path, reason=getattr(error, "strerror", None) or error) from error
