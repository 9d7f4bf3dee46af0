"""Nothing that is written lies over anything else or leaves the sheet, whatever the text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import TextTooLarge
from bot.pictures import card as cards
from bot.pictures import chart, xray
from bot.pictures.card import LIMIT, Card, card_of_text
from bot.pictures.chart import Journey, Landmark, Step
from bot.pictures.scene import Dot, Glyph, Ink, Scene
from bot.pictures.typeface import LACUNA, Typeface
from vae.script import to_simplified
from vae.vocabulary import Vocabulary

FACE = Typeface.shipped()
QUATRAIN = ("朝辭白帝彩雲間", "千里江陵一日還", "兩岸猿聲啼不住", "輕舟已過萬重山")
REGULATED = ("風急天高猿嘯哀", "渚清沙白鳥飛迴", "無邊落木蕭蕭下", "不盡長江滾滾來") * 2
HOSTILE = [
    "月",
    "👍",
    "龘龘龘",
    "a" * 200,
    "The quick brown fox. " * 9,
    "明" * 240,
    "\u202e明月",
    "",
    "\n \n",
    "ﷺ" * 30,
]


def assert_sound(scene: Scene) -> None:
    boxes = scene.boxes
    for left, top, right, bottom in boxes:
        assert -0.5 <= left < right <= scene.width + 0.5
        assert -0.5 <= top < bottom <= scene.height + 0.5
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            apart = a[2] <= b[0] + 0.5 or b[2] <= a[0] + 0.5 or a[3] <= b[1] + 0.5 or b[3] <= a[1] + 0.5
            assert apart, (a, b)


@pytest.mark.parametrize("lines", [QUATRAIN, REGULATED, ("床前明月光", "疑是地上霜")], ids=len)
@pytest.mark.parametrize("title", ["", "早發白帝城", "明" * 200, "moonlight " * 20])
def test_a_poem_with_a_title_of_any_length_has_room(lines: tuple[str, ...], title: str) -> None:
    assert_sound(cards.lay_out(Card(lines=lines, title=title, note="七絕 押刪韻" * 9, seal="少陵野老無名氏"), FACE))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_a_card(text: str) -> None:
    assert_sound(cards.lay_out(card_of_text(text), FACE))


@given(st.text(max_size=LIMIT))
@settings(max_examples=60, deadline=None)
def test_any_text_has_room_on_a_card(text: str) -> None:
    assert_sound(cards.lay_out(card_of_text(text), FACE))


@given(st.lists(st.text("明月光abc龘👍 ", min_size=1, max_size=16), max_size=14))
@settings(max_examples=60, deadline=None)
def test_any_text_has_room_in_an_x_ray(lines: list[str]) -> None:
    if sum(map(len, lines)) <= LIMIT:
        assert_sound(xray.lay_out(lines, FACE))


def test_text_without_end_is_refused_with_its_length() -> None:
    with pytest.raises(TextTooLarge, match=str(LIMIT + 1)):
        card_of_text("明" * (LIMIT + 1))
    with pytest.raises(TextTooLarge):
        xray.lay_out(["明" * 17], FACE)


def test_columns_run_from_right_to_left_and_down() -> None:
    glyphs = [mark for mark in cards.lay_out(Card(lines=QUATRAIN), FACE).marks if isinstance(mark, Glyph)]
    read = sorted((mark for mark in glyphs if mark.ink is Ink.TEXT), key=lambda mark: (-mark.x, mark.y))
    assert "".join(mark.char for mark in read) == "".join(QUATRAIN)


def test_what_a_person_gave_bears_a_dot_each() -> None:
    scene = cards.lay_out(Card(lines=QUATRAIN, marked=frozenset((0, i) for i in range(7))), FACE)
    assert sum(isinstance(mark, Dot) for mark in scene.marks) == 7


def test_an_x_ray_shows_every_tone_and_rings_what_is_wrong() -> None:
    scene = xray.lay_out(["床前明月光", "疑是地上霜", "舉頭望明月", "低頭思故鄉"], FACE)
    rings = [mark for mark in scene.marks if isinstance(mark, Dot) and mark.ink is Ink.SEAL]
    crosses = [mark for mark in scene.marks if isinstance(mark, Glyph) and mark.char == "×"]
    assert len(rings) == 2
    assert len(crosses) == 3  # two faults and the legend: never said by colour alone
    assert "疑是地上霜 ○●●●○" in xray.alt(["床前明月光", "疑是地上霜", "舉頭望明月", "低頭思故鄉"])


def test_an_x_ray_speaks_the_script_of_the_poem() -> None:
    assert "处" in xray.alt(["床前明月光", "疑是地上霜", "举头望明月", "低头思故乡"])
    assert "處" in xray.alt(["床前明月光", "疑是地上霜", "舉頭望明月", "低頭思故鄉"])


points = st.tuples(st.floats(-9, 9), st.floats(-9, 9))
lines = st.sampled_from([QUATRAIN, REGULATED, ("床前明月光", "疑是地上霜")])


@given(st.lists(points, min_size=2, max_size=25), st.lists(points, max_size=30), st.lists(points, max_size=12), lines)
@settings(max_examples=40, deadline=None)
def test_a_map_has_room_for_every_path(path, cloud, named, poem: tuple[str, ...]) -> None:
    steps = tuple(Step(at, poem, i / (len(path) - 1)) for i, at in enumerate(path))
    journey = Journey(tuple(cloud), tuple(Landmark("登鸛雀樓", at) for at in named), steps)
    assert_sound(chart.lay_out(journey, FACE))
    for scene in chart.frames(journey, FACE):
        assert_sound(scene)
    words = chart.alt(journey)
    assert all(f"{i}. {poem[0]}" in words for i in range(1, len(path) + 1))


def test_every_character_of_the_poet_has_a_glyph() -> None:
    characters = Vocabulary.shipped().characters
    assert [char for char in characters if not FACE.has(char)] == []
    assert LACUNA not in FACE.shown("".join(map(to_simplified, characters)))
    assert FACE.shown("龘\u200b明") == LACUNA + "明"
