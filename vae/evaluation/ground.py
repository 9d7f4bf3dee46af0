"""What everybody is marked on, read once: held-out poems, and what the training part taught the yardsticks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae import weights
from vae.corpus import Packed, pack, read_poems
from vae.evaluation import texts
from vae.evaluation.coherence import Association
from vae.evaluation.trigram import Trigram
from vae.nets.coherence import Coherence
from vae.poem import Form
from vae.prosody.check import check
from vae.vocabulary import Vocabulary

Ids = NDArray[np.int64]
_LINE_SHAPES = (Form.WUJUE, Form.QIJUE)
"""Long poems are packed as quatrains and as longer passages; read as quatrains, every line comes once."""


@dataclass(frozen=True)
class Ground:
    """held_out: poems of the validation part that share no two lines with the training part, by form, as grids of ids
    (poems, lines, columns), in the corpus' order. taught: all grids of the training part. lines: all its lines as text.
    titles: of the validation part's poems, in order.
    """

    vocabulary: Vocabulary
    held_out: Mapping[Form, Ids]
    taught: tuple[Ids, ...]
    lines: frozenset[str]
    titles: tuple[str, ...]

    @classmethod
    def read(cls, corpus: Path, vocabulary: Vocabulary) -> Ground:
        """From the corpus' folder. Raises CorpusError."""
        lines: set[str] = set()
        train = pack(read_poems(corpus / "train.jsonl.xz"), vocabulary, lines)
        known = frozenset(lines)
        poems = list(read_poems(corpus / "valid.jsonl.xz"))
        valid = pack(iter(poems), vocabulary, lines)
        return cls(vocabulary, _grids(valid), _taught(train), known, tuple(poem.title for poem in poems))

    @cached_property
    def trigram(self) -> Trigram:
        return Trigram.count(self.taught, len(self.vocabulary))

    @cached_property
    def association(self) -> Association:
        return Association.count(self.taught)

    @cached_property
    def coherence(self) -> Coherence:
        """The net that tells which line follows. Raises WeightsError."""
        return weights.load_coherence(weights.shipped("coherence"))[0]

    @cached_property
    def fours(self) -> Ids:
        """The codes of the training part's runs of four characters; see `texts.seen`."""
        return texts.runs_of_four(self.taught)

    def text(self, grids: Ids) -> list[tuple[str, ...]]:
        """The lines of poems (poems, lines, columns)."""
        return [tuple(self.vocabulary.decode(line) for line in grid) for grid in grids]

    def ids(self, poems: list[tuple[str, ...]], form: Form) -> Ids:
        """(poems, lines, columns) of poems as text."""
        flat = self.vocabulary.encode("".join("".join(poem) for poem in poems)).astype(np.int64)
        return flat.reshape(len(poems), form.lines, form.columns)

    def keeping_form(self, form: Form) -> Ids:
        """The held-out poems that keep format, rhyme and tone by the usual reading."""
        grids = self.held_out[form]
        return grids[[check(poem).complies for poem in self.text(grids)]]


def _grids(packed: Packed) -> dict[Form, Ids]:
    return {form: _grid(form, rows) for form, rows in packed.poems.items()}


def _taught(packed: Packed) -> tuple[Ids, ...]:
    passages = [_grid(form, packed.passages[form]) for form in _LINE_SHAPES if form in packed.passages]
    return (*_grids(packed).values(), *passages)


def _grid(form: Form, rows: NDArray[np.uint16]) -> Ids:
    return rows.astype(np.int64).reshape(len(rows), form.lines, form.columns)
