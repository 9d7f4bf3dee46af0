"""Which of some candidates is handed over: each is marked, and the marks are weighed.

Marks, each the higher the better a candidate looks to it:
- human, whole: the critic's log odds that a person wrote it, and that its lines belong together;
- stands: the critic's mean log probability, over the places written, that the character there is the right one;
- weakest: the same of the line that has the least of it;
- thread: how near each line's images are to those of the line before, by the critic's embedding of characters;
- gain: log p(x | z) a character, less a share of log p(x) by the decoder that has not heard the code, since likelihood
  alone picks the bland.

The weights stand in `data/selection.json`; `vae.taste` fits them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path

import torch
from torch import Tensor

from vae.nets.alone import FLOAT_GRAIN, filled, standing_alone
from vae.nets.critic import Critic, Verdict
from vae.poem import Form

FILE = "selection.json"
MARKS = ("human", "whole", "stands", "weakest", "thread", "gain")
PLAIN_RULE = {"gain": 1.0}
"""Without a critic."""
WITHOUT_CODE = 0.3
"""The share of a poem's likelihood without its code that is taken off."""


def file() -> Path:
    """Where the weights of the choice stand."""
    return Path(str(resources.files("vae").joinpath("data", FILE)))


@dataclass(frozen=True, slots=True)
class Candidates:
    """Poems of one form written for some drafts, the candidates of a draft side by side: rows are drafts x candidates.

    ids: (rows, places); written: (rows, places) the poet's own places, the others were given; with_code: (rows, places)
    log p of each character written; without_code: the same by a net that has not heard the code, 0 where none was asked.
    """

    form: Form
    ids: Tensor
    written: Tensor
    with_code: Tensor
    without_code: Tensor


@dataclass(frozen=True)
class Judge:
    """Says what candidates are worth. weights: by mark."""

    critic: Critic | None = None
    weights: Mapping[str, float] = field(default_factory=lambda: PLAIN_RULE)

    @classmethod
    def shipped(cls, critic: Critic) -> Judge:
        """With the weights that ship."""
        told = json.loads(file().read_text(encoding="utf-8"))
        return cls(critic, {name: float(told["weights"][name]) for name in MARKS})

    @property
    def asks_for_gain(self) -> bool:
        """Whether candidates must come with what they are worth without their code."""
        return self.weights.get("gain", 0.0) != 0

    @property
    def digest(self) -> str:
        """Of the weights, for the recipe's sake."""
        return hashlib.sha256(json.dumps(dict(self.weights), sort_keys=True).encode()).hexdigest()[:12]

    def scores(self, candidates: Candidates) -> Tensor:
        """What each candidate is worth, in nats a character, whatever else is marked with it: (rows,)."""
        marks, scores = self.marks(candidates), torch.zeros(len(candidates.ids), device=candidates.ids.device)
        for name, weight in self.weights.items():  # one after the other: torch's own sum has an order for each shape
            scores = scores + weight * marks[name]
        return scores

    def marks(self, candidates: Candidates) -> dict[str, Tensor]:
        """Each mark of each candidate: (rows,)."""
        written = candidates.written.float()
        count = written.sum(1).clamp(min=1)
        gain = (candidates.with_code - WITHOUT_CODE * candidates.without_code) * written
        found = {"gain": gain.sum(1) / count}
        if self._alone is not None:
            told = self._verdict(candidates)
            stands = torch.nn.functional.logsigmoid(told.stands) * written
            grid = (-1, candidates.form.lines, candidates.form.columns)
            by_line, open_by_line = stands.view(grid).sum(2), written.view(grid).sum(2)
            means = (by_line / open_by_line.clamp(min=1)).masked_fill(open_by_line == 0, 0.0)
            found |= {
                "human": told.human,
                "whole": told.whole,
                "stands": stands.sum(1) / count,
                "weakest": means.amin(1),
                "thread": self._thread(candidates),
            }
        return found

    def _thread(self, candidates: Candidates) -> Tensor:
        """The cosine of two characters' embeddings, one of a line and one of the next, on average: (rows,)."""
        form = candidates.form
        lines = self._directions[candidates.ids].view(-1, form.lines, form.columns, self._directions.shape[1]).mean(2)
        return (lines[:, :-1] * lines[:, 1:]).sum(2).mean(1)

    def _verdict(self, candidates: Candidates) -> Verdict:
        assert self._alone is not None
        ids = candidates.ids
        told = self._alone(candidates.form, filled(ids, FLOAT_GRAIN))
        return Verdict(*(part[: len(ids)] for part in told))

    @cached_property
    def _directions(self) -> Tensor:
        """(vocabulary, width)"""
        assert self.critic is not None
        return torch.nn.functional.normalize(self.critic.embedding.weight.detach(), dim=1)

    @cached_property
    def _alone(self) -> Critic | None:
        if self.critic is None:
            return None
        return standing_alone(self.critic)
