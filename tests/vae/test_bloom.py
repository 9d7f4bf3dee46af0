"""The filter of the corpus' lines: it misses none, and seldom takes a new line for one."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from vae.bloom import Bloom
from vae.vocabulary import Vocabulary


@given(st.sets(st.text(max_size=8), max_size=60))
def test_nothing_that_was_put_in_is_missed(texts: set[str]) -> None:
    found = Bloom.of(texts)
    assert all(text in found for text in texts)


def test_famous_lines_are_known_and_new_ones_are_not() -> None:
    known = Bloom.shipped()
    assert all(line in known for line in ("白日依山盡", "黃河入海流", "朝辭白帝彩雲間", "春眠不覺曉"))
    rng, characters = random.Random(0), Vocabulary.shipped().characters[:3000]
    new = ["".join(rng.sample(characters, 7)) for _ in range(20_000)]
    assert sum(line in known for line in new) < 20  # some two are due
