"""The trigram is a distribution, and one worth being a yardstick."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vae.evaluation.verse import SIZE, poems
from vae.evaluation.trigram import BREAK, Trigram

TRIGRAM = Trigram.count([poems(300, 0), poems(40, 1, lines=8)], SIZE)


@given(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1))
@settings(max_examples=50)
def test_after_any_two_characters_the_probabilities_sum_to_one_and_none_is_zero(earlier: int, previous: int) -> None:
    row = TRIGRAM.row(earlier, previous)
    assert row.sum() == pytest.approx(1)
    assert (row > 0).all()


def test_a_poem_is_as_likely_as_its_characters_one_by_one() -> None:
    [grid] = poems(1, 2)
    framed = [BREAK, BREAK, *(i for line in grid for i in (*line, BREAK))]
    rows = [np.log(TRIGRAM.row(*framed[i - 2 : i])[framed[i]]) for i in range(2, len(framed)) if framed[i] != BREAK]
    assert TRIGRAM.log_probabilities(grid[None]).ravel() == pytest.approx(rows)


def test_it_finds_new_poems_likelier_than_adding_one_to_every_count_does() -> None:
    taught, fresh = poems(300, 0), poems(100, 3)
    counts = np.ones((SIZE, SIZE, SIZE))
    for lines in taught.reshape(-1, 5):
        for a, b, c in zip(lines, lines[1:], lines[2:], strict=False):
            counts[a, b, c] += 1
    first, second, third = (fresh[:, :, i : i + 3].ravel() for i in range(3))
    add_one = np.log(counts / counts.sum(2, keepdims=True))[first, second, third]
    assert TRIGRAM.log_probabilities(fresh)[:, :, 2:].mean() > add_one.mean() + 0.1


def test_what_was_read_often_is_likelier_than_what_never_was() -> None:
    grids = np.tile(np.array([[[2, 3, 4, 5, 6]]]), (50, 4, 1))
    told = Trigram.count([grids], SIZE)
    assert told.row(2, 3)[4] > 0.9
    assert told.row(2, 3)[40] == told.row(2, 3)[41] < 0.01
