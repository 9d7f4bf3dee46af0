"""What people type, in either script, becomes the model's Traditional and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae.errors import EmptyText, NoHanText, TextTooLong, WishError
from vae.poem import Script
from vae.script import TEXT_LIMIT, clean, normalise, printable, script_of, to_simplified, to_traditional
from vae.vocabulary import Vocabulary

characters = st.sampled_from(Vocabulary.shipped().characters)


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("黄河入海流", "黃河入海流"),
        ("白云生处有人家", "白雲生處有人家"),
        ("大漠孤煙直", "大漠孤煙直"),
        ("大漠孤烟直", "大漠孤煙直"),
        ("爲君持酒勸斜陽", "為君持酒勸斜陽"),
        ("太后", "太后"),
        ("余憶童稚時", "余憶童稚時"),
        ("云想衣裳花想容", "雲想衣裳花想容"),
        ("千里江陵一日还", "千里江陵一日還"),
        ("皇后", "皇后"),
        ("后来云里去，长河落日圆", "後來雲裡去，長河落日圓"),
        ("香烟出绣户", "香煙出繡戶"),
    ],
)
def test_typed_text_is_read_in_the_models_traditional(typed: str, standard: str) -> None:
    assert to_traditional(typed) == standard


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("明月几时有", Script.HANS),
        ("明月幾時有", Script.HANT),
        ("床前明月光", None),
        ("牀前明月光", Script.HANT),
        ("爲君一日恩", Script.HANT),
        ("", None),
        ("moonlight", None),
    ],
)
def test_a_text_tells_its_script_by_characters_of_one_script_alone(text: str, script: Script | None) -> None:
    assert script_of(text) is script


def test_simplified_output_is_read_by_those_who_read_simplified() -> None:
    assert to_simplified("白雲生處有人家") == "白云生处有人家"


@given(st.text(characters, max_size=60))
def test_conversion_keeps_every_character_in_its_place(text: str) -> None:
    assert len(to_simplified(text)) == len(text)
    assert len(to_traditional(text)) == len(text)


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert len(normalise(text)) == len(text)


@given(st.text(max_size=TEXT_LIMIT + 20))
def test_any_text_gives_runs_of_han_or_a_sentence(text: str) -> None:
    try:
        runs = clean(text)
    except WishError as error:
        assert str(error)
        assert "\n" not in str(error)
    else:
        assert runs
        assert all(char > "\u3000" for run in runs for char in run)


def test_punctuation_emoji_and_latin_part_the_runs() -> None:
    assert clean("床前明月光，疑是地上霜！🌙moonＭＯＯＮ 舉頭\n望明月") == [
        "床前明月光",
        "疑是地上霜",
        "舉頭",
        "望明月",
    ]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", EmptyText),
        (" \n\t　", EmptyText),
        ("🌙🌙", NoHanText),
        ("moonlight before my bed", NoHanText),
        ("月" * 5000, TextTooLong),
    ],
)
def test_text_that_cannot_be_read_is_refused_by_name(text: str, error: type[WishError]) -> None:
    with pytest.raises(error):
        clean(text)


@given(st.text(max_size=300))
def test_a_quotation_is_short_and_carries_no_control_or_direction_marks(text: str) -> None:
    quoted = printable(text)
    assert len(quoted) <= 25
    assert quoted.isprintable()
