"""What was found of one part."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class State(StrEnum):
    """FAULT: people would not be served as they should. NOTE: who runs the program should know of it."""

    WELL = "✓"
    NOTE = "!"
    FAULT = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """remedy: what to do, where there is something."""

    part: str
    state: State
    said: str
    remedy: str = ""

    @classmethod
    def well(cls, part: str, said: str) -> Self:
        return cls(part, State.WELL, said)

    @classmethod
    def note(cls, part: str, said: str, remedy: str) -> Self:
        return cls(part, State.NOTE, said, remedy)

    @classmethod
    def fault(cls, part: str, said: str, remedy: str = "") -> Self:
        return cls(part, State.FAULT, said, remedy)

    def __str__(self) -> str:
        return f"{self.state} {self.part:<13} {self.said}" + (f" -> {self.remedy}" if self.remedy else "")
