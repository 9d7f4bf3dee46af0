"""What people type, before it goes anywhere."""

from __future__ import annotations

from typing import overload


@overload
def sound(text: str) -> str: ...
@overload
def sound(text: None) -> None: ...
def sound(text: str | None) -> str | None:
    """The text with `?` for each half of a surrogate pair, which JSON can carry and neither hash nor database can."""
    return None if text is None else text.encode("utf-8", "replace").decode()
