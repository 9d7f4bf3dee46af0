"""What a net is fed is the same in every run, and every poem comes before any comes twice."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vae import small
from vae.corpus import Packed
from vae.diet import Diet, Tones
from vae.nets.batch import FREE, LEVEL, OBLIQUE, RHYME
from vae.poem import Form
from vae.prosody.table import classical
from vae.vocabulary import Vocabulary


@given(st.integers(0, 60), st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_a_step_has_one_batch_whatever_was_asked_before(step: int, seed: int) -> None:
    fresh, used = small.diet(seed=seed), small.diet(seed=seed)
    for earlier in range(step):
        used.batch(earlier)
    a, b = fresh.batch(step), used.batch(step)
    assert a.form is b.form
    assert torch.equal(a.ids, b.ids)
    assert torch.equal(a.tones, b.tones)
    assert torch.equal(a.rhyme, b.rhyme)


def test_every_poem_is_read_once_before_any_is_read_twice() -> None:
    diet = small.diet(forms=(Form.QIJUE,), poems=35)
    rows = diet.rows(Form.QIJUE)
    assert 35 % rows == 0
    epoch = [tuple(row) for step in range(35 // rows) for row in diet.batch(step).ids.tolist()]
    assert max(Counter(epoch).values()) == 1
    assert len(set(epoch)) == 35
    again = [tuple(row) for step in range(35 // rows, 70 // rows) for row in diet.batch(step).ids.tolist()]
    assert set(again) == set(epoch)
    assert again != epoch


def test_couplets_are_cut_from_all_poems_with_lines_of_their_length() -> None:
    poems = {form: np.arange(2, 2 + form.size, dtype=np.uint16)[None] for form in (Form.WULV, Form.QIJUE)}
    diet = Diet(
        Packed(poems, Counter()), small.VOCABULARY, classical(), shares={Form.COUPLET: 1.0}, batch_characters=40
    )
    assert sorted(row[0] for row in diet.batch(0).ids.tolist()) == [2, 12, 22, 32]


def test_parts_of_long_poems_are_read_beside_the_form_s_own_poems_more_seldom() -> None:
    own, part = np.full((1, 28), 2, np.uint16), np.full((2, 28), 3, np.uint16)
    packed = Packed({Form.QIJUE: own}, Counter(), {Form.QIJUE: part})
    diet = Diet(packed, small.VOCABULARY, classical(), shares={Form.QIJUE: 1.0}, batch_characters=28 * 60)
    firsts = Counter(row[0] for row in diet.batch(0).ids.tolist())
    assert firsts == {2: 40, 3: 20}


@pytest.mark.parametrize(
    ("poem", "rhyme", "ends"),
    [
        ("白日依山盡黃河入海流欲窮千里目更上一層樓", "尤", {9: RHYME, 19: RHYME, 4: OBLIQUE, 14: OBLIQUE}),
        ("床前明月光疑是地上霜舉頭望明月低頭思故鄉", "陽", {4: RHYME, 9: RHYME, 19: RHYME, 14: OBLIQUE}),
        ("松下問童子言師採藥去只在此山中雲深不知處", None, {9: OBLIQUE, 19: OBLIQUE}),
    ],
)
def test_tones_and_rhyme_are_read_off_the_poem(poem: str, rhyme: str | None, ends: dict[int, int]) -> None:
    vocabulary, table = Vocabulary.shipped(), classical()
    ids = vocabulary.encode(poem)[None].astype(np.int64)
    tones, groups = Tones(vocabulary, table).of(Form.WUJUE, ids, np.random.default_rng(0))
    assert groups.tolist() == [0 if rhyme is None else table.rhyme_groups.index(rhyme) + 1]
    assert {place: int(tones[0, place]) for place in ends} == ends


def test_a_character_outside_the_vocabulary_asks_for_nothing() -> None:
    tones, _ = Tones(small.VOCABULARY, classical()).of(
        Form.COUPLET, np.ones((1, 10), np.int64), np.random.default_rng(0)
    )
    assert (tones == FREE).all()
    assert {FREE, LEVEL, OBLIQUE, RHYME} == {0, 1, 2, 3}
