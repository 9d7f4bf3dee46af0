"""The second pass: lines of a poem are written anew, each given all the others.

A poem is drawn from its first character to its last, so that a line knows nothing of those after it. Here one line after the
other is left open, the weakest first; the guide tells of all that stands around it, lines are drawn for the place, and the poem
that is marked best goes on, the one that stood among them. Iterated conditional modes (Besag 1986) by the marks that choose
among candidates, with draws for proposals; its kin is the decoding that masks and predicts again (Ghazvininejad et al. 2019,
arXiv:1904.09324).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae.moving import moved
from vae.page import Draft
from vae.sampling import Sampler
from vae.selection import Candidates

PROPOSALS, READ = 16, 4
"""Lines drawn for a place, and those of them whose poems are weighed whole: the others are left out by what the nets that judge and
their draws say of them, as if the code said nothing."""

TOGETHER = 16
"""Poems whose proposals are judged side by side: as many rows as a batch of candidates has at most."""
COOLER = 0.75
"""Times the temperature: of a line that has to fit all around it, readers like the likelier ones (see ABLATIONS)."""

MayStand = Callable[[NDArray[np.int64]], bool]
Wanted = Callable[[NDArray[np.int64]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Standing:
    """A poem to be revised.

    ids: (form.size,); code: (latent,) that it was drawn from; uniforms: (lines, PROPOSALS, form.size) numbers in [0, 1) that
    decide every draw, of each line that is written anew; may_stand: of ids, whether a poem may be handed over; wanted: of
    ids (poems, form.size) what is added to the judge's marks, (poems,).
    """

    draft: Draft
    ids: Tensor
    code: Tensor
    uniforms: Tensor
    may_stand: MayStand
    wanted: Wanted


def revised(sampler: Sampler, poems: Sequence[Standing]) -> list[tuple[Tensor, float]]:
    """Each poem's ids after as many lines as it has numbers for, and by how much its mark by the judge alone has risen.

    A poem depends on itself alone, whatever is revised beside it.
    """
    found: dict[int, tuple[Tensor, float]] = {}
    kinds = dict.fromkeys((poem.draft.form, len(poem.uniforms)) for poem in poems)
    for kind in kinds:
        of_kind = [i for i, poem in enumerate(poems) if (poem.draft.form, len(poem.uniforms)) == kind]
        for start in range(0, len(of_kind), TOGETHER):
            some = of_kind[start : start + TOGETHER]
            found |= zip(some, _Revision(sampler, [poems[i] for i in some]).run(), strict=True)
    return [found[i] for i in range(len(poems))]


class _Revision:
    """Of poems of one form, as many lines of each.

    ids: (poems, form.size) as they stand; marks, judged: (poems,) with what is wanted, and of the judge alone; begun: (poems,) what the
    judge said at first; gain: (poems, lines) of each line, a place written; tried: (poems, lines) the lines written anew in this round.
    """

    def __init__(self, sampler: Sampler, poems: Sequence[Standing]) -> None:
        self.sampler, self.poems, self.form = sampler, poems, poems[0].draft.form
        self.judge = sampler.judge.for_one
        self.drafts = [poem.draft for poem in poems]
        self.ids, self.codes = torch.stack([poem.ids for poem in poems]), torch.stack([poem.code for poem in poems])
        own = torch.stack([draft.given for draft in self.drafts]) == 0
        self.open = own.view(len(poems), self.form.lines, -1)  # (poems, lines, columns)
        self.tried = ~self.open.any(2)
        found = self.sampler.read(self.drafts, self.ids[:, None], self.codes)
        self.judged, self.gain = self.judge.scores(found), self._gain(found)[:, 0]
        self.marks, self.begun = self._with_wanted(found, self.judged)[:, 0], self.judged.clone()

    def run(self) -> list[tuple[Tensor, float]]:
        for turn in range(len(self.poems[0].uniforms)):
            self._write_anew(self._weakest(), torch.stack([poem.uniforms[turn] for poem in self.poems]))
        return list(zip(self.ids, (self.judged - self.begun).tolist(), strict=True))

    def _with_wanted(self, found: Candidates, judged: Tensor) -> Tensor:
        """Marks with what each poem wants: (poems, those found of each)."""
        ids = found.ids.view(len(self.poems), -1, self.form.size).cpu().numpy()
        wanted = [
            moved(torch.from_numpy(poem.wanted(of)), judged.device) for poem, of in zip(self.poems, ids, strict=True)
        ]
        return judged.view(len(self.poems), -1) + torch.stack(wanted)

    def _gain(self, found: Candidates) -> Tensor:
        """(poems, those read of each, lines)."""
        of_lines = found.gain.view(len(self.poems), -1, *self.open.shape[1:]).sum(3)
        return of_lines / self.open.sum(2).clamp(min=1)[:, None]

    def _weakest(self) -> Tensor:
        """The line of each poem that has the least gain of those not tried in this round: (poems,)."""
        done = self.tried.all(1, keepdim=True)
        self.tried = torch.where(done, ~self.open.any(2), self.tried)
        return self.gain.masked_fill(self.tried, torch.inf).argmin(1)

    def _write_anew(self, line: Tensor, uniforms: Tensor) -> None:
        self.tried.scatter_(1, line[:, None], True)
        columns = torch.arange(self.form.size, device=line.device) // self.form.columns
        given = torch.where(columns == line[:, None], torch.stack([draft.given for draft in self.drafts]), self.ids)
        around = [
            dataclasses.replace(draft, given=row, heat=COOLER * draft.heat)
            for draft, row in zip(self.drafts, given, strict=True)
        ]
        drawn = self.sampler.drawn(around, self.codes, uniforms)
        drawn = dataclasses.replace(drawn, written=self.open.flatten(1).repeat_interleave(PROPOSALS, 0))
        opinion = self.judge.opinion(drawn)
        likely = self._with_wanted(drawn, self.judge.scores(drawn, opinion)).sort(dim=1, descending=True, stable=True)
        best = likely.indices[:, :READ] + PROPOSALS * torch.arange(len(line), device=line.device)[:, None]
        found = self.sampler.read(self.drafts, drawn.ids[best], self.codes)
        self._go_on_with_the_best(found, self.judge.scores(found, opinion and opinion.of(best.flatten())))

    def _go_on_with_the_best(self, found: Candidates, judged: Tensor) -> None:
        """The best of those found of a poem, as many of each, takes its place where its mark is higher."""
        ids, gain = found.ids.view(len(self.poems), -1, self.form.size), self._gain(found)
        marks, judged = self._with_wanted(found, judged), judged.view(ids.shape[:2])
        for i, poem in enumerate(self.poems):
            order: list[int] = marks[i].argsort(descending=True, stable=True).tolist()
            better = (n for n in order if marks[i, n] > self.marks[i])
            best = next((n for n in better if poem.may_stand(ids[i, n].cpu().numpy())), None)
            if best is not None:
                self.ids[i], self.gain[i] = ids[i, best], gain[i, best]
                self.marks[i], self.judged[i] = marks[i, best], judged[i, best]
