"""Masks for a sampler: which characters may stand at each place of a planned poem."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vae.prosody.errors import TooFewRhymes
from vae.prosody.plan import FREE, RHYME, Plan
from vae.prosody.rules import MASKS
from vae.prosody.table import RhymeTable


class Sounds:
    """What a table says of each character of a vocabulary, as arrays; what is no character is never chosen."""

    def __init__(self, characters: Sequence[str], table: RhymeTable) -> None:
        self.index = {char: i for i, char in enumerate(characters)}
        self.table = table
        self.known = np.array([char in table for char in characters], dtype=bool)  # (characters,)
        self.tones = np.array([table.tones(char) for char in characters], dtype=np.uint8)  # (characters,)
        self.groups = np.array([table.level_bits.get(char, 0) for char in characters], dtype=np.int64)  # (characters,)

    def rhymes(self, group: str) -> NDArray[np.bool_]:
        """(characters,): those whose reading in the level group counts."""
        return (self.groups >> self.table.rhyme_groups.index(group) & 1).astype(bool)

    def mask(self, plan: Plan) -> NDArray[np.bool_]:
        """(positions, characters) in reading order: True where a character may stand.

        No row is empty. A given character has a row of its own; one that the vocabulary lacks has the row of its place, and
        whoever writes puts the given one there. Given rhyme words are left out of the other rhyming places; that the words
        a poet chooses differ is for the sampler to see to (`Plan.rhyme_positions`).
        Raises TooFewRhymes when the group has fewer words than the form needs.
        """
        rows = {letter: self.known if letter == FREE else (self.tones & MASKS[letter]) > 0 for letter in "PZ*"}
        if plan.rhyme is not None:
            rows[RHYME] = self._rhyme_row(plan, plan.rhyme)
        found = np.stack([rows[letter] for letter in plan.letters])
        for position, char in plan.given_positions.items():
            if char in self.index:
                found[position] = False
                found[position, self.index[char]] = True
        return found

    def _rhyme_row(self, plan: Plan, group: str) -> NDArray[np.bool_]:
        row = self.rhymes(group)
        given = plan.given_positions
        for position in plan.rhyme_positions:
            if given.get(position) in self.index:
                row[self.index[given[position]]] = False
        open_places = [position for position in plan.rhyme_positions if position not in given]
        if row.sum() < len(open_places):
            needed = len(plan.rhyme_positions)
            raise TooFewRhymes(group=group, found=int(row.sum()), form=plan.form.chinese, needed=needed)
        return row
