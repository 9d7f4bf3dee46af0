"""Which characters keep company, and what a word asks of the others."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae.company import Company
from vae.corpus import Packed
from vae.planting import Word
from vae.poem import Form, WriteRequest
from vae.poet import Poet
from vae.script import normalise
from vae.theme import FAVOUR, Theme, said
from vae.vocabulary import SPECIAL, Vocabulary
from vae.wish import Wish

SHIPPED = Vocabulary.shipped()
SEEDS = ("邊塞", "梅花", "古寺", "離別", "漁父", "飲酒")


def near(word: str, other: str) -> float:
    return float(Company.shipped().near(SHIPPED.encode(word).astype(np.int64))[SHIPPED.encode(other)[0]])


def packed(form: Form, kinds: int, poems: int) -> Packed:
    """Poems of as many kinds, each of characters of its own."""
    rng = np.random.default_rng(0)
    kind = np.arange(poems) % kinds
    ids = SPECIAL + kind[:, None] * form.size + rng.permuted(np.tile(np.arange(form.size), (poems, 1)), axis=1)
    return Packed({form: ids.astype(np.uint16)}, Counter())


@pytest.mark.parametrize("form", list(Form))
def test_what_shares_its_poems_is_near_and_what_shares_none_is_not(form: Form) -> None:
    company = Company.count(packed(form, 3, 240), SPECIAL + 3 * form.size)
    together = form.size if form.lines <= 4 else form.size // 2
    for kind in range(3):
        first = SPECIAL + kind * form.size
        cosines = company.near(np.arange(first, first + together))
        own = cosines[first : first + form.size]
        others = np.delete(cosines, np.r_[:SPECIAL, first : first + form.size])
        assert own.min() > others.max() + 0.5
    assert not company.vectors[:SPECIAL].any()


def test_what_was_saved_is_as_near_as_before(tmp_path: Path) -> None:
    company = Company.count(packed(Form.WUJUE, 3, 90), SPECIAL + 60)
    company.save(tmp_path / "company.npz")
    again = Company.load(tmp_path / "company.npz")
    ids = np.arange(SPECIAL, SPECIAL + 5)
    assert np.abs(again.near(ids) - company.near(ids)).max() < 0.02
    assert not np.isnan(again.vectors).any()


def test_poems_of_nothing_keep_no_company() -> None:
    assert not Company.count(Packed({}, Counter()), 8).vectors.any()


@pytest.mark.parametrize(
    ("word", "goes", "does_not"),
    [("邊塞", "戍烽胡笳", "荷棹蓼"), ("梅花", "雪香", "戈蟬"), ("漁父", "釣蓑舟", "輦笏"), ("明月", "夜影", "稅牛")],
)
def test_the_shipped_table_knows_what_goes_with_what(word: str, goes: str, does_not: str) -> None:
    assert min(near(word, char) for char in goes) > max(near(word, char) for char in does_not) + 0.1


@given(st.text("明月邊塞梅花夜雪舟", min_size=1, max_size=6), st.sampled_from(Form))
def test_a_theme_favours_within_its_bounds(words: str, form: Form) -> None:
    theme = Theme.of([words], SHIPPED)
    assert theme is not None
    favour = theme.favour(form)
    assert favour.shape == (form.lines, len(SHIPPED))
    assert favour.min() >= 0
    assert 0 < favour.max() <= FAVOUR
    assert not favour[:, :SPECIAL].any()


def test_the_words_themselves_make_a_poem_no_more_about_them() -> None:
    theme = Theme.of(["明月"], SHIPPED)
    assert theme is not None
    without, with_words = (
        theme.about(SHIPPED.encode(text).astype(np.int64)[None])[0] for text in ("邊塞愁", "邊明塞月愁")
    )
    assert with_words == pytest.approx(without)
    assert theme.about(SHIPPED.encode("明月明月明").astype(np.int64)[None])[0] == 0


@pytest.mark.parametrize("words", [[], [""], ["𰻞𰻞"]])
def test_what_the_vocabulary_does_not_know_is_no_theme(words: list[str]) -> None:
    assert Theme.of(words, SHIPPED) is None


def test_a_seeds_poem_is_about_it_and_not_about_other_seeds(poet: Poet) -> None:
    poems = poet.write_all(
        [WriteRequest(seed=seed, random_seed=n, form=Form.QIJUE) for seed in SEEDS for n in range(2)]
    )
    ids = np.stack([SHIPPED.encode("".join(map(normalise, poem.lines))).astype(np.int64) for poem in poems])
    about = np.stack([theme.about(ids) for theme in (Theme.of([seed], SHIPPED) for seed in SEEDS) if theme])
    own = about[np.arange(len(SEEDS)).repeat(2), np.arange(len(ids))]
    others = (about.sum(0) - own) / (len(SEEDS) - 1)
    assert (own > others).all()
    assert own.mean() > others.mean() + 0.15


def test_the_shipped_table_is_of_the_shipped_vocabulary() -> None:
    assert len(Company.shipped().vectors) == len(SHIPPED)


def test_a_word_of_today_is_about_its_images_and_a_choice_about_the_one_that_stands() -> None:
    phone, night = Word(("手機", "家書"), typed=True), Word(("清夜", "長夜"))
    assert said([phone, night], {}) == ["家書", "清夜"]
    assert said([phone, night], {(1, 2): "長", (1, 3): "夜"}) == ["家書", "長夜"]
    assert said([night], {(0, 6): "長", (1, 0): "夜"}) == ["清夜"]  # across two lines it is no word
    assert said([Word(("梅花",), typed=True)], {}) == ["梅花"]


def test_only_words_to_be_heard_make_a_theme(poet: Poet) -> None:
    def theme(request: WriteRequest) -> Theme | None:
        (wish,) = poet.prepare(request).wishes
        assert isinstance(wish, Wish)
        return wish.theme

    assert theme(WriteRequest(random_seed=1)) is None
    assert theme(WriteRequest(seed="床前明月光", random_seed=1)) is None
    assert theme(WriteRequest(seed="床前明月光\n疑是地上霜\n舉頭望明月\n低頭思故鄉", random_seed=1)) is None
    assert theme(WriteRequest(acrostic="春風", random_seed=1)) is None
    assert theme(WriteRequest(seed="明月", random_seed=1)) is not None
    assert theme(WriteRequest(seed="moon", random_seed=1)) is not None
    assert theme(WriteRequest(seed="我想回家", random_seed=1)) is not None
