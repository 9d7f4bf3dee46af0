"""What a net is fed: batches of one form each, the same at every step of every run with the same seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from vae.corpus import Packed
from vae.nets.batch import FREE, LEVEL, OBLIQUE, RHYME, Batch
from vae.poem import Form
from vae.prosody.table import RhymeTable
from vae.vocabulary import SPECIAL, Vocabulary

SHARES: dict[Form, float] = {
    Form.QIJUE: 0.28,
    Form.QILV: 0.30,
    Form.WULV: 0.22,
    Form.WUJUE: 0.14,
    Form.COUPLET: 0.03,
    Form.COUPLET7: 0.03,
}
"""Of the characters read in training, by form: about as many as there are, lest any should be known by heart before the rest."""

OWN: dict[Form, int] = {Form.WUJUE: 7, Form.QIJUE: 4, Form.WULV: 3, Form.QILV: 3}
"""How often a poem of a form is read for each part of a longer poem read as one: true quatrains are few, parts many, and
long poems in the old style keep other rules."""


BATCH = 4096
"""Characters of a step, for two processor cores."""


class Menu:
    """Forms, drawn by their shares."""

    def __init__(self, forms: Iterable[Form], shares: Mapping[Form, float] = SHARES) -> None:
        self.forms = list(forms)
        weights = np.array([shares[form] for form in self.forms])
        self.weights = weights / weights.sum()

    def draw(self, rng: np.random.Generator) -> Form:
        return self.forms[int(rng.choice(len(self.forms), p=self.weights))]


class Diet:
    """Batches of about `batch_characters` characters, each poem of a form once before any comes twice."""

    def __init__(
        self,
        packed: Packed,
        vocabulary: Vocabulary,
        table: RhymeTable,
        *,
        shares: Mapping[Form, float] = SHARES,
        batch_characters: int = BATCH,
        seed: int = 0,
    ) -> None:
        self.seed, self.batch_characters = seed, batch_characters
        self.pools = {form: _pool(packed, form) for form in shares}
        self.forms = [form for form in shares if len(self.pools[form])]
        self.menu = Menu(self.forms, shares)
        self.tones = Tones(vocabulary, table)
        self._orders: dict[Form, tuple[int, NDArray[np.int64]]] = {}
        self._counts: tuple[int, Counter[Form]] = (0, Counter())

    def rows(self, form: Form) -> int:
        """Poems a batch."""
        return max(1, self.batch_characters // form.size)

    def batch(self, step: int) -> Batch:
        """The batch of a step, from 0; steps asked for in order cost nothing extra."""
        form = self._form(step)
        first = self._earlier(step)[form] * self.rows(form)
        ids = self._slice(form, first, self.rows(form)).astype(np.int64)
        tones, rhyme = self.tones.of(form, ids, np.random.default_rng([self.seed, step, 1]))
        return Batch(form, torch.from_numpy(ids), torch.from_numpy(tones), torch.from_numpy(rhyme))

    def _form(self, step: int) -> Form:
        return self.menu.draw(np.random.default_rng([self.seed, step]))

    def _earlier(self, step: int) -> Counter[Form]:
        done, counts = self._counts
        if done > step:
            done, counts = 0, Counter()
        for earlier in range(done, step):
            counts[self._form(earlier)] += 1
        self._counts = (step, counts)
        return counts

    def _slice(self, form: Form, first: int, rows: int) -> NDArray[np.uint16]:
        pool = self.pools[form]
        places = np.arange(first, first + rows)
        picked = [
            self._order(form, int(epoch))[places[places // len(pool) == epoch] % len(pool)]
            for epoch in np.unique(places // len(pool))
        ]
        taken: NDArray[np.uint16] = pool[np.concatenate(picked)]
        return taken

    def _order(self, form: Form, epoch: int) -> NDArray[np.int64]:
        if form not in self._orders or self._orders[form][0] != epoch:
            shuffled = np.random.default_rng([self.seed, 2, self.forms.index(form), epoch])
            self._orders[form] = (epoch, shuffled.permutation(len(self.pools[form])))
        return self._orders[form][1]


def _pool(packed: Packed, form: Form) -> NDArray[np.uint16]:
    """All that can be read as `form`: its own poems, and parts of longer ones (halves of 五律 as 五絕, any couplet)."""
    poems = packed.poems
    own = [poems[form]] if form in poems else []
    parts = [packed.passages[form]] if form in packed.passages else []
    if form is Form.WUJUE and Form.WULV in poems:
        parts.append(poems[Form.WULV].reshape(-1, form.size))
    if form in {Form.COUPLET, Form.COUPLET7}:
        longer = [f for f in poems if f.columns == form.columns and f.lines > form.lines]
        parts += [poems[f].reshape(-1, form.size) for f in longer]
    if parts:
        own *= OWN.get(form, 1)
    return np.concatenate(own + parts) if own + parts else np.empty((0, form.size), np.uint16)


class Tones:
    """The tone and rhyme group of every character of a vocabulary, as arrays.

    dominant: whether of a polyphone's tones only the usual one is told; else each as often as it is used.
    """

    def __init__(self, vocabulary: Vocabulary, table: RhymeTable, *, dominant: bool = False) -> None:
        known = [char in table for char in vocabulary.characters]
        self.known = np.array([False] * SPECIAL + known)
        self.level_share = np.array([0.5] * SPECIAL + [table.level_share(char) for char in vocabulary.characters])
        self._told_share = self.level_share.round() if dominant else self.level_share
        self.groups = np.zeros((len(vocabulary), len(table.rhyme_groups)), dtype=bool)
        index = {group: i for i, group in enumerate(table.rhyme_groups)}
        for row, char in enumerate(vocabulary.characters, SPECIAL):
            for group in table.groups(char):
                self.groups[row, index[group]] = True

    def of(
        self, form: Form, ids: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Tones (poems, form.size) and rhyme groups (poems,) as in `Batch`; polyphones are drawn by their use."""
        share = self._told_share[ids]
        share = np.where(share < 0.15, 0.0, np.where(share > 0.85, 1.0, share))
        tones = np.where(rng.random(ids.shape) < share, LEVEL, OBLIQUE)
        tones = np.where(self.known[ids], tones, FREE)
        ends = [line * form.columns + form.columns - 1 for line in range(form.lines) if line % 2 or line == 0]
        rhyming = self.groups[ids[:, ends]]  # (poems, ends, groups)
        votes = rhyming[:, 1:].sum(1)  # (poems, groups)
        rhyme = np.where(votes.max(1) * 2 > form.lines // 2, votes.argmax(1) + 1, 0)
        in_group = np.take_along_axis(rhyming, np.maximum(rhyme - 1, 0)[:, None, None], axis=2)[:, :, 0]
        tones[:, ends] = np.where(in_group & (rhyme > 0)[:, None], RHYME, tones[:, ends])
        return tones, rhyme
