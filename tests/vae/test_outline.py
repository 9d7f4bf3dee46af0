"""Wishes that exclude each other are named, both of them; wishes that do not are met together."""

from __future__ import annotations

import random

import pytest

from vae.answering import NoLevelRhyme, NoRegularPoem, answered
from vae.errors import Clash, WishError
from vae.outline import outline
from vae.poem import Form
from vae.prosody.plan import Plan
from vae.prosody.table import classical
from vae.reading import read
from vae.vocabulary import Vocabulary

VOCABULARY = Vocabulary.shipped()
TOWER = "白日依山盡，黃河入海流。欲窮千里目，更上一層樓。"
OPENED = "朝辭白帝彩雲間，千里江陵一日還。兩岸猿聲啼不住，輕舟已過萬重山。"


def planned(*, seed=None, form=None, acrostic=None, place=None, answer=None, scheme=None, rhyme=None) -> Plan:
    table = classical()
    poem = None if answer is None else answered(answer, table)
    reading = read(seed, form, acrostic, VOCABULARY, place=place, answer=poem)
    return outline(reading, scheme, rhyme, table.strict, random.Random(1)).plan


@pytest.mark.parametrize(
    ("wish", "first", "second"),
    [
        ({"seed": "床前明月光", "rhyme": "東"}, "床前明月光", "東"),
        ({"seed": "白日依山盡", "scheme": "S2"}, "白日依山盡", "S2"),
        ({"seed": "床前明月光", "acrostic": "春夏秋冬"}, "床前明月光", "春夏秋冬"),
        ({"seed": "床前明月光", "answer": TOWER, "place": 2}, "床前明月光", "流、樓"),
        ({"seed": "床前明月光", "place": 5, "form": Form.WUJUE}, "line number 5", "五绝"),
        ({"seed": "白日依山盡，黃河入海流。", "place": 4, "form": Form.WUJUE}, "line 4 on", "五绝"),
        ({"seed": TOWER, "place": 1}, "line number 1", "4 lines"),
        ({"place": 2}, "line number 2", "without a seed"),
        ({"seed": "床前明月光", "place": 2, "acrostic": "春夏秋冬"}, "床前明月光", "春夏秋冬"),
        ({"answer": TOWER, "rhyme": "東"}, "流、樓", "東"),
        ({"answer": TOWER, "scheme": "S3"}, "流、樓", "S3"),
        ({"answer": OPENED, "scheme": "S1"}, "間、還、山", "S1"),
        ({"answer": TOWER, "form": Form.QILV}, "流、樓", "七律"),
        ({"answer": TOWER, "form": Form.COUPLET}, "流、樓", "对句"),
        ({"answer": TOWER, "acrostic": "一二三四五"}, "acrostic of 5", "五绝"),
        ({"acrostic": "春夏秋冬春", "form": Form.WUJUE}, "acrostic of 5", "五绝"),
    ],
)
def test_the_two_wishes_that_clash_are_named(wish, first: str, second: str) -> None:
    with pytest.raises(Clash) as caught:
        planned(**wish)
    told = f"{caught.value.details['first']} | {caught.value.details['second']}"
    assert first in told
    assert second in told
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("poem", [TOWER, OPENED, "早發白帝城 李白 " + OPENED])
@pytest.mark.parametrize("columns", [5, 7])
def test_rhyme_words_of_the_poem_answered_stand_in_order(poem: str, columns: int) -> None:
    form = Form.WUJUE if columns == 5 else Form.QIJUE
    plan = planned(answer=poem, form=form, seed="明月", acrostic="春夏秋冬")
    words = [plan.given[line, columns - 1] for line in range(4) if (line, columns - 1) in plan.given]
    rhymes = "流樓" if "白日" in poem else "間還山"
    assert [plan.given.get(plan_place) for plan_place in _ends(plan)] == list(rhymes), words
    assert [plan.given[line, 0] for line in range(4)] == list("春夏秋冬")
    assert not plan.strains


def _ends(plan: Plan) -> list[tuple[int, int]]:
    return [(position // plan.form.columns, position % plan.form.columns) for position in plan.rhyme_positions]


def test_the_form_is_that_of_the_poem_answered() -> None:
    assert planned(answer=TOWER).form is Form.WUJUE
    assert planned(answer=OPENED).form is Form.QIJUE
    assert planned(answer=TOWER, seed="朝辭白帝彩雲間").form is Form.QIJUE


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("明月", NoRegularPoem),
        ("床前明月光，" * 6, NoRegularPoem),
        ("春眠不覺曉，處處聞啼鳥。夜來風雨聲，花落知多少。", NoLevelRhyme),
        ("", WishError),
    ],
)
def test_what_cannot_be_answered_is_told(text: str, error: type[WishError]) -> None:
    with pytest.raises(error):
        answered(text, classical())


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_a_line_stands_at_the_place_asked_for(place: int) -> None:
    plan = planned(seed="白日依山盡" if place % 2 else "黃河入海流", place=place)
    assert {line for line, _ in plan.given} == {place - 1}


@pytest.mark.parametrize(
    ("seed", "form", "left"),
    [
        ("春江潮水連海平", Form.WUJUE, "春江潮水連海平"),
        ("明月 思鄉 孤舟 白髮 故人", Form.WUJUE, "故人"),
        ("明月 思鄉", Form.WUJUE, ""),
    ],
)
def test_words_that_find_no_room_are_told(seed: str, form: Form, left: str) -> None:
    reading = read(seed, form, None, VOCABULARY)
    notes = [str(note) for note in outline(reading, None, None, classical().strict, random.Random(1)).notes]
    assert any(left in note for note in notes) if left else not notes


def test_a_line_stands_and_a_word_beside_it_is_heard() -> None:
    plan = planned(seed="床前明月光 思鄉")
    text = "".join(plan.given_positions.values())
    assert text == "床前明月光思鄉"
