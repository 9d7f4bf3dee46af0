"""What is said of blends and seeds follows from what was written."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vae.evaluation import blends, seeds
from vae.vocabulary import Vocabulary


def test_a_parent_is_heard_in_what_is_liker_to_it_than_strangers_are() -> None:
    likeness = np.full((40, 40), 0.1)
    likeness[np.arange(20), np.arange(20)] = 0.4
    assert blends.heard(likeness).tolist() == [True] * 20 + [False] * 20


def test_overlap_is_the_share_of_weight_that_the_parent_has() -> None:
    weights = np.array([0.0, 0.0, 1.0, 1.0, 2.0])
    found = blends.overlap(np.array([[2, 3, 4]]), np.array([[4, 4, 4], [2, 3, 3]]), weights)
    assert found.tolist() == [[0.5, 0.5]]


@pytest.mark.parametrize(
    ("values", "order"), [([1, 2, 3, 4], 1), ([4, 3, 2, 1], -1), ([0, 0, 0, 0], 0), ([1, 2, 2, 3], 0.948683)]
)
def test_order_is_spearmans(values: list[float], order: float) -> None:
    assert blends.spearman(np.arange(4.0), np.array(values, float)) == pytest.approx(order, abs=1e-5)


def test_a_seed_is_heard_as_a_word_as_a_character_or_as_an_image() -> None:
    near = {"明": frozenset("清"), "月": frozenset("蟾")}
    told = [seeds.ways("明月", (line,), near) for line in ("床前明月光", "江月何年初", "玉蟾清冷水", "白日依山盡")]
    assert [tuple(way.values()) for way in told] == [
        (True, True, True, False),
        (True, False, True, False),
        (True, False, False, True),
        (False, False, False, False),
    ]


def test_a_poem_is_about_its_seed_as_far_as_others_lie_further_off() -> None:
    words, poems = ["邊塞", "梅花", "漁父"], [("烽戍笳軍馬",), ("雪香寒枝月",), ("釣蓑舟磯艇",)]
    vocabulary = Vocabulary.shipped()
    assert seeds.about(words, poems, vocabulary) == [1, 1, 1]
    assert seeds.about(words, poems[1:] + poems[:1], vocabulary) == pytest.approx([0.25] * 3, abs=0.25)
    assert seeds.about(["邊塞"] * 2, poems[:2], vocabulary) == [0.5, 0.5]


def test_seeds_are_titles_of_two_known_characters_commonest_first() -> None:
    titles = ["春日", "秋", "夜坐", "夜坐", "AB", "悠悠", "送友人"]
    assert seeds.two_characters(titles, Vocabulary("春日夜坐悠")) == ["夜坐", "春日"]


def test_images_are_the_nearest_by_the_embedding_and_not_the_character_itself() -> None:
    vocabulary = Vocabulary("山水雲風花月星")
    angles = torch.tensor([0.0, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 3.0, 3.1])
    embedding = torch.stack((angles.cos(), angles.sin()), 1)
    assert seeds.nearest(embedding, vocabulary, ["山"])["山"] == frozenset("水雲風花月")
