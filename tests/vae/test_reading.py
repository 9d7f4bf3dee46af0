"""What a wish asks for: which characters stand, what steers, and which wishes clash."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae.errors import Clash, OutOfRange, UnknownCharacters, WishError
from vae.poem import Form, Script
from vae.reading import read
from vae.vocabulary import Vocabulary

VOCABULARY = Vocabulary.shipped()


def stands(reading) -> str:
    return "".join(reading.given[place] for place in sorted(reading.given))


@pytest.mark.parametrize(
    ("seed", "form", "expected_form", "standing"),
    [
        ("床前明月光", None, Form.WUJUE, "床前明月光"),
        ("朝辞白帝彩云间", None, Form.QIJUE, "朝辭白帝彩雲間"),
        ("床前明月光", Form.WULV, Form.WULV, "床前明月光"),
        ("床前明月光", Form.QIJUE, Form.QIJUE, ""),
        ("朝辭白帝彩雲間", Form.COUPLET, Form.COUPLET7, "朝辭白帝彩雲間"),
        ("白日依山尽，黄河入海流。", None, Form.WUJUE, "白日依山盡黃河入海流"),
        ("白日依山尽黄河入海流", None, Form.WUJUE, "白日依山盡黃河入海流"),
        ("明月", None, Form.QIJUE, ""),
        ("明月 思乡", None, Form.QIJUE, ""),
        ("小橋流水人家", None, Form.QIJUE, ""),
    ],
)
def test_whole_lines_stand_and_all_else_steers(
    seed: str, form: Form | None, expected_form: Form, standing: str
) -> None:
    reading = read(seed, form, None, VOCABULARY)
    assert reading.form is expected_form
    assert stands(reading) == standing
    assert reading.views


def test_a_whole_poem_is_answered_and_not_copied() -> None:
    poem = "白日依山盡，黃河入海流。欲窮千里目，更上一層樓。"
    reading = read(poem, None, None, VOCABULARY)
    assert not reading.given
    assert len(reading.views[0]) == 20


def test_no_seed_leaves_all_open() -> None:
    reading = read(None, None, None, VOCABULARY)
    assert (reading.form, reading.given, reading.views, reading.script) == (Form.QIJUE, {}, (), None)
    assert not reading.words


def test_an_acrostic_heads_the_lines() -> None:
    reading = read(None, None, "春夏秋冬", VOCABULARY)
    assert [reading.given[line, 0] for line in range(4)] == list("春夏秋冬")
    assert read(None, None, "一二三四五", VOCABULARY).form is Form.QILV
    assert read("床前明月光", None, "床舉", VOCABULARY).given[1, 0] == "舉"


@pytest.mark.parametrize(
    ("seed", "form", "acrostic", "error"),
    [
        ("床前明月光", None, "春夏秋冬", Clash),
        (None, Form.WUJUE, "春夏秋冬春", Clash),
        (None, None, "春" * 9, OutOfRange),
        ("𰻞𰻞", None, None, UnknownCharacters),
    ],
)
def test_wishes_that_cannot_be_met_are_named(seed, form, acrostic, error: type[WishError]) -> None:
    with pytest.raises(error):
        read(seed, form, acrostic, VOCABULARY)


def test_a_rare_character_in_a_line_still_stands() -> None:
    assert stands(read("床前𰻞月光", None, None, VOCABULARY)) == "床前𰻞月光"


def test_the_script_is_the_seeds() -> None:
    assert read("明月几时有", None, None, VOCABULARY).script is Script.HANS
    assert read("明月幾時有", None, None, VOCABULARY).script is Script.HANT
    assert read("明月", None, None, VOCABULARY).script is None


@given(st.text(st.sampled_from("明月光山，。 \nA🌙水𰻞风"), max_size=60), st.none() | st.sampled_from(Form))
def test_any_typed_text_is_read_or_refused_in_words(seed: str, form: Form | None) -> None:
    try:
        reading = read(seed, form, None, VOCABULARY)
    except WishError as error:
        assert str(error)
        return
    shape = reading.form
    for view in (reading.given, reading.typed, *reading.views):
        assert all(0 <= line < shape.lines and 0 <= column < shape.columns for line, column in view)
    assert reading.given.keys() == reading.typed.keys()
