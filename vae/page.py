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
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from vae.lexicon import Lexicon, within_foot
from vae.nets.batch import RHYME
from vae.nucleus import USED, Wants
from vae.poem import Form

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
        self._at = [sum(draft.form.size > place for draft in drafts) for place in range(self.places)]
        rhyming = _padded(draft.tones == RHYME for draft in drafts)
        foot = _padded(_feet(draft.form) for draft in drafts).to(rhyming.device)
        self.ids = _padded(draft.given for draft in drafts).repeat_interleave(candidates, 0)
        self.open = _padded(draft.given == 0 for draft in drafts).repeat_interleave(candidates, 0)
        # (drafts, places, vocabulary): too large to repeat for each candidate
        self._forbidden = _padded(~draft.allowed for draft in drafts)
        heat = torch.tensor([[draft.heat] for draft in drafts], device=rhyming.device)
        self.heat = heat.repeat_interleave(candidates, 0)
        self._none = torch.zeros_like(self.ids[:, 0])
        self.code = torch.arange(candidates, device=rhyming.device).repeat(len(drafts))
        wording, doubling = rhyming & foot, foot & ~rhyming
        self._worded, self._doubled = (of.any(0).tolist() for of in (wording, doubling))
        self._wording = wording.float().repeat_interleave(candidates, 0)  # (rows, places), where words are favoured
        # (rows, places), where the character before may stand again
        self._doubling = doubling.repeat_interleave(candidates, 0) & functional.pad(self.open, (1, -1))
        # Twice as much of what has rhymed: it is the last to be taken again.
        self._cost = USED * (1 + rhyming.float()).repeat_interleave(candidates, 0)  # (rows, places)
        self._used = torch.zeros(len(self.ids), drafts[0].allowed.shape[1], device=self.ids.device)
        rows_open = self.open.sum(0).tolist()
        self._own: list[bool] = [count > 0 for count in rows_open]
        self._all_own = [count == at * candidates for count, at in zip(rows_open, self._at, strict=True)]
        for place, all_own in enumerate(self._all_own):
            if not all_own:
                self._use(slice(None), place)

    @property
    def begin(self) -> int:
        """The first place that is the poet's to write in any draft, all places where there is none."""
        return next((place for place, own in enumerate(self._own) if own), self.places)

    @property
    def end(self) -> int:
        """One more than the last place that is the poet's to write."""
        return max((place + 1 for place, own in enumerate(self._own) if own), default=0)

    def is_open(self, place: int) -> bool:
        """Whether it is the poet's to write in any draft."""
        return self._own[place]

    def drafts_at(self, place: int) -> int:
        """How many drafts have such a place: the first so many."""
        return self._at[place]

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

    def wants(self, part: Part, place: int, word_weight: float) -> Wants:
        """What is added to the net's scores at a place, so that words are favoured and what may not stand is out of the question."""
        rows, before = part.rows, self.ids[part.rows, place - 1]
        added, some = self._used[rows], self.drafts[part.drafts]
        if self._worded[place]:
            added = added.addcmul(self.lexicon.words(before), self._wording[rows, place, None], value=word_weight)
        if any(draft.favour is not None for draft in some):
            favour = torch.stack([self._favour(draft, place) for draft in some])
            by_draft = added.view(len(some), self.candidates, -1)
            added = (by_draft + favour[:, None]).flatten(0, 1)
        again = self._none[rows]
        if self._doubled[place]:
            again = before * (self.lexicon.doubled[before] & self._doubling[rows, place])
        forbidden = self._forbidden[part.drafts, place, None].expand(-1, self.candidates, -1)
        return Wants(added, forbidden.flatten(0, 1), again)

    def put(self, part: Part, place: int, characters: Tensor) -> None:
        """Writes a character a row, where the place is open: (rows,)."""
        rows = part.rows
        if not self._all_own[place]:
            characters = torch.where(self.open[rows, place], characters, self.ids[rows, place])
        self.ids[rows, place] = characters
        self._use(rows, place)

    def reorder(self, order: Tensor) -> None:
        """Row i goes on as row order[i] stands, one of the same draft: the first so many rows."""
        for of in (self.ids, self.code, self._used):
            of[: len(order)] = of[order]

    def _favour(self, draft: Draft, place: int) -> Tensor:
        return self._nothing if draft.favour is None else draft.favour[place // draft.form.columns]

    def _use(self, rows: slice, place: int) -> None:
        relatives = self.lexicon.relatives[self.ids[rows, place]]  # (rows, most)
        self._used[rows].scatter_(1, relatives, self._cost[rows, place, None].expand(relatives.shape))

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
