"""The flagship's decoder as it writes: the same function as `Flagship.decode`, arranged so that a step costs little.

What is constant over a poem (the code in every layer, what each place asks for) is computed once a poem; weights are cast
once, to bf16 where the device has units for it; keys and values stand in buffers of their final size.

Rows stand alone (`vae.nets.alone`); all that is no product works on each row by itself.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from vae import nucleus
from vae.nets.alone import FLOAT_GRAIN, filled, grain_of, quick_dtype, standing_alone
from vae.nets.flagship import Block, Flagship
from vae.nets.trunk import Product, Trunk, all_at_once, by_layer, last_product
from vae.nucleus import Wants
from vae.poem import Form

SLICE = 16
"""Places scored at a time: their scores over the vocabulary stay in the processor's cache."""


LEARNING = ("spread", "one_shot")
"""Layers of a flagship that only learning has a use for."""
ARRANGED = ("blocks", "pairs", "guide", "guide_whole")
"""Those that a decoder has its own of."""


class Memory(Protocol):
    """What is kept of the places that were written, and how one goes on from there."""

    def step(self, told: Tensor, earlier: Tensor, previous: Tensor) -> Tensor:
        """What the layers make of the next place, (rows, width).

        told: (rows, width) what it is told; earlier, previous: (rows,) the characters two places before and one. Fewer rows
        may come than before, the first of them.
        """

    def take_in(self, told: Tensor, ids: Tensor) -> None:
        """The first places at once, but for rounding as if they had been stepped through. told: (rows, places, width); ids:
        (rows, places) the characters there."""

    def reorder(self, order: Tensor) -> None:
        """Row i goes on from what row order[i] has written, as many rows as there are numbers."""


Enter = Callable[[Tensor, Tensor, Tensor], Tensor]
"""What the layers begin with, (…, width), of what `Memory.step` is given."""


class Buffers:
    """Keys and values in buffers of their final size: for each layer (rows, heads, places, depth)."""

    def __init__(self, trunk: Trunk, enter: Enter, code: Tensor, places: int) -> None:
        layers, _, rows, width = code.shape
        shape = (rows, trunk.heads, places, width // trunk.heads)
        self._trunk, self._enter, self._rows, self._place = trunk, enter, rows, 0
        self._code = by_layer(code)
        self._keys, self._values = ([torch.empty(shape, device=code.device) for _ in range(layers)] for _ in range(2))

    def step(self, told: Tensor, earlier: Tensor, previous: Tensor) -> Tensor:
        place, rows = self._place, len(told)
        self._place += 1

        def attend(index: int, query: Tensor, length: Tensor, key: Tensor, value: Tensor) -> Tensor:
            keys, values = self._keys[index][:rows], self._values[index][:rows]
            keys[:, :, place], values[:, :, place] = key, value
            depth = key.shape[-1]
            keys, values = (part.view(-1, part.shape[2], depth)[:, : place + 1] for part in (keys, values))
            scores = torch.bmm((query / length).reshape(-1, 1, depth), keys.mT)
            return torch.bmm(scores.softmax(-1), values)  # (rows x heads, 1, depth)

        if rows < self._rows:
            self._rows, self._code = rows, [tuple(part[:rows] for part in layer) for layer in self._code]
        return self._trunk.through(self._enter(told, earlier, previous), self._code, attend)

    def take_in(self, told: Tensor, ids: Tensor) -> None:
        rows, places = ids.shape
        code = [tuple(part.repeat_interleave(places, 0) for part in layer) for layer in self._code]
        stood: list[Tensor] = []
        x = self._enter(told, *before_each(ids))
        self._trunk.through(x.flatten(0, 1), code, all_at_once(rows, places, stood))
        for index, (keys, values) in enumerate(stood):
            self._keys[index][:, :, :places], self._values[index][:, :, :places] = keys, values
        self._place = places

    def reorder(self, order: Tensor) -> None:
        self._rows, self._code = len(order), [tuple(part[order] for part in layer) for layer in self._code]
        self._keys, self._values = ([kept[order] for kept in of] for of in (self._keys, self._values))


@dataclass(slots=True)
class Writing:
    """Poems being written.

    told: (rows, places, width) what is added to the character before; earlier: (rows,) the character two places before the
    next. Rows that have come to their end are cut off earlier.
    """

    told: Tensor
    memory: Memory
    earlier: Tensor
    place: int = 0


class Decoder:
    """A view of a flagship's weights, made once, for as long as they do not change."""

    @torch.no_grad()
    def __init__(self, net: Flagship, dtype: torch.dtype | None = None) -> None:
        self.net, self.heads, self.width = net, net.config.heads, net.config.width
        self.dtype = dtype or quick_dtype(net.embedding.weight.device)
        self.grain = grain_of(self.dtype)
        # Not copied first and freed then: 32 MB of what hints have no need of.
        self.quick = standing_alone(_without(net, "encoder", "posterior", "blocks", *LEARNING), self.dtype)
        blocks = [block for block in net.blocks if isinstance(block, Block)]
        self.modulate = torch.cat([block.modulate.weight for block in blocks])
        self.modulate_bias = torch.cat([block.modulate.bias for block in blocks])
        self.silence = self._code(net.no_code[None])
        self.nobody = net.bring_in(net.no_code)

    @cached_property
    def trunk(self) -> Trunk:
        return Trunk(self.net, self.dtype)

    @cached_property
    def last(self) -> Product:
        return last_product(self.net, self.dtype)

    def take_over(self) -> None:
        """Frees what of the net is arranged here: from now on it can but encode. 83 MB of the flagship that ships."""
        _ = self.trunk, self.last
        let_go(self.net, *ARRANGED)

    def hints(self, form: Form, given: Tensor, tones: Tensor, rhyme: Tensor) -> Tensor:
        """As `Flagship.hints`, for drafts, of which several rows may be written: (drafts, form.size, width)."""
        count = len(given)
        given, tones, rhyme = (filled(part, self.grain) for part in (given, tones, rhyme))
        return self.guided(form, given, tones, rhyme)[:count]

    def guided(self, form: Form, given: Tensor, tones: Tensor, rhyme: Tensor) -> Tensor:
        """What `hints` gives, of as many rows as come out alike in any number."""
        return self.quick.hints(form, given, tones, rhyme)

    def begin(self, hints: Tensor, z: Tensor) -> Writing:
        """hints: (rows, places, width); z: (rows, latent)."""
        hints, z = filled(hints, self.grain), filled(z, self.grain)
        told = self._told(hints, z)
        nothing = torch.zeros(len(z), dtype=torch.long, device=z.device)
        return Writing(told, self.remember(self._code(z), told.shape[1]), nothing)

    def remember(self, code: Tensor, places: int) -> Memory:
        """A memory of no places yet. code: what the layers hear of it, (layers, 4, rows, width)."""
        return Buffers(self.trunk, self._enter, code, places)

    def step(self, writing: Writing, previous: Tensor) -> Tensor:
        """What `scores` takes for the next place, given the character before it, (rows,): (rows, width).

        Poems that have come to their end are left out: fewer rows may come than before, the first of them.
        """
        place, count = writing.place, len(previous)
        previous = filled(previous, self.grain)
        told, earlier = writing.told[: len(previous), place], writing.earlier[: len(previous)]
        writing.place, writing.earlier = place + 1, previous
        return writing.memory.step(told, earlier, previous)[:count]

    def take_in(self, writing: Writing, ids: Tensor) -> None:
        """The characters of the first places, (rows, places), at once, before the first step; that is told the last of them."""
        ids = filled(ids, self.grain)
        writing.place = ids.shape[1]
        writing.memory.take_in(writing.told[:, : writing.place], ids)
        writing.earlier = before_each(ids)[1][:, -1]

    def reorder(self, writing: Writing, order: Tensor) -> None:
        """Row i goes on as row order[i] stands, as many rows as there are numbers."""
        order = filled(order, self.grain)
        writing.told, writing.earlier = writing.told[order], writing.earlier[order]
        writing.memory.reorder(order)

    def scores(self, hidden: Tensor) -> Tensor:
        """Unnormalised log probabilities: (rows, vocabulary), float32."""
        return self.last.of(filled(hidden, self.grain)).float()[: len(hidden)]

    def draw(self, hidden: Tensor, wants: Wants, heat: Tensor, uniforms: Tensor, top_p: float) -> tuple[Tensor, Tensor]:
        """`nucleus.choose` by the scores of what `step` returned."""
        return nucleus.choose(self.scores(hidden), wants, heat, uniforms, top_p)

    def log_p(self, hints: Tensor, ids: Tensor, z: Tensor | None = None) -> Tensor:
        """log p of each character given those before it: (rows, places); hints: (rows, places, width); z: (rows, latent), or
        None for a decoder that has not heard the code."""
        count = len(ids)
        hints, ids, z = filled(hints, self.grain), filled(ids, self.grain), None if z is None else filled(z, self.grain)
        rows, places = ids.shape
        x = self._enter(self._told(hints, z), *before_each(ids))
        code = self.silence if z is None else self._code(z).repeat_interleave(places, 2)
        hidden = self.trunk.through(x.flatten(0, 1), by_layer(code), all_at_once(rows, places))
        found = [
            self.scores(some).log_softmax(-1).gather(1, of)
            for some, of in zip(torch.split(hidden, SLICE), torch.split(ids.flatten()[:, None], SLICE), strict=True)
        ]
        return torch.cat(found).view(rows, places)[:count]

    def _told(self, hints: Tensor, z: Tensor | None) -> Tensor:
        """What is added to the character before each place: (rows, places, width)."""
        # The code stays in float32.
        brought = self.nobody if z is None else self.net.bring_in(filled(z, FLOAT_GRAIN))[: len(z), None]
        told: Tensor = (hints + brought).to(self.dtype)
        return told

    def _enter(self, told: Tensor, earlier: Tensor, previous: Tensor) -> Tensor:
        return self.trunk.enter(told, earlier, previous, *self.tables)

    @property
    def tables(self) -> list[Tensor]:
        """What characters and pairs of them are looked up in: see `Trunk.enter`."""
        pairs = self.quick.pairs
        return [self.quick.embedding.weight, *([] if pairs is None else pairs.weights)]

    def _code(self, z: Tensor) -> Tensor:
        """What each layer hears of the code: scale and shift before attention, and before the MLP: (layers, 4, rows, width)."""
        count, z = len(z), filled(z, FLOAT_GRAIN)
        told = functional.linear(z, self.modulate, self.modulate_bias)[:count].view(count, -1, 4, self.width)
        told[:, :, 0::2] = (told[:, :, 0::2] + 1) * self.width**0.5
        return told.to(self.dtype).permute(1, 2, 0, 3).contiguous()


def let_go(net: Flagship, *layers: str) -> None:
    """Frees layers that nobody will ask for any more."""
    for name in layers:
        if hasattr(net, name):
            delattr(net, name)


def _without(net: Flagship, *layers: str) -> Flagship:
    """The same net, but for some layers."""
    lean = copy.copy(net)
    lean._modules = dict(net._modules)
    let_go(lean, *layers)
    return lean


def before_each(ids: Tensor) -> tuple[Tensor, Tensor]:
    """The characters two places before each and one before, 0 where there is none: (rows, places) each."""
    previous = functional.pad(ids[:, :-1], (1, 0))
    return functional.pad(previous[:, :-1], (1, 0)), previous
