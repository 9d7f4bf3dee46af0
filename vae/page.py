"""Poems while they are written, many at once: what stands so far, and what may come next at each place.

Places are counted in reading order from 0; poems of several forms are written side by side, the longest first, so that those
that still have a place are always the first rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from vae.lexicon import Lexicon, within_foot
from vae.nets.batch import RHYME
from vae.poem import Form

FORBIDDEN, USED = -1e6, -1e4
"""Added to the scores of characters that may not stand, and of those that stand already: where nothing else may stand, a
used one is taken again, and of these none that rhymed before, whose sum is twice as low."""
PART = 64
"""Rows whose characters are scored and drawn at a time: of 256 rows, a poem of sixteen took 49 ms so, and 71 ms all at once."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One poem to be written, as numbers.

    allowed: (form.size, vocabulary) characters that may stand at each place, never none.
    given: (form.size,) ids of the characters that stand already, 0 where none does.
    tones: (form.size,) and rhyme as in `vae.nets.batch.Batch`: what is asked, for a net that listens.
    heat: times the knobs' temperature. favour: (lines, vocabulary) nats added to the net's scores, None for nothing.
    """

    form: Form
    allowed: Tensor
    given: Tensor
    tones: Tensor
    rhyme: int
    heat: float = 1.0
    favour: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Some neighbouring drafts of a page, and their rows."""

    drafts: slice
    rows: slice


class Page:
    """What has been written so far, a row a candidate: rows are drafts x candidates, the candidates of a draft side by side.

    A poem repeats no character nor its kin (see `Lexicon`), but for a doubled one (重重) within a foot, where poets double it.
    ids: (rows, places) what stands, 0 where nothing does yet; open: (rows, places) the places that are the poet's to write;
    heat: (rows, 1); code: (rows,) which of its draft's codes a row is written from. `places` are the longest form's.
    """

    def __init__(self, drafts: Sequence[Draft], candidates: int, lexicon: Lexicon) -> None:
        """drafts: the longest form's first."""
        self.drafts, self.candidates, self.lexicon = drafts, candidates, lexicon
        self.places = drafts[0].form.size
        rhyming = _padded(draft.tones == RHYME for draft in drafts)
        foot = _padded(_feet(draft.form) for draft in drafts).to(rhyming.device)
        self.ids = _padded(draft.given for draft in drafts).repeat_interleave(candidates, 0)
        self.open = _padded(draft.given == 0 for draft in drafts).repeat_interleave(candidates, 0)
        # (drafts, places, vocabulary): too large to repeat for each candidate
        self._forbidden = _padded(~draft.allowed for draft in drafts)
        heat = torch.tensor([[draft.heat] for draft in drafts], device=rhyming.device)
        self.heat = heat.repeat_interleave(candidates, 0)
        self.code = torch.arange(candidates, device=rhyming.device).repeat(len(drafts))
        self._rhyming = rhyming.repeat_interleave(candidates, 0)  # (rows, places)
        self._wording = (rhyming & foot).repeat_interleave(candidates, 0)  # where words are favoured
        self._doubling = (foot & ~rhyming).repeat_interleave(candidates, 0)  # where a character may be doubled
        self._worded, self._doubled = (of.any(0).tolist() for of in (self._wording, self._doubling))
        self._used = torch.zeros(len(self.ids), drafts[0].allowed.shape[1], device=self.ids.device)
        for place in range(self.places):
            self._use(slice(None), place)

    @property
    def end(self) -> int:
        """One more than the last place that is the poet's to write."""
        return int(self.open.any(0).nonzero().max()) + 1 if self.open.any() else 0

    def drafts_at(self, place: int) -> int:
        """How many drafts have such a place: the first so many."""
        return next((i for i, draft in enumerate(self.drafts) if draft.form.size <= place), len(self.drafts))

    def parts(self, place: int) -> Iterator[Part]:
        """All drafts that have such a place, in parts that the processor's cache holds the vocabulary's scores of."""
        step, count = max(1, PART // self.candidates), self.drafts_at(place)
        for start in range(0, count, step):
            yield self._part(start, min(count, start + step))

    def by_form(self) -> Iterator[tuple[Form, Part]]:
        """The drafts of each form, the longest first."""
        for form, numbers in groupby(range(len(self.drafts)), key=lambda i: self.drafts[i].form):
            of_form = list(numbers)
            yield form, self._part(of_form[0], of_form[-1] + 1)

    def wants(self, part: Part, place: int, word_weight: float) -> Tensor:
        """What is added to the net's scores at a place, so that words are favoured and what may not stand is out of the
        question: (rows, vocabulary)."""
        rows, before = part.rows, self.ids[part.rows, place - 1]
        common = self._common(part, place)[:, None]
        wanted = self._used[rows].view(len(common), self.candidates, -1).add(common).flatten(0, 1)
        if self._worded[place]:
            wording = self._wording[rows, place]
            wanted.addcmul_(self.lexicon.words(before), wording[:, None].float(), value=word_weight)
        if self._doubled[place]:
            again = self.lexicon.doubled[before] & self.open[rows, place - 1] & self._doubling[rows, place]
            wanted.scatter_add_(1, before[:, None], again[:, None] * -USED)
        return wanted

    def put(self, part: Part, place: int, characters: Tensor) -> None:
        """Writes a character a row, where the place is open: (rows,)."""
        rows = part.rows
        self.ids[rows, place] = torch.where(self.open[rows, place], characters, self.ids[rows, place])
        self._use(rows, place)

    def reorder(self, order: Tensor) -> None:
        """Row i goes on as row order[i] stands, one of the same draft: the first so many rows."""
        for of in (self.ids, self.code, self._used):
            of[: len(order)] = of[order]

    def _common(self, part: Part, place: int) -> Tensor:
        """What is added to the scores of all candidates of a draft: (drafts, vocabulary)."""
        common, some = self._forbidden[part.drafts, place] * FORBIDDEN, self.drafts[part.drafts]
        if any(draft.favour is not None for draft in some):
            common = common + torch.stack([self._favour(draft, place) for draft in some])
        return common

    def _favour(self, draft: Draft, place: int) -> Tensor:
        return self._nothing if draft.favour is None else draft.favour[place // draft.form.columns]

    def _use(self, rows: slice, place: int) -> None:
        relatives = self.lexicon.relatives[self.ids[rows, place]]  # (rows, most)
        cost = USED * (1 + self._rhyming[rows, place, None].float())
        self._used[rows].scatter_(1, relatives, cost.expand(relatives.shape))

    @cached_property
    def _nothing(self) -> Tensor:
        return torch.zeros_like(self.drafts[0].allowed[0], dtype=torch.float32)

    def _part(self, first: int, end: int) -> Part:
        return Part(slice(first, end), slice(first * self.candidates, end * self.candidates))


def _padded(parts: Iterable[Tensor]) -> Tensor:
    """(drafts, places, …) of a tensor a draft, (form.size, …), with zeros where a form has no such place."""
    return pad_sequence(list(parts), batch_first=True)


@cache
def _feet(form: Form) -> Tensor:
    """(form.size,) whether a place is in one foot with the one before."""
    return torch.tensor([within_foot(place % form.columns, form.columns) for place in range(form.size)])
