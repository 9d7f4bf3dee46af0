"""The checker at the terminal: text or JSON lines in, grids or JSON lines out."""

import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from vae.prosody.console import Tally, run, split
from vae.prosody.table import classical

GUANQUE = ["白日依山盡", "黃河入海流", "欲窮千里目", "更上一層樓"]


def told(text, *, as_json=False):
    out = io.StringIO()
    tally = run(io.StringIO(text), out, as_json, classical())
    return tally, out.getvalue()


def test_poems_are_parted_by_blank_lines_and_lines_by_punctuation():
    tally, text = told(
        "白日依山盡，黃河入海流。\n欲窮千里目，更上一層樓。\n\n\n春眠不覺曉\n處處聞啼鳥\n夜來風雨聲\n花落知多少\n"
    )
    assert tally == Tally(poems=2, complying=1)
    assert "白日依山盡　仄仄平平仄" in text
    assert "1 of 2 poems" in text


def test_json_lines_and_text_may_be_mixed():
    tally, text = told(json.dumps({"lines": GUANQUE}) + "\n白日依山盡，黃河入海流\n", as_json=True)
    assert tally == Tally(2, 2)
    assert [json.loads(row)["form"] for row in text.splitlines()] == ["wujue", "couplet"]


def test_simplified_text_is_read_as_traditional():
    tally, text = told("白日依山尽，黄河入海流。欲穷千里目，更上一层楼。")
    assert tally == Tally(1, 1)
    assert "更上一層樓" in text


def test_nothing_gives_nothing():
    assert told("")[0] == told(" \n\n。\n")[0] == Tally(0, 0)


def test_a_lost_character_keeps_its_place():
    assert split("白日□山盡，黃河入海流") == ("白日□山盡", "黃河入海流")


@settings(deadline=None)
@given(st.text(max_size=80), st.booleans())
def test_any_text_is_coped_with(text, as_json):
    tally, out = told(text, as_json=as_json)
    if as_json:
        assert len([json.loads(row) for row in out.split("\n") if row]) == tally.poems


@settings(deadline=None)
@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=4)))
def test_any_json_is_coped_with(lines):
    assert told(json.dumps({"lines": lines}))[0].poems <= 1
