"""Words find places: whole where they can, at a foot's beginning, never on what stands."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from vae.planting import Word, ways
from vae.poem import Form

words = st.lists(st.text("明月山水孤舟", min_size=1, max_size=9), min_size=1, max_size=5)


@settings(deadline=None)  # every way is walked
@given(st.sampled_from(Form), words, st.randoms(use_true_random=False), st.booleans())
def test_every_way_is_made_of_the_words_and_spares_what_stands(form: Form, texts, rng, acrostic: bool) -> None:
    taken = {(line, 0): "天" for line in range(form.lines)} if acrostic else {}
    found = list(ways(form, [Word((text,), typed=True) for text in texts], taken, rng))
    assert found
    for way in found:
        assert way
        assert not way.keys() & taken.keys()
        for line in range(form.lines):
            text = "".join(way.get((line, column), " ") for column in range(form.columns)).strip()
            assert any(text in each for each in texts)


@given(st.sampled_from(Form), st.integers(0, 1), st.randoms(use_true_random=False))
def test_a_word_is_heard_in_the_line_asked_for(form: Form, line: int, rng) -> None:
    for way in ways(form, [Word(("明月",), typed=True, line=line)], {}, rng):
        assert {at for at, _ in way} == {line}


def test_words_stand_where_they_can_beside_an_acrostic() -> None:
    heads = {(line, 0): "天" for line in range(4)}
    words = [Word((text,), typed=True) for text in ("明月", "春風", "孤舟", "梅花")]
    for seed in range(40):
        way = next(ways(Form.QIJUE, words, heads, random.Random(seed)))
        assert len(way) == 8  # all of them, at the first try that goes through


def test_words_stand_early_more_often() -> None:
    found = [next(ways(Form.QIJUE, [Word(("明月",), typed=True)], {}, random.Random(seed))) for seed in range(600)]
    at = Counter(min(way) for way in found)
    lines = [sum(count for (line, _), count in at.items() if line == number) for number in range(4)]
    heads, others = ([count for (_, column), count in at.items() if (column == 0) is head] for head in (True, False))
    assert lines[0] > 1.5 * lines[1] > 1.5 * lines[3] > 0
    assert sum(heads) > 1.5 * sum(others) / 3  # three other places of each line
