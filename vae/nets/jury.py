"""The nets that judge, asked together, in copies that rows stand alone in."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from vae.nets.ahead import Inputs
from vae.nets.alone import quick_dtype, standing_alone
from vae.nets.batch import FORMS
from vae.nets.coherence import Coherence
from vae.nets.critic import Critic
from vae.nets.reader import Reader
from vae.poem import Form

ROWS = 16
"""What the compiler tunes for."""


class Opinion(NamedTuple):
    """Each the higher the better.

    Log odds: human: (rows,) a person wrote it; stands: (rows, places) a character is the one that was written; follows: (rows,
    lines) of each line, that the next one is the one that follows; the last one's says nothing. liked: (rows,) points that a
    reader would give, but for a constant and for what fluency adds. thread: (rows, lines) how near a line's images are to the
    next one's, the cosine of their characters' embeddings on average; the last one's says nothing.
    """

    human: Tensor
    stands: Tensor
    follows: Tensor
    liked: Tensor
    thread: Tensor

    def of(self, rows: Tensor) -> Opinion:
        """Of some of the rows, by their numbers."""
        return Opinion(*(each[rows] for each in self))


class Jury(nn.Module):
    """The critic, the net that tells which line follows, and the reader, who goes by what that one sees."""

    images: Tensor

    def __init__(self, critic: Critic, coherence: Coherence, reader: Reader) -> None:
        super().__init__()
        quick = quick_dtype(critic.embedding.weight.device)
        self.critic = standing_alone(critic, products=quick)
        self.coherence = standing_alone(coherence, products=quick)
        self.reader = standing_alone(reader)
        images = functional.normalize(critic.embedding.weight.detach(), dim=1)
        self.register_buffer("images", images.to(quick))

    def forward(self, form: Tensor, ids: Tensor) -> tuple[Tensor, ...]:
        """An `Opinion`. form: () its number in `FORMS`; ids: (rows, line, column), whole poems or their first lines."""
        odds = self.critic.of_grid(form, ids)
        expected, lines = self.coherence.directions_of(form, ids)
        images = functional.embedding(ids, self.images).float().mean(2)  # (rows, line, width)
        thread = (images * images.roll(-1, 1)).sum(2)
        return odds.human, odds.stands, self.coherence.odds(expected, lines), self.reader(expected, lines), thread

    def inputs(self) -> Inputs:
        form = Form.QIJUE
        yield torch.tensor(FORMS.index(form)), ()
        yield torch.zeros(ROWS, form.lines, form.columns, dtype=torch.long), ("rows", "lines", "columns")
