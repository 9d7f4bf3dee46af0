"""Poems drawn at random from a mask: what a sampler may write, at its most careless."""

import random
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vae.prosody.mask import Sounds
from vae.prosody.plan import Plan
from vae.prosody.table import RhymeTable
from vae.vocabulary import Vocabulary

CHARACTERS = Vocabulary.shipped().characters


@lru_cache(maxsize=8)
def _sounds(characters: tuple[str, ...], table: RhymeTable) -> Sounds:
    return Sounds(characters, table)


def mask(plan: Plan, characters: Sequence[str], table: RhymeTable) -> NDArray[np.bool_]:
    return _sounds(tuple(characters), table).mask(plan)


def draw(plan: Plan, table: RhymeTable, rng: random.Random, characters: Sequence[str] = CHARACTERS) -> tuple[str, ...]:
    """Lines of a poem: a character of each row, no rhyme word twice, given characters as they are."""
    given = plan.given_positions
    rhymes = {given[position] for position in plan.rhyme_positions if position in given}
    chosen = []
    for position, row in enumerate(mask(plan, characters, table)):
        allowed = np.flatnonzero(row)
        char = given.get(position) or characters[rng.choice(allowed)]
        while position in plan.rhyme_positions and position not in given and char in rhymes:
            char = characters[rng.choice(allowed)]
        if position in plan.rhyme_positions:
            rhymes.add(char)
        chosen.append(char)
    columns = plan.form.columns
    return tuple("".join(chosen[i : i + columns]) for i in range(0, len(chosen), columns))
