"""Which of some candidates is handed over: each is marked, and the marks are weighed.

Marks, each the higher the better a candidate looks to it:
- human, whole: the critic's log odds that a person wrote it, and that its lines belong together;
- stands: the critic's mean log probability, over the places written, that the character there is the right one;
- weakest: the same of the line that has the least of it;
- code: log p(x | z) a character; plain: log p(x) a character by the decoder that has not heard the code. Likelihood alone
  picks the bland, hence the two.

The weights are fitted (`vae.taste`) on held-out poems by people, each put among our own answers to its first line, and
stand in `data/selection.json`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources

import torch
from torch import Tensor

from vae.nets.critic import Critic
from vae.poem import Form

FILE = "selection.json"
MARKS = ("human", "whole", "stands", "weakest", "code", "plain")
PLAIN_RULE = {"code": 1.0, "plain": -0.3}
"""Without a critic: what the code brings counts for more than what is likely anyway."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Poems of one form written for some drafts, the candidates of a draft side by side: rows are drafts x candidates.

    ids: (rows, places); written: (rows, places) the poet's own places, the others were given; with_code and without_code:
    (rows, places) log p of each character, as far as the net can tell.
    """

    form: Form
    ids: Tensor
    written: Tensor
    with_code: Tensor
    without_code: Tensor

    def of(self, rows: slice) -> Candidates:
        parts = (self.ids, self.written, self.with_code, self.without_code)
        return Candidates(self.form, *(part[rows] for part in parts))


@dataclass(frozen=True, slots=True)
class Judge:
    """Chooses among candidates. weights: by mark."""

    critic: Critic | None = None
    weights: Mapping[str, float] = field(default_factory=lambda: PLAIN_RULE)

    @classmethod
    def shipped(cls, critic: Critic) -> Judge:
        """With the weights that ship."""
        told = json.loads(resources.files("vae").joinpath("data", FILE).read_text(encoding="utf-8"))
        return cls(critic, {name: float(told["weights"][name]) for name in MARKS})

    @property
    def digest(self) -> str:
        """Of the weights, for the recipe's sake."""
        return hashlib.sha256(json.dumps(dict(self.weights), sort_keys=True).encode()).hexdigest()[:12]

    def best(self, candidates: Candidates, each: int) -> Tensor:
        """The row of the best of every `each` rows: (drafts,).

        The candidates of one draft are marked by themselves, so that no mark depends on what else is written.
        """
        rows = range(0, len(candidates.ids), each)
        marked = [self.marks(candidates.of(slice(first, first + each))) for first in rows]
        scores = [sum(weight * marks[name] for name, weight in self.weights.items()) for marks in marked]
        return torch.stack([first + score.argmax() for first, score in zip(rows, scores, strict=True)])  # type: ignore[union-attr]

    def marks(self, candidates: Candidates) -> dict[str, Tensor]:
        """Each mark of each candidate: (rows,)."""
        written = candidates.written.float()
        count = written.sum(1).clamp(min=1)
        found = {
            "code": (candidates.with_code * written).sum(1) / count,
            "plain": (candidates.without_code * written).sum(1) / count,
        }
        if self.critic is not None:
            told = self.critic(candidates.form, candidates.ids)
            stands = torch.nn.functional.logsigmoid(told.stands) * written
            grid = (-1, candidates.form.lines, candidates.form.columns)
            by_line, open_by_line = stands.view(grid).sum(2), written.view(grid).sum(2)
            means = (by_line / open_by_line.clamp(min=1)).masked_fill(open_by_line == 0, 0.0)
            found |= {
                "human": told.human,
                "whole": told.whole,
                "stands": stands.sum(1) / count,
                "weakest": means.amin(1),
            }
        return found
