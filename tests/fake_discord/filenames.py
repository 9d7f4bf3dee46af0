"""What Discord makes of a file's name."""

from __future__ import annotations

import re
import unicodedata

SCHEME = "attachment://"


def cleansed(filename: str) -> str:
    """ASCII letters, digits, `_`, `-` and `.` stay; of 月.png only the ending is left (discord-api-docs#7754)."""
    plain = unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9_.-]", "", "_".join(re.sub(r"[/\\]", " ", plain).split()))
    return plain.strip("._") or "unknown"


def cleansed_reference(url: str) -> str:
    """`attachment://name` names the file by its cleansed name too; other URLs stay as they are."""
    return SCHEME + cleansed(url.removeprefix(SCHEME)) if url.startswith(SCHEME) else url
