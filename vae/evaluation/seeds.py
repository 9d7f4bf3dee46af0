"""Is a mood heard? `python -m vae evaluate --seeds`: two-character seeds, each beside an unseeded poem as control.

The seeds are the commonest titles of two characters in the validation part. A seed is heard in a poem that has the word
itself (word), or a character of it (character), or one of the IMAGES characters nearest to either by the cosine of the
net's own embedding (image); heard is any of the three. A poem is about its seed (about) as far as the other seeds lie
further from it: the share of them whose company (`vae.company`, by which the poet goes too) the poem's characters, those of
both seeds left out, keep less; 0.5 is chance. The control is a poem of the same form and random seed without a
seed, asked for the same word: what chance hears.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from vae.company import Company
from vae.evaluation.bootstrap import Figure, mean
from vae.evaluation.ground import Ground
from vae.evaluation.shelf import Lines, Shelf
from vae.evaluation.writing import poets_key
from vae.poem import Form, Script, WriteRequest
from vae.poet import Poet
from vae.script import is_han, normalise
from vae.vocabulary import SPECIAL, Vocabulary

SEEDS = 200
FORM = Form.QIJUE
IMAGES = 5
HEARD = ("heard", "word", "character", "image")
WAYS = (*HEARD, "about")


@dataclass(frozen=True, slots=True)
class Seeds:
    """Shares of poems in which the seed is heard, by way, and how far they are about it; and of the controls."""

    seeds: int
    seeded: dict[str, Figure]
    control: dict[str, Figure]


def measure(poet: Poet, ground: Ground, count: int, folder: Path, tick: Callable[[int], None]) -> Seeds:
    """Writes a poem for each seed and one without, and listens."""
    seeds = two_characters(ground.titles, ground.vocabulary)[:count]

    def more(start: int, end: int) -> list[list[Lines]]:
        asked = [_wish(seeds[i], i) for i in range(start, end)] + [_wish(None, i) for i in range(start, end)]
        poems = [poem.lines for poem in poet.write_all(asked)]
        return [[seeded, plain] for seeded, plain in zip(poems[: end - start], poems[end - start :], strict=True)]

    records = Shelf(folder, "seeds", poets_key(poet)).take(len(seeds), more, together=8, tick=tick)
    near = nearest(poet.net.embedding.weight.detach(), ground.vocabulary, seeds)
    heard = [[ways(seed, poem, near) for poem in poems] for seed, poems in zip(seeds, records, strict=True)]
    seeded, control = (
        {way: mean([told[side][way] for told in heard]) for way in HEARD}
        | {"about": mean(about(seeds, [poems[side] for poems in records], ground.vocabulary))}
        for side in (0, 1)
    )
    return Seeds(len(seeds), seeded, control)


def two_characters(titles: Sequence[str], vocabulary: Vocabulary) -> list[str]:
    """The titles of two different known characters, commonest first."""
    words = Counter(normalise(title) for title in titles)
    return [
        word
        for word, _ in words.most_common()
        if len(word) == len(set(word)) == 2 and all(is_han(char) and char in vocabulary for char in word)
    ]


def nearest(embedding: Tensor, vocabulary: Vocabulary, words: Sequence[str]) -> dict[str, frozenset[str]]:
    """For every character of the words, the IMAGES nearest others by cosine. embedding: (vocabulary, width)."""
    chars = sorted(set("".join(words)))
    ids = torch.tensor([int(vocabulary.encode(char)[0]) for char in chars])
    units = functional.normalize(embedding.float(), dim=1)
    cosines = units[ids] @ units.T
    cosines[:, :SPECIAL] = -1
    cosines[torch.arange(len(ids)), ids] = -1
    found = cosines.topk(IMAGES).indices.tolist()
    return {char: frozenset(vocabulary.decode(row)) for char, row in zip(chars, found, strict=True)}


def ways(seed: str, poem: Lines, near: dict[str, frozenset[str]]) -> dict[str, bool]:
    """In which ways a seed is heard."""
    text = set("".join(poem))
    told = {
        "word": any(seed in line for line in poem),
        "character": any(char in text for char in seed),
        "image": any(near[char] & text for char in seed),
    }
    return {"heard": any(told.values()), **told}


def about(seeds: Sequence[str], poems: Sequence[Lines], vocabulary: Vocabulary) -> list[float]:
    """Of each poem the share of the other seeds that lie further from it than its own, one tying for half."""
    words = [vocabulary.encode(seed).astype(np.int64) for seed in seeds]
    near = np.stack([Company.shipped().near(word) for word in words])  # (seeds, vocabulary)
    shares = []
    for i, poem in enumerate(poems):
        ids = vocabulary.encode("".join(map(normalise, poem))).astype(np.int64)
        others = np.stack([~np.isin(ids, (*words[i], *word)) for word in words])  # (seeds, places)
        count = np.maximum(others.sum(1), 1)
        gap = ((near[i, ids] - near[:, ids]) * others).sum(1) / count  # how much nearer its own seed is
        shares.append(float(((gap > 0).sum() + ((gap == 0).sum() - 1) / 2) / max(len(seeds) - 1, 1)))
    return shares


def _wish(seed: str | None, number: int) -> WriteRequest:
    return WriteRequest(seed=seed, form=FORM, script=Script.HANT, random_seed=number)
