"""Who writes poems to be judged: the Poet by its own door, and the trigram under the same masks."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from vae.evaluation.shelf import Lines, Shelf
from vae.evaluation.trigram import BREAK, Trigram
from vae.lexicon import Lexicon
from vae.nets.flagship import Flagship
from vae.poem import Form, WriteRequest
from vae.poet import Poet
from vae.prosody.mask import Sounds
from vae.prosody.plan import plan
from vae.prosody.table import classical
from vae.vocabulary import SPECIAL, Vocabulary

TOGETHER = 32
"""Poems asked for at a time."""


class Writer(Protocol):
    """key: what its poems depend on beside form and random seed, all of it."""

    @property
    def key(self) -> str: ...

    def write(self, form: Form, seeds: Sequence[int]) -> list[Lines]:
        """A poem for each random seed."""


@dataclass(frozen=True)
class PoetWriter:
    """The Poet, by its own door: unseeded poems, masks and choice among candidates included."""

    poet: Poet
    candidates: int

    @property
    def key(self) -> str:
        return f"{poets_key(self.poet)} {self.candidates}"

    def write(self, form: Form, seeds: Sequence[int]) -> list[Lines]:
        requests = [WriteRequest(form=form, random_seed=seed, candidates=self.candidates) for seed in seeds]
        return [poem.lines for poem in self.poet.write_all(requests)]


@dataclass(frozen=True)
class TrigramWriter:
    """The trigram under the poet's masks: a plan, tones, rhyme, no character twice; drawn as boldly as the poet draws."""

    trigram: Trigram
    vocabulary: Vocabulary
    lexicon: Lexicon
    temperature: float
    top_p: float

    @property
    def key(self) -> str:
        return f"trigram {len(self.trigram.triples.keys)} {self.temperature} {self.top_p} {writers_code()}"

    def write(self, form: Form, seeds: Sequence[int]) -> list[Lines]:
        return [self._poem(form, seed) for seed in seeds]

    @cached_property
    def _sounds(self) -> Sounds:
        return Sounds(self.vocabulary.characters, classical().strict)

    def _poem(self, form: Form, seed: int) -> Lines:
        table, rng, draws = classical().strict, random.Random(seed), np.random.default_rng(seed)
        allowed = self._sounds.mask(plan(form, rng=rng, table=table))
        kin = self.lexicon.kin.numpy()
        unused = np.ones(len(self.vocabulary), bool)
        unused[:SPECIAL] = False
        written = [BREAK, BREAK]
        for place in range(form.size):
            if place and place % form.columns == 0:
                written.append(BREAK)
            free = unused[kin]
            free[SPECIAL:] &= allowed[place]
            if not free.any():
                free[SPECIAL:] = allowed[place]
            choice = np.flatnonzero(free)
            shares = self.trigram.row(written[-2], written[-1])[choice] ** (1 / self.temperature)
            order = np.argsort(-shares)
            sums = np.cumsum(shares[order])
            nucleus = order[: 1 + int((sums < self.top_p * sums[-1]).sum())]
            picked = int(draws.choice(choice[nucleus], p=shares[nucleus] / shares[nucleus].sum()))
            unused[kin[picked]] = False
            written.append(picked)
        text = self.vocabulary.decode([i for i in written if i != BREAK])
        return tuple(text[i : i + form.columns] for i in range(0, form.size, form.columns))


def written(
    writer: Writer, form: Form, count: int, folder: Path, tick: Callable[[int], None] = lambda _: None
) -> list[Lines]:
    """The writer's poems of the random seeds 0 to count - 1; `tick` hears how many came. Raises CorpusError."""

    def more(start: int, end: int) -> list[list[Lines]]:
        return [[poem] for poem in writer.write(form, range(start, end))]

    shelf = Shelf(folder, f"{form}", writer.key)
    return [poems[0] for poems in shelf.take(count, more, together=TOGETHER, tick=tick)]


def poets_key(poet: Poet) -> str:
    """All that a poem depends on beside the request: weights, where codes are drawn, knobs, and the program, compiled or not."""
    codes = hashlib.sha256(b"".join(each.numpy().tobytes() for each in poet.net.codes.buffers()))
    return f"{poet.model} {codes.hexdigest()} {poet.knobs} {writers_code()} {poet.programs is not None} {poet.judge.program is not None}"


def hiding_codes(poet: Poet) -> Poet:
    """The same poet with its flagship's code hidden: every unseeded poem is written from the code that stands for none."""
    net = copy.deepcopy(poet.net)
    assert isinstance(net, Flagship)
    net.codes.mean[:] = net.no_code.detach()
    for moved in (net.codes.spread, net.codes.moves, net.codes.rest):
        moved.zero_()
    return dataclasses.replace(poet, net=net)


def drawing_freely(poet: Poet) -> Poet:
    """The same poet with the codes of unseeded poems drawn from N(0, I), the prior that it was trained against."""
    net = copy.deepcopy(poet.net)
    net.codes.mean.zero_()
    net.codes.moves.zero_()
    for spread in (net.codes.spread, net.codes.rest):
        spread[:] = torch.eye(spread.shape[-1])
    return dataclasses.replace(poet, net=net)


@cache
def writers_code() -> str:
    """A hash of the program that writes: the package's code and tables, but for this evaluation and the consoles."""
    digest = hashlib.sha256()
    root = Path(str(resources.files("vae")))
    files = [*root.glob("*.py"), *root.glob("nets/*.py"), *root.glob("prosody/*.py"), *root.glob("data/*")]
    for file in sorted(files):
        if file.is_file() and not file.name.startswith("__"):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]
