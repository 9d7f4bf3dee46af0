"""Where poems that were written to be judged are kept, so that a second look is quick.

They are kept by who wrote them and how, a line for each wish, and a run that was cut short goes on where it stopped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vae.errors import CorpusError

Lines = tuple[str, ...]
"""A poem's lines."""
_END = "."
"""Ends every record, so that one cut short is known."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A file of records, each the poems of one wish. key: all that they depend on beside their number."""

    folder: Path
    kind: str
    key: str

    @property
    def path(self) -> Path:
        digest = hashlib.sha256(f"{self.kind} {self.key}".encode()).hexdigest()[:16]
        return self.folder / f"{self.kind}-{digest}.txt"

    def take(
        self,
        count: int,
        more: Callable[[int, int], list[list[Lines]]],
        *,
        together: int,
        tick: Callable[[int], None] = lambda _: None,
    ) -> list[list[Lines]]:
        """The first `count` records; `more(start, end)` makes those that are not here, and `tick` hears how many came.

        Raises CorpusError for a folder that cannot be used.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            records = self._kept()[:count]
            tick(len(records))
            for start in range(len(records), count, together):
                made = more(start, min(start + together, count))
                with self.path.open("a", encoding="utf-8") as file:
                    file.write("".join(map(_record, made)))
                records += made
                tick(len(made))
        except OSError as error:
            raise CorpusError(path=self.path, reason=f"poems cannot be kept there ({error.strerror})") from error
        return records

    def _kept(self) -> list[list[Lines]]:
        """The whole records; what a cut run left after them is taken off the file."""
        if not self.path.exists():
            return []
        text = self.path.read_bytes().decode("utf-8", "replace")
        whole = [row[:-1] for row in text.split("\n")[:-1] if row.endswith(_END)]
        records = [[tuple(poem.split("/")) for poem in row.split("|")] for row in whole]
        sound = "".join(map(_record, records))
        if sound != text:
            aside = self.path.with_suffix(".tmp")
            aside.write_text(sound, encoding="utf-8")
            aside.replace(self.path)
        return records


def _record(poems: list[Lines]) -> str:
    return "|".join("/".join(lines) for lines in poems) + _END + "\n"
