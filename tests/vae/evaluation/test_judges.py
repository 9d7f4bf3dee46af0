"""The two-sample test, coherence, counts and intervals tell what they should from what they should not."""

from __future__ import annotations

import numpy as np
import pytest

from tests.vae.evaluation.verse import SIZE, poems
from vae.evaluation import bootstrap, coherence, texts
from vae.evaluation.coherence import Association
from vae.evaluation.trigram import Trigram
from vae.evaluation.two_sample import told_apart

TAUGHT = poems(600, 0)
TRIGRAM, ASSOCIATION = Trigram.count([TAUGHT], SIZE), Association.count([TAUGHT], SIZE)


def test_two_sets_of_one_making_cannot_be_told_apart() -> None:
    right = told_apart(poems(200, 1), poems(200, 2), TRIGRAM, ASSOCIATION)
    assert len(right) == 400
    assert right.mean() == pytest.approx(0.5, abs=0.1)


def test_characters_dealt_out_by_chance_are_found_out() -> None:
    human = poems(200, 1)
    chance = np.random.default_rng(0).permuted(poems(200, 2).reshape(-1)).reshape(human.shape)
    assert told_apart(human, chance, TRIGRAM, ASSOCIATION).mean() > 0.95


def test_poems_hang_together_and_shuffled_lines_do_not() -> None:
    fresh = poems(300, 3)
    assert ASSOCIATION.coherence(fresh).mean() > 0.8
    assert ASSOCIATION.coherence(coherence.shuffled(fresh)).mean() == pytest.approx(0.5, abs=0.05)


def test_shuffling_keeps_every_line_at_its_place() -> None:
    fresh = poems(50, 4)
    dealt = coherence.shuffled(fresh)
    for line in range(4):
        assert sorted(map(tuple, dealt[:, line])) == sorted(map(tuple, fresh[:, line]))


def test_distinct_pairs_are_the_share_of_different_ones() -> None:
    grids = np.array([[[1, 2, 3]], [[1, 2, 4]]])
    assert texts.distinct(grids).tolist() == [0.75, 0.75]  # 12 twice, 23 and 24 once: three of four
    assert texts.distinct(grids).mean() == 3 / 4


def test_runs_of_four_are_found_within_lines_only() -> None:
    known = texts.runs_of_four([np.array([[[1, 2, 3, 4, 5], [6, 7, 8, 9, 1]]])])
    assert texts.seen(np.array([[[1, 2, 3, 4, 6], [4, 5, 6, 7, 8]]]), known).tolist() == [0.25]


def test_a_doubled_character_is_no_repeat() -> None:
    assert texts.repeats(np.array([[[1, 1, 2, 3]], [[1, 2, 1, 3]], [[1, 2, 1, 2]]])).tolist() == [0, 0.25, 0.5]


def test_copied_lines_and_broken_rules_are_counted() -> None:
    poem = ("白日依山盡", "黃河入海流", "欲窮千里目", "更上一層樓")
    assert texts.copied([poem], frozenset(poem[:1])).tolist() == [0.25]
    kept = texts.form([poem, (*poem[:3], "更上一層山")])
    assert {name: values.tolist() for name, values in kept.items()} == {
        "format": [1, 1],
        "rhyme": [1, 0],
        "tone": [1, 1],
    }


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    draws = np.random.default_rng(0).exponential(2.0, size=(200, 80))
    held = sum(figure.low <= 2.0 <= figure.high for figure in map(bootstrap.mean, draws))
    assert 0.88 <= held / 200 <= 0.99


def test_an_interval_narrows_with_the_number_of_poems() -> None:
    few, many = (bootstrap.mean(np.arange(n) % 2) for n in (20, 2000))
    assert many.spread < few.spread / 5
    assert (few.value, many.value) == (0.5, 0.5)
