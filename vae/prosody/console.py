"""`python -m vae check`: poems from standard input, their grids or JSON to standard output."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TextIO

from vae.prosody.check import check
from vae.prosody.table import RhymeTable
from vae.script import to_traditional

# □ stands for a lost character and keeps its place; whatever else is no letter parts one line from the next.
_BREAKS = re.compile(r"(?:[^\w□]|_)+")


class Tally(NamedTuple):
    """How many poems were read, and how many of them keep their form."""

    poems: int
    complying: int


def split(text: str) -> tuple[str, ...]:
    """The lines of a poem typed with punctuation, line ends or both."""
    return tuple(line for line in _BREAKS.split(text) if line)


def read(rows: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Poems from text: an object with `lines` on a row of its own, or rows up to a blank one."""
    typed: list[str] = []
    for row in rows:
        lines = _json_lines(row)
        if lines is None and row.strip():
            typed.append(row)
            continue
        yield from _poem(typed)
        typed = []
        if lines is not None:
            yield lines
    yield from _poem(typed)


def _poem(typed: list[str]) -> Iterator[tuple[str, ...]]:
    lines = split("\n".join(typed))
    if lines:
        yield lines


def _json_lines(row: str) -> tuple[str, ...] | None:
    if not row.lstrip().startswith("{"):
        return None
    try:
        found: Any = json.loads(row)["lines"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(found, list) or not all(isinstance(line, str) for line in found):
        return None
    return tuple(part for line in found for part in split(line))


def _traditional(lines: tuple[str, ...]) -> tuple[str, ...]:
    # A poem as a whole tells its script better than its lines one by one; lone surrogates are no text.
    whole = "\n".join(lines).encode("utf-8", "replace").decode("utf-8")
    return tuple(to_traditional(whole).split("\n")) if lines else ()


def run(stdin: Iterable[str], stdout: TextIO, as_json: bool, table: RhymeTable) -> Tally:
    """Check every poem of `stdin`, Simplified too: a grid each, parted by blank lines, or a JSON object a row."""
    poems = complying = 0
    for lines in read(stdin):
        report = check(_traditional(lines), table=table)
        if as_json:
            stdout.write(json.dumps(report.to_json(), ensure_ascii=False) + "\n")
        else:
            stdout.write(("\n" if poems else "") + report.grid() + "\n")
        poems += 1
        complying += report.complies
    if not as_json and poems != 1:
        stdout.write(f"\n共 {poems} 首，合律 {complying} 首: {complying} of {poems} poems keep their form.\n")
    return Tally(poems, complying)
