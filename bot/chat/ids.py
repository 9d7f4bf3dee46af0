"""What a button, a select or a modal remembers: its custom id, `p1:again:2s`.

The first part names who reads the rest, and its version: ids that stand under old messages are never given a new
meaning, a new meaning gets a new version. Numbers are written to base 36. No memory of ours is needed to answer a press.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

PATTERN = re.compile(r"(?P<kind>[a-z][0-9]+):(?P<action>[a-z]+)(?P<arguments>(:[0-9a-z]*)*)")
LIMIT = 100
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

POEM, WALK, FAVOURITES, WAITING, ERASURE, MODAL = "p1", "b1", "f1", "w1", "e1", "m1"


@dataclass(frozen=True, slots=True)
class Id:
    kind: str
    action: str
    arguments: tuple[str, ...] = ()

    @classmethod
    def of(cls, kind: str, action: str, *numbers: int) -> Self:
        return cls(kind, action, tuple(map(base36, numbers)))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for what is no id of ours."""
        found = PATTERN.fullmatch(text)
        if found is None or len(text) > LIMIT:
            return None
        return cls(found["kind"], found["action"], tuple(found["arguments"].split(":")[1:]))

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.action}"

    def number(self, place: int = 0) -> int:
        """The number at a place of the arguments. Raises LookupError or ValueError where there is none."""
        return int(self.arguments[place], 36)

    def __str__(self) -> str:
        return ":".join((self.name, *self.arguments))


def base36(number: int) -> str:
    if number < 0:
        raise ValueError(f"no id has a number below nought: {number}")
    digits = ""
    while number >= 36:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return _DIGITS[number] + digits
