"""What readers said of our poems, and the reader that is fitted to it: `python -m vae readers`.

`data/readings.tsv.xz` holds a row for every poem that was read: of which sitting, the poem and its plan, and marks from 0 to 100
for its words, for the thread from line to line and for the whole (who read, and what they were asked: `weights/README.md`). Two
sittings need not agree on what 50 is, so each has a constant of its own; the rest is ridge regression of the mark for the
whole on what `vae.nets.reader` is told. The poems are ours alone, of all degrees of care, never people's. A new coherence net or
flagship wants a new fit.
"""

from __future__ import annotations

import itertools
import lzma
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vae.errors import CorpusError, PoetError, why
from vae.nets.alone import quick_dtype, standing_alone
from vae.nets.batch import FORMS
from vae.nets.coherence import Coherence
from vae.nets.flagship import Flagship
from vae.nets.reader import Reader, ReaderConfig
from vae.poem import Form, WriteRequest
from vae.poet import ROWS, Poet
from vae.selection import Candidates
from vae.vocabulary import SPECIAL

FILE = "readings.tsv.xz"
COLUMNS = ("sitting", "form", "scheme", "rhyme", "words", "thread", "whole", "poem")
RIDGE = 10_000.0
"""Of the squared weights, all that is told having a spread of 1; fluency and the sittings' constants go free."""
FOLDS = 5
BEST = 100


@dataclass(frozen=True, slots=True)
class Reading:
    """One poem as it was read. scheme, rhyme: of its plan; words, thread, whole: marks from 0 to 100."""

    sitting: int
    form: Form
    scheme: str
    rhyme: str
    words: int
    thread: int
    whole: int
    poem: str


@dataclass(frozen=True, slots=True)
class Fitted:
    """agree: correlation of two sittings on the poems that both have read, None where there are none; foretold: of the reader that
    is fitted to four parts of the poems with who read the fifth; spread: standard deviation of the marks within a sitting."""

    reader: Reader
    readings: int
    poems: int
    agree: float | None
    foretold: float
    spread: float


def file() -> Path:
    """Where the readings stand."""
    return Path(str(resources.files("vae").joinpath("data", FILE)))


def read(path: Path) -> list[Reading]:
    """Raises CorpusError."""
    try:
        head, *rows = lzma.decompress(path.read_bytes()).decode().splitlines()
    except (OSError, EOFError, lzma.LZMAError, ValueError) as error:
        raise CorpusError(path=path, reason=why(error)) from error
    if tuple(head.split("\t")) != COLUMNS:
        raise CorpusError(path=path, reason=f"its columns are not {', '.join(COLUMNS)}")
    return [_reading(path, number, row) for number, row in enumerate(rows, 2)]


def _reading(path: Path, number: int, row: str) -> Reading:
    try:
        sitting, form, scheme, rhyme, *marks, poem = row.split("\t")
        words, thread, whole = map(int, marks)
        found = Reading(int(sitting), Form(form), scheme, rhyme, words, thread, whole, poem)
    except ValueError as error:
        raise CorpusError(path=path, reason=f"row {number} is no reading") from error
    if len(poem) != found.form.size or not all(0 <= mark <= BEST for mark in (words, thread, whole)):
        raise CorpusError(path=path, reason=f"row {number} has a poem or marks that cannot be")
    return found


def fit(poet: Poet, coherence: Coherence, digest: str, readings: Sequence[Reading], path: Path) -> Fitted:
    """The reader that goes by a coherence net, whose hash is the digest, and by a poet's decoder.

    path: where the readings stand, for messages. Raises CorpusError.
    """
    coherence = coherence.to(poet.device)
    # As the jury sees it.
    coherence = standing_alone(coherence, products=quick_dtype(coherence.embedding.weight.device))
    poems = list(dict.fromkeys(reading.poem for reading in readings))
    sittings = sorted({reading.sitting for reading in readings})
    number = {poem: i for i, poem in enumerate(poems)}
    which = torch.tensor([number[reading.poem] for reading in readings])
    sitting = torch.tensor([sittings.index(reading.sitting) for reading in readings])
    marks = torch.tensor([float(reading.whole) for reading in readings], dtype=torch.float64)
    if len(poems) <= FOLDS * len(sittings):
        raise CorpusError(path=path, reason="it holds too few readings to learn from")
    told = _told(poet, coherence, {reading.poem: reading for reading in readings}, poems, path)
    fold = torch.randperm(len(poems), generator=torch.Generator().manual_seed(0))[which] % FOLDS
    foretold = torch.zeros_like(marks)
    for part in range(FOLDS):
        held = fold == part
        foretold[held] = told[which[held]] @ _ridge(told[which[~held]], sitting[~held], marks[~held])
    weights = _ridge(told[which], sitting, marks)
    centred = _centred(marks, sitting)
    return Fitted(
        reader=_reader(weights, digest),
        readings=len(readings),
        poems=len(poems),
        agree=_agreement(which, sitting, centred),
        foretold=_correlation(_centred(foretold, sitting), centred),
        spread=centred.std().item(),
    )


@torch.inference_mode()
def _told(poet: Poet, coherence: Coherence, reading: Mapping[str, Reading], poems: Sequence[str], path: Path) -> Tensor:
    """What the reader is told of each poem, fluency last: (poems, 2 x width + 1)."""
    found: dict[str, Tensor] = {}
    alike = sorted(poems, key=lambda poem: _plan(reading[poem]))
    for (form, scheme, rhyme), group in itertools.groupby(alike, key=lambda poem: _plan(reading[poem])):
        of_plan = list(group)
        for start in range(0, len(of_plan), ROWS):
            some = of_plan[start : start + ROWS]
            try:
                candidates = _reread(poet, WriteRequest(form=Form(form), scheme=scheme, rhyme=rhyme), some)
            except PoetError as error:
                raise CorpusError(path=path, reason=f"of {some[0]}: {str(error).rstrip('.')}") from error
            if (candidates.ids < SPECIAL).any():
                raise CorpusError(path=path, reason=f"there are unknown characters in one of {', '.join(some)}")
            found |= zip(some, _seen(coherence, candidates), strict=True)
    return torch.stack([found[poem] for poem in poems]).double().cpu()


def _plan(reading: Reading) -> tuple[str, str, str]:
    return reading.form.value, reading.scheme, reading.rhyme


def _reread(poet: Poet, request: WriteRequest, poems: Sequence[str]) -> Candidates:
    assert isinstance(poet.net, Flagship)
    (wish,) = poet.prepare(request).wishes
    ids = torch.from_numpy(poet.vocabulary.encode("".join(poems)).astype(np.int64)).to(poet.device).view(len(poems), -1)
    nothing = torch.zeros(1, poet.net.config.latent, device=poet.device)
    return poet.sampler.read([wish.draft(poet.vocabulary, poet.device)], ids[None], nothing)


def _seen(coherence: Coherence, candidates: Candidates) -> Iterator[Tensor]:
    ids = candidates.ids.view(len(candidates.ids), candidates.lines, -1)
    both = coherence.directions_of(FORMS.index(candidates.form), ids)
    return iter(torch.cat((*(each.mean(1) for each in both), candidates.fluency[:, None]), 1))


def _ridge(told: Tensor, sitting: Tensor, marks: Tensor) -> Tensor:
    """Weights of what is told, (told,), under which it says most of the marks but for each sitting's constant."""
    spread = told.std(0).clamp(min=1e-6)
    each = _centred(told / spread, sitting)
    penalty = torch.full((each.shape[1],), RIDGE, dtype=torch.float64)
    penalty[-1] = 0  # fluency's
    weights: Tensor = torch.linalg.solve(each.T @ each + penalty.diag(), each.T @ _centred(marks, sitting)) / spread
    return weights


def _reader(weights: Tensor, digest: str) -> Reader:
    width = len(weights) // 2
    reader = Reader(ReaderConfig(width, digest))
    single = weights.float()
    reader.load_state_dict(
        {"expected": single[:width], "lines": single[width : 2 * width], "fluency": single[2 * width]}
    )
    return reader.eval()


def _centred(said: Tensor, sitting: Tensor) -> Tensor:
    """Less the mean of each sitting: (readings,) or (readings, …)."""
    count = sitting.bincount().clamp(min=1)
    sums = said.new_zeros(len(count), *said.shape[1:]).index_add(0, sitting, said)
    return said - (sums / count.view(-1, *[1] * (said.ndim - 1)))[sitting]


def _agreement(which: Tensor, sitting: Tensor, marks: Tensor) -> float | None:
    """Of the first two sittings of each poem that has them."""
    first: dict[int, tuple[int, float]] = {}
    pairs: dict[int, tuple[float, float]] = {}
    for poem, of, mark in zip(which.tolist(), sitting.tolist(), marks.tolist(), strict=True):
        before, said = first.setdefault(poem, (of, mark))
        if before != of:
            pairs.setdefault(poem, (said, mark))
    return _correlation(*torch.tensor(list(pairs.values())).T) if len(pairs) > 1 else None


def _correlation(a: Tensor, b: Tensor) -> float:
    return torch.corrcoef(torch.stack((a, b)))[0, 1].item()
