"""Reads the corpus: one JSON object a line, compressed with xz.

Two readings of it: `read_poems` gives poems as they stand, for whoever counts things; `pack` gives them cleaned,
normalised and packed into arrays of character ids, for whoever trains.
"""

from __future__ import annotations

import json
import lzma
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae import keeping
from vae.errors import CorpusError, why
from vae.poem import Form
from vae.script import is_han, normalise
from vae.vocabulary import Vocabulary

# Near-duplicates would let a net be marked on what it has seen; two lines in common tell one.
SHARED_LINES = 2
LINE_LENGTHS = {5, 7}
PASSAGE_FORMS = (Form.WUJUE, Form.QIJUE, Form.WULV, Form.QILV)
_PASSAGES = "passages-"


@dataclass(frozen=True, slots=True)
class CorpusPoem:
    """A poem of the corpus. form: wujue, qijue, wulv, qilv, long or irregular, as the corpus says."""

    id: str
    dynasty: str
    author: str
    title: str
    form: str
    lines: tuple[str, ...]


def read_poems(path: Path) -> Iterator[CorpusPoem]:
    """Every poem of a corpus file, as it stands. Raises CorpusError."""
    try:
        with lzma.open(path, "rt", encoding="utf-8") as rows:
            for number, row in enumerate(rows, 1):
                yield _poem(row, path, number)
    except (OSError, lzma.LZMAError, EOFError, UnicodeDecodeError) as error:
        raise CorpusError(path=path, reason=why(error)) from error


def _poem(row: str, path: Path, number: int) -> CorpusPoem:
    try:
        data: dict[str, Any] = json.loads(row)
        told = {name: str(data.get(name, "")) for name in ("id", "dynasty", "author", "title", "form")}
        return CorpusPoem(**told, lines=tuple(str(line) for line in data["lines"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CorpusError(path=path, reason=f"line {number} is no poem ({error})") from error


@dataclass(slots=True)
class Packed:
    """Poems as ids.

    poems: for each form an array (poems, form.size) of uint16, in reading order.
    dropped: how many poems were left out, by reason.
    passages: parts of long poems with lines of five or seven, cut to the shapes of the forms; arrays as in `poems`.
    """

    poems: dict[Form, NDArray[np.uint16]]
    dropped: Counter[str]
    passages: dict[Form, NDArray[np.uint16]] = field(default_factory=dict)

    @property
    def characters(self) -> int:
        return sum(array.size for array in self.poems.values())

    def save(self, path: Path, source: str) -> None:
        """source: what it was made of, for `load`. Raises Unwritten."""
        arrays = {form.value: array for form, array in self.poems.items()}
        keeping.save(path, source, arrays | {_PASSAGES + form.value: each for form, each in self.passages.items()})

    @classmethod
    def load(cls, path: Path, source: str) -> Packed | None:
        """What `save` wrote; None where there is nothing, or it is damaged or made of something else."""
        named = keeping.load(path, source)
        if named is None:
            return None
        try:
            whole = {Form(name): array for name, array in named.items() if not name.startswith(_PASSAGES)}
            parts = {name.removeprefix(_PASSAGES): a for name, a in named.items() if name.startswith(_PASSAGES)}
            return cls(whole, Counter(), {Form(name): array for name, array in parts.items()})
        except ValueError:
            return None


def usable(
    poems: Iterable[CorpusPoem], dropped: Counter[str], seen: set[str]
) -> Iterator[tuple[Form | None, tuple[str, ...]]]:
    """The poems that have a regular form, and of all others the passages (None) whose lines are of one length, five or
    seven; normalised, once each.

    What is left out is counted in `dropped` by reason; `seen` holds the lines met so far and grows: hand the one that
    read the training part on to the validation part, and nothing known is marked.
    """
    for poem in poems:
        lines = tuple(normalise(line) for line in poem.lines)
        form = Form.of(lines)
        fresh = sum(line not in seen for line in lines)
        passages = [lines] if form else list(_passages(lines))
        if not passages:
            dropped["no regular form"] += 1
        elif not all(is_han(char) for line in lines for char in line):
            dropped["characters that are not Han"] += 1
        elif len(lines) - fresh >= min(SHARED_LINES, len(lines)):
            dropped["shares two lines with an earlier poem"] += 1
        else:
            yield from ((form, passage) for passage in passages)
        seen.update(lines)


def _passages(lines: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Couplets that follow one another in lines of five or seven characters, two at least."""
    for length, together in groupby(lines, len):
        passage = tuple(together)
        passage = passage[: len(passage) // 2 * 2]
        if length in LINE_LENGTHS and len(passage) >= Form.QIJUE.lines:
            yield passage


def pack(
    poems: Iterable[CorpusPoem], vocabulary: Vocabulary, seen: set[str] | None = None, unknown_share: float = 0.1
) -> Packed:
    """Ids of all usable poems; one with more than `unknown_share` unknown characters is dropped.

    seen: lines met in other parts of the corpus (see `usable`).
    """
    rows: dict[Form, list[NDArray[np.uint16]]] = {form: [] for form in Form}
    parts: dict[Form, list[NDArray[np.uint16]]] = {form: [] for form in Form}
    dropped: Counter[str] = Counter()
    for form, lines in usable(poems, dropped, set() if seen is None else seen):
        ids = vocabulary.encode("".join(lines))
        if (ids == vocabulary.unknown).mean() > unknown_share:
            dropped["too many rare characters"] += 1
        elif form is not None:
            rows[form].append(ids)
        else:
            for cut in PASSAGE_FORMS:
                if cut.columns == len(lines[0]):
                    count = len(ids) // cut.size
                    parts[cut].extend(ids[: count * cut.size].reshape(count, cut.size))
    return Packed(_stacked(rows), dropped, _stacked(parts))


def _stacked(rows: dict[Form, list[NDArray[np.uint16]]]) -> dict[Form, NDArray[np.uint16]]:
    return {form: np.stack(found) for form, found in rows.items() if found}
