"""Which of some candidates is handed over: each is marked, and the marks are weighed.

Marks, each the higher the better a candidate looks to it:
- human: the critic's log odds that a person wrote it;
- stands: the critic's mean log probability, over the places written, that the character there is the right one;
- weakest: the same of the line that has the least of it;
- thread: how near each line's images are to those of the line before, by the critic's embedding of characters;
- coherence: the log odds that a line is the one that follows, by the net that has learnt which does, on average;
- readers: the points of a hundred that strict readers would give, but for a constant, as far as it can be foretold
  (`vae.nets.reader`);
- gain: log p(x | z) a character, less a share of log p(x) by the decoder that has not heard the code, since likelihood
  alone picks the bland.

Beginnings are marked as whole poems are, so that poems can be chosen couplet by couplet. The weights stand in `data/selection.json`; `vae.taste` fits them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path

import torch
from torch import Tensor

from vae.nets.ahead import BOUNDS, Library
from vae.nets.alone import FLOAT_GRAIN, filled
from vae.nets.batch import FORMS
from vae.nets.jury import Jury, Opinion
from vae.poem import Form
from vae.weights import Judges

FILE = "selection.json"
MARKS = ("human", "stands", "weakest", "thread", "coherence", "readers", "gain")
PLAIN_RULE = {"gain": 1.0}
"""Without nets that judge."""
AT_ONCE = 2 * FLOAT_GRAIN
"""Poems that a compiled jury reads at a time, since it keeps the interpreter to itself while it runs."""
READERS_FOR_ONE, OTHERS_FOR_ONE = 2.0, 0.6
"""Times what readers' points weigh and what all other marks do where time is spent on one poem: among many candidates, and in the second
pass; the whole then keeps its spread beside a blend's leaning. Of few, as most poems are chosen, readers have no more say than leaves
poems as different from each other as people's (see ABLATIONS)."""
READERS_AMONG_FEW = {Form.QILV: 0.5}
"""Times what readers' points weigh among few candidates of a form, where that is not 1: in 七律 they make poems alike the soonest."""
WITHOUT_CODE = 0.3
"""The share of a poem's likelihood without its code that is taken off."""


def file() -> Path:
    """Where the weights of the choice stand."""
    return Path(str(resources.files("vae").joinpath("data", FILE)))


@dataclass(frozen=True, slots=True)
class Candidates:
    """Poems of one form written for some drafts, or their first lines, the candidates of a draft side by side: rows are
    drafts x candidates.

    ids: (rows, places); written: (rows, places) the poet's own places, the others were given; with_code: (rows, places)
    log p of each character written; without_code: the same by a net that has not heard the code, or with_code where none was
    asked, as if the code said nothing; code: (rows,) which of its draft's codes each was written from.
    """

    form: Form
    ids: Tensor
    written: Tensor
    with_code: Tensor
    without_code: Tensor
    code: Tensor

    def of(self, rows: Tensor) -> Candidates:
        """Some of them, by their numbers."""
        grids = (self.ids, self.written, self.with_code, self.without_code, self.code)
        return Candidates(self.form, *(grid[rows] for grid in grids))

    @property
    def gain(self) -> Tensor:
        """What each place written gains from the code, in nats: (rows, places), 0 where the poet wrote none."""
        return (self.with_code - WITHOUT_CODE * self.without_code) * self.written

    @property
    def fluency(self) -> Tensor:
        """log p of what was written without the code, in nats a character: (rows,)."""
        return (self.without_code * self.written).sum(1) / self.written.sum(1).clamp(min=1)

    @property
    def lines(self) -> int:
        return self.ids.shape[1] // self.form.columns


@dataclass(frozen=True)
class Judge:
    """Says what candidates are worth. weights: by mark; program: the jury as it was compiled."""

    jury: Jury | None = None
    weights: Mapping[str, float] = field(default_factory=lambda: PLAIN_RULE)
    program: Library | None = None

    @classmethod
    def of(cls, judges: Judges, weights: Mapping[str, float], program: Library | None = None) -> Judge:
        """By some nets, of which copies are made that rows stand alone in."""
        return cls(Jury(*judges), weights, program)

    @classmethod
    def shipped(cls, judges: Judges, program: Library | None = None) -> Judge:
        """By some nets, with the weights that ship."""
        told = json.loads(file().read_text(encoding="utf-8"))
        return cls.of(judges, {name: float(told["weights"][name]) for name in MARKS}, program)

    @property
    def asks_without_code(self) -> bool:
        """Whether candidates must come with what they are worth without their code."""
        return any(self.weights.get(name, 0.0) != 0 for name in ("gain", "readers"))

    def among_few(self, form: Form) -> Judge:
        """The same where many poems of a form are chosen, each from few candidates."""
        return self._weighing(READERS_AMONG_FEW[form], 1.0) if form in READERS_AMONG_FEW else self

    @cached_property
    def for_one(self) -> Judge:
        """The same where one poem gets all care."""
        return self._weighing(READERS_FOR_ONE, OTHERS_FOR_ONE)

    def _weighing(self, readers: float, others: float) -> Judge:
        """The same with readers' points and all other marks times as much."""
        weights = {name: weight * (readers if name == "readers" else others) for name, weight in self.weights.items()}
        return dataclasses.replace(self, weights=weights)

    @property
    def digest(self) -> str:
        """Of what the marks weigh, for the recipe's sake."""
        among_few = {form.value: share for form, share in READERS_AMONG_FEW.items()}
        all_of_it = dict(self.weights), READERS_FOR_ONE, OTHERS_FOR_ONE, among_few
        return hashlib.sha256(json.dumps(all_of_it, sort_keys=True).encode()).hexdigest()[:12]

    def scores(self, candidates: Candidates, opinion: Opinion | None = None) -> Tensor:
        """What each candidate is worth, in nats a character, whatever else is marked with it: (rows,).

        opinion: of the jury, where it has been asked.
        """
        marks, scores = self.marks(candidates, opinion), self._nothing(candidates)
        for name, weight in self.weights.items():  # one after the other: torch's own sum has an order for each shape
            scores = scores + weight * marks[name]
        return scores

    def marks(self, candidates: Candidates, opinion: Opinion | None = None) -> dict[str, Tensor]:
        """Each mark of each candidate: (rows,)."""
        written = candidates.written.float()
        count = written.sum(1).clamp(min=1)
        found = {"gain": candidates.gain.sum(1) / count}
        told = opinion or self.opinion(candidates)
        if told is not None:
            assert self.jury is not None
            stands = torch.nn.functional.logsigmoid(told.stands) * written
            grid = (-1, candidates.lines, candidates.form.columns)
            by_line, open_by_line = stands.view(grid).sum(2), written.view(grid).sum(2)
            means = (by_line / open_by_line.clamp(min=1)).masked_fill(open_by_line == 0, 0.0)
            found |= {
                "human": told.human,
                "stands": stands.sum(1) / count,
                "weakest": means.amin(1),
                "thread": self._nothing(candidates),
                "coherence": self._nothing(candidates),
                "readers": self.jury.reader.fluency * candidates.fluency,
            }
            if candidates.lines > 1:
                found["thread"] = told.thread[:, :-1].mean(1)
            if candidates.form.lines > 2:  # couplets were never learnt from
                found["readers"] = found["readers"] + told.liked
                if candidates.lines > 1:
                    found["coherence"] = told.follows[:, :-1].mean(1)
        return found

    def opinion(self, candidates: Candidates) -> Opinion | None:
        """What the jury says of them, where there is one."""
        if self.jury is None:
            return None
        form = torch.tensor(FORMS.index(candidates.form))
        ids = filled(candidates.ids, FLOAT_GRAIN)
        ids = ids.reshape(len(ids), candidates.lines, candidates.form.columns).contiguous()
        if self.program is None or candidates.lines < BOUNDS["lines"][0]:
            told = self.jury(form.to(ids.device), ids)
        else:
            told = [
                torch.cat(of)
                for of in zip(*(self.program(form, part) for part in torch.split(ids, AT_ONCE)), strict=True)
            ]
        return Opinion(*(part[: len(candidates.ids)] for part in told))

    def _nothing(self, candidates: Candidates) -> Tensor:
        return torch.zeros(len(candidates.ids), device=candidates.ids.device)
