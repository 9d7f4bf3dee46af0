"""The flagship's decoder compiled ahead (`ahead.py`): the same layers (`trunk.py`), in a third of the time.

Any number of rows may come, and rows still stand alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from vae import nucleus
from vae.nets.ahead import LEAST, Inputs, Library, compile_ahead
from vae.nets.alone import filled
from vae.nets.batch import FORMS
from vae.nets.decoding import ARRANGED, Decoder, Memory, before_each, let_go
from vae.nets.flagship import Flagship
from vae.nets.trunk import Trunk, all_at_once, by_layer, last_product
from vae.poem import Form

ROWS, PLACES = 16, 28
"""What the compiler tunes for."""
NEVER = -1e9
"""Added to the attention of what is not to be seen."""
TRIES = 4
"""Draws of a character before it is sorted out for the rows that always fell outside the nucleus."""
TOKENS = 256
"""Places that are marked at a time: a program keeps the interpreter to itself while it runs."""


class Step(nn.Module):
    """One place of every row."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.trunk, self.tables = Trunk(decoder.net, decoder.dtype, fuse=False), decoder.tables

    def forward(
        self, told: Tensor, earlier: Tensor, previous: Tensor, code: Tensor, past: Tensor, seen: Tensor, *tables: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What `Decoder.scores` takes, (rows, width), and the keys and values of this place, (layers, 2, rows, heads, depth).

        told, earlier, previous, tables: as in `Trunk.enter`; code: (layers, 4, rows, width); past: (layers, 2, rows, heads,
        places, depth); seen: added to the attention of those that stand, (places so far,).
        """
        kept: list[Tensor] = []

        def attend(index: int, query: Tensor, length: Tensor, key: Tensor, value: Tensor) -> Tensor:
            kept.append(torch.stack((key, value)).to(self.trunk.dtype))
            keys, values = past[index, :, :, :, : seen.shape[0]].unbind(0)  # (rows, heads, places so far, depth) each
            # Query and key are of length 1 but for what sharpens them (20 at most in the net that ships), so no exponent is too large.
            shares = ((keys * query[:, :, None]).sum(-1) / length + seen).exp()
            own, total = (query * key).sum(-1, keepdim=True) / length, shares.sum(-1, keepdim=True)
            mixed = (shares[..., None] * values).sum(2)
            return value + (mixed - total * value) / (total + own.expand_as(value).exp())

        entered = self.trunk.enter(told, earlier, previous, *tables)
        return self.trunk.through(entered, by_layer(code), attend), torch.stack(kept)

    def inputs(self) -> Inputs:
        trunk, layers = self.trunk, len(self.trunk.layers)
        yield torch.zeros(ROWS, trunk.width, dtype=trunk.dtype), ("rows", None)
        yield torch.zeros(ROWS, dtype=torch.long), ("rows",)
        yield torch.zeros(ROWS, dtype=torch.long), ("rows",)
        yield torch.zeros(layers, 4, ROWS, trunk.width, dtype=trunk.dtype), (None, None, "rows", None)
        past = torch.zeros(layers, 2, ROWS, trunk.heads, PLACES, trunk.width // trunk.heads, dtype=trunk.dtype)
        yield past, (None, None, "rows", None, "places", None)
        yield torch.zeros(PLACES // 2), ("stand",)
        for table in self.tables:
            yield table, (None, None)


class Whole(nn.Module):
    """All places of every row at once."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.trunk, self.tables = Trunk(decoder.net, decoder.dtype, fuse=False), decoder.tables
        self.last = last_product(decoder.net, decoder.dtype, fuse=False)

    def forward(self, told: Tensor, ids: Tensor, code: Tensor, *tables: Tensor) -> tuple[Tensor, Tensor]:
        """log p of each character, (rows, places), and what `Step` gives of every place, (layers, 2, rows, heads, places, depth).

        told: (rows, places, width) and tables as of `Trunk.enter`; code: (layers, 4, rows, width).
        """
        rows, places = ids.shape
        entered = self.trunk.enter(told, *before_each(ids), *tables).flatten(0, 1)
        heard = code[:, :, :, None].expand(-1, -1, -1, places, -1).flatten(2, 3)
        kept: list[Tensor] = []
        hidden = self.trunk.through(entered, by_layer(heard), all_at_once(rows, places, kept))
        scores = self.last.of(hidden).float()
        found = scores.gather(1, ids.view(-1, 1))[:, 0] - scores.logsumexp(1)
        return found.view(rows, places), torch.stack(kept).to(self.trunk.dtype)

    def inputs(self) -> Inputs:
        yield torch.zeros(ROWS, PLACES, self.trunk.width, dtype=self.trunk.dtype), ("rows", "places", None)
        yield torch.zeros(ROWS, PLACES, dtype=torch.long), ("rows", "places")
        layers = len(self.trunk.layers)
        yield torch.zeros(layers, 4, ROWS, self.trunk.width, dtype=self.trunk.dtype), (None, None, "rows", None)
        for table in self.tables:
            yield table, (None, None)


class Draw(nn.Module):
    """A character for every row."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.last = last_product(decoder.net, decoder.dtype, fuse=False)

    def forward(
        self,
        hidden: Tensor,
        added: Tensor,
        forbidden: Tensor,
        again: Tensor,
        heat: Tensor,
        uniforms: Tensor,
        top_p: Tensor,
    ) -> tuple[Tensor, ...]:
        """What `nucleus.choose` gives; log p of all characters before what is asked had a say, but for a constant, (rows, vocabulary),
        and that constant, (rows, 1); and what else `nucleus.attempts` gives.

        hidden: (rows, width); added, forbidden, again: as in `nucleus.Wants`; top_p: (); the others as of `nucleus.choose`.
        """
        scores = self.last.of(hidden).float()
        # Whole numbers and masks would be loops of their own, many times slower.
        once_more = (
            torch.arange(scores.shape[1], dtype=torch.float32) == torch.where(again > 0, again, -1)[:, None].float()
        )
        wanted = scores + added + forbidden.float() * nucleus.FORBIDDEN - torch.where(once_more, nucleus.USED, 0.0)
        drawn, *rest = nucleus.attempts(wanted, heat, uniforms, top_p, TRIES)
        mass = scores.logsumexp(1, keepdim=True)
        return drawn, (scores.gather(1, drawn[:, None]) - mass)[:, 0], scores, mass, *rest

    def inputs(self) -> Inputs:
        vocabulary, width = self.last.weight.shape
        yield torch.zeros(ROWS, width, dtype=self.last.weight.dtype), ("rows", None)
        yield torch.zeros(ROWS, vocabulary), ("rows", None)
        yield torch.zeros(ROWS, vocabulary, dtype=torch.uint8), ("rows", None)
        yield torch.zeros(ROWS, dtype=torch.long), ("rows",)
        yield torch.ones(ROWS, 1), ("rows", None)
        yield torch.zeros(ROWS), ("rows",)
        yield torch.tensor(0.9), ()


class Hints(nn.Module):
    """What is told of every place, a row a draft."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.net = decoder.quick

    def forward(self, form: Tensor, given: Tensor, tones: Tensor, rhyme: Tensor) -> Tensor:
        """As of `Flagship.hints_of_grid`."""
        return self.net.hints_of_grid(form, given, tones, rhyme)

    def inputs(self) -> Inputs:
        form = Form.QIJUE
        yield torch.tensor(FORMS.index(form)), ()
        for _ in range(2):
            yield torch.zeros(LEAST, form.lines, form.columns, dtype=torch.long), ("rows", "lines", "columns")
        yield torch.zeros(LEAST, dtype=torch.long), ("rows",)


_MODULES: dict[str, type[Step | Whole | Draw | Hints]] = {"step": Step, "whole": Whole, "draw": Draw, "hints": Hints}
NAMES = tuple(_MODULES)


def write_program(name: str, net: Flagship, folder: Path) -> None:
    """Compiles one into a folder, as NAME.so: half a minute. Raises what torch does where it cannot."""
    module = _MODULES[name](Decoder(net))
    compile_ahead(module, module.inputs(), folder / f"{name}.so")


@dataclass(frozen=True)
class Programs:
    """What `write_program` left in a folder, loaded."""

    step: Library
    whole: Library
    draw: Library
    hints: Library

    @classmethod
    def load(cls, folder: Path) -> Programs:
        """Raises RuntimeError for what cannot be loaded."""
        return cls(*(Library(folder / f"{name}.so") for name in NAMES))


class CompiledDecoder(Decoder):
    """A decoder by programs that were compiled for its net."""

    def __init__(self, net: Flagship, programs: Programs) -> None:
        super().__init__(net)
        self.programs = programs
        let_go(self.quick, "guide", "guide_whole")

    def take_over(self) -> None:
        let_go(self.net, *ARRANGED)  # the programs have their like

    def guided(self, form: Form, given: Tensor, tones: Tensor, rhyme: Tensor) -> Tensor:
        grid = (-1, form.lines, form.columns)
        count, of_rows = _enough(given.view(grid), tones.view(grid), rhyme)
        return self.programs.hints(torch.tensor(FORMS.index(form)), *of_rows)[0][:count]

    def remember(self, code: Tensor, places: int) -> Memory:
        return _Past(self.programs, self.tables, self.net.config.heads, code, places)

    def draw(
        self, hidden: Tensor, wants: nucleus.Wants, heat: Tensor, uniforms: Tensor, top_p: float
    ) -> tuple[Tensor, Tensor]:
        octets = wants.forbidden.view(torch.uint8)
        count, of_rows = _enough(hidden, wants.added, octets, wants.again, heat, uniforms)
        drawn, log_p, scores, mass, inside, powers, uniforms = self.programs.draw(*of_rows, _number(top_p))
        if not inside.all():
            left = ~inside
            drawn[left] = nucleus.sorted_out(powers[left], uniforms[left], top_p)
            log_p = (scores.gather(1, drawn[:, None]) - mass)[:, 0]
        return drawn[:count], log_p[:count]

    def log_p(self, hints: Tensor, ids: Tensor, z: Tensor | None = None) -> Tensor:
        told, some = self._told(hints, z), max(LEAST, TOKENS // ids.shape[1])
        code = self.silence.expand(-1, -1, len(ids), -1) if z is None else self._code(z)
        found = []
        for parts in zip(*(torch.split(each, some) for each in (told, ids, code.permute(2, 0, 1, 3))), strict=True):
            count, (told_, ids_, code_) = _enough(*parts)
            log_p, *_ = self.programs.whole(told_, ids_, code_.permute(1, 2, 0, 3).contiguous(), *self.tables)
            found.append(log_p[:count])
        return torch.cat(found)


class _Past:
    """Keys and values of all layers in one buffer: (layers, 2, rows, heads, LEAST + places, depth)."""

    def __init__(self, programs: Programs, tables: Sequence[Tensor], heads: int, code: Tensor, places: int) -> None:
        layers, _, self._rows, width = code.shape
        self._programs, self._tables, self._code, self._place = programs, tables, code, LEAST
        self._kept = torch.empty(
            layers, 2, max(LEAST, self._rows), heads, LEAST + places, width // heads, dtype=code.dtype
        )
        self._kept[..., :LEAST, :] = 0  # nobody's, and not to be seen
        self._seen = torch.zeros(LEAST + places)
        self._seen[:LEAST] = NEVER
        if self._rows < LEAST:
            self._code = torch.cat((code, code[:, :, :1].expand(-1, -1, LEAST - self._rows, -1)), 2)

    def step(self, told: Tensor, earlier: Tensor, previous: Tensor) -> Tensor:
        count, of_rows = _enough(told, earlier, previous)
        if count < self._rows:
            self._rows, rows = count, max(LEAST, count)
            self._code, self._kept = self._code[:, :, :rows].contiguous(), self._kept[:, :, :rows].contiguous()
        hidden, kept = self._programs.step(*of_rows, self._code, self._kept, self._seen[: self._place], *self._tables)
        self._kept[..., self._place, :] = kept
        self._place += 1
        return hidden[:count]

    def take_in(self, told: Tensor, ids: Tensor) -> None:
        places, missing = ids.shape[1], max(0, LEAST - ids.shape[1])
        # What comes later changes nothing of what stood before it.
        _, of_rows = _enough(functional.pad(told, (0, 0, 0, missing)), functional.pad(ids, (0, missing)))
        _, kept = self._programs.whole(*of_rows, self._code, *self._tables)
        self._kept[..., self._place : self._place + places, :] = kept[..., :places, :]
        self._place += places

    def reorder(self, order: Tensor) -> None:
        order = filled(order, LEAST) if len(order) < LEAST else order
        self._rows, self._code = len(order), self._code[:, :, order].contiguous()
        self._kept = self._kept[:, :, order].contiguous()


@cache
def _number(value: float) -> Tensor:
    return torch.tensor(value)


def _enough(*of_rows: Tensor) -> tuple[int, list[Tensor]]:
    """How many rows there are, and the same with the first repeated where that is too few for a program; contiguous."""
    count = len(of_rows[0])
    return count, [(filled(each, LEAST) if count < LEAST else each).contiguous() for each in of_rows]
