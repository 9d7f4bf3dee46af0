"""Poems by people and our answers to their codes, from which the decoder learns to prefer theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from vae import keeping, parallel
from vae.corpus import Packed
from vae.diet import Menu, Tones
from vae.foils import models, of_form
from vae.nets.batch import FREE, LEVEL, OBLIQUE, RHYME
from vae.nets.flagship import Flagship
from vae.nets.preference import Pairs, likelier
from vae.page import Draft
from vae.poem import Form
from vae.poet import ROWS, Poet
from vae.prosody.table import classical
from vae.sampling import Sampler
from vae.selection import Judge
from vae.training import autocast
from vae.vocabulary import SPECIAL

READ = 8192
"""Poems looked at for one file, of which those are taken that keep a regular form and repeat no character, as ours do."""
FILES: dict[Form, int] = {Form.QIJUE: 6, Form.WUJUE: 3, Form.WULV: 4, Form.QILV: 3, Form.COUPLET: 1, Form.COUPLET7: 1}
"""Files of pairs by form."""


class Lessons:
    """Pairs of about `batch_characters` characters of people's poems; those of a step are the same in every run."""

    def __init__(self, stock: Mapping[Form, Pairs], *, batch_characters: int = 2048, seed: int = 0) -> None:
        self.stock, self.seed, self.batch_characters = stock, seed, batch_characters
        self.menu = Menu(stock)

    def batch(self, step: int) -> Pairs:
        """The pairs of a step, from 0."""
        rng = np.random.default_rng([self.seed, step])
        pairs = self.stock[self.menu.draw(rng)]
        rows = torch.from_numpy(rng.integers(0, len(pairs.ids), max(1, self.batch_characters // pairs.form.size)))
        return parallel.part(pairs, rows)


def prepared(
    folder: Path, packed: Packed, poet: Poet, writer: str, files: Mapping[Form, int] = FILES, read: int = READ
) -> Iterator[Pairs]:
    """Pairs form by form, kept in the folder file by file and made only where they are missing.

    writer: the hash of the poet's net, whose answers are no other's; read: poems looked at for one file. Raises Unwritten
    where pairs cannot be kept.
    """
    for form, count in files.items():
        found = of_form(packed, form)
        rng = np.random.default_rng([len(form.value), form.size])
        parts = np.array_split(found[rng.permutation(len(found))[: count * read]], count)
        source = f"{writer} {poet.knobs} {len(found)} {count} {read}"
        made = [
            keeping.kept(folder / f"{form}-{number}.npz", source, _Making(poet, form, number, part))
            for number, part in enumerate(parts)
        ]
        filled = [part for part in made if len(part["ids"])]
        if filled:
            yield Pairs(form, *(torch.from_numpy(np.concatenate([part[name] for part in filled])) for name in _NAMES))


_NAMES = ("ids", "ours", "tones", "rhyme", "code", "before")


class _Making:
    """Makes the pairs of some poems, (poems, form.size), when it is called."""

    def __init__(self, poet: Poet, form: Form, number: int, poems: NDArray[np.uint16]) -> None:
        self.poet, self.form, self.number, self.poems = poet, form, number, poems

    @torch.inference_mode()
    def __call__(self) -> keeping.Arrays:
        poet, form = self.poet, self.form
        self._sampler = Sampler(poet.net, poet.lexicon, poet.knobs, Judge(weights={}))
        self._tones = Tones(poet.vocabulary, classical(), dominant=True)
        self._chance = np.random.default_rng([len(form.value), form.size, self.number])
        self._generator = torch.Generator().manual_seed(int(self._chance.integers(2**62)))
        ids = models(self.poems, form, poet.vocabulary).ids
        made = [self._answers(ids[start : start + ROWS]) for start in range(0, len(ids), ROWS)]
        empty = {name: np.zeros((0, form.size), np.int64) for name in _NAMES}
        return {name: np.concatenate([part[name] for part in made]) for name in _NAMES} if made else empty

    def _answers(self, ids: NDArray[np.int64]) -> keeping.Arrays:
        poet, form, device = self.poet, self.form, self.poet.device
        assert isinstance(poet.net, Flagship)
        theirs = torch.from_numpy(ids).to(device)
        with autocast(device):
            mu, logvar = poet.net.encode(form, theirs)
        noise = torch.randn(mu.shape, generator=self._generator)
        uniforms = torch.rand(len(ids), 1, form.size, generator=self._generator)
        code = mu + (logvar / 2).exp() * noise.to(device)
        told = self._tones.of(form, ids, self._chance)
        asked, rhyme = (torch.from_numpy(each).to(device) for each in told)
        drafts = [
            Draft(
                form,
                torch.from_numpy(_allowed(self._tones, each, int(group))).to(device),
                torch.zeros_like(theirs[0]),
                torch.from_numpy(each).to(device),
                int(group),
            )
            for each, group in zip(*told, strict=True)
        ]
        ours = self._sampler.candidates(drafts, code[:, None], list(uniforms.to(device))).ids
        pairs = Pairs(form, theirs, ours, asked, rhyme, code, code[:, 0])
        with autocast(device):
            before = likelier(poet.net, pairs)
        arrays = (theirs, ours, asked, rhyme, code, before)
        return {name: array.cpu().numpy() for name, array in zip(_NAMES, arrays, strict=True)}


def _allowed(tones: Tones, asked: NDArray[np.int64], rhyme: int) -> NDArray[np.bool_]:
    """(places, vocabulary) characters that have the tones asked for, (places,), and the rhyme where that is asked."""
    level, oblique = tones.known & (tones.level_share > 0.85), tones.known & (tones.level_share < 0.15)
    rhymes = tones.groups[:, rhyme - 1] & level if rhyme else level
    rows = {FREE: tones.known, LEVEL: level, OBLIQUE: oblique, RHYME: rhymes}
    allowed = np.stack([rows[int(tone)] for tone in asked])
    allowed[:, :SPECIAL] = False
    return allowed
