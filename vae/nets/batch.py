"""What a net learns from at one step."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from vae.moving import moved
from vae.poem import Form

FORMS = tuple(Form)
"""The forms by number, as embeddings count them."""
LINES, COLUMNS = max(f.lines for f in Form), max(f.columns for f in Form)
TONES = 4
FREE, LEVEL, OBLIQUE, RHYME = range(TONES)
"""What may be asked of a place: nothing, 平, 仄, or a rhyme word (平, in the poem's rhyme group)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Poems of one form.

    ids: (batch, form.size) characters in reading order.
    tones: (batch, form.size) what each place's character is: LEVEL, OBLIQUE, RHYME, or FREE where that is not known.
    rhyme: (batch,) the poem's rhyme group, counted from 1; 0 where it has none.
    """

    form: Form
    ids: Tensor
    tones: Tensor
    rhyme: Tensor

    def to(self, device: str) -> Batch:
        return Batch(self.form, moved(self.ids, device), moved(self.tones, device), moved(self.rhyme, device))


@dataclass(frozen=True, slots=True)
class Losses:
    """total: what is minimised; the rest in nats a character (reconstruction, one_shot) or a poem (kl), for reports."""

    total: Tensor
    report: dict[str, Tensor]
