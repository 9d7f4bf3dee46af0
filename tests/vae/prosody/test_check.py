"""`check` on poems whose form is known, and on anything else."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vae.poem import Form
from vae.prosody.check import check
from vae.prosody.grid import style
from vae.prosody.rules import Rule
from vae.prosody.table import classical, modern

GUANQUE = "白日依山盡 黃河入海流 欲窮千里目 更上一層樓"


def report(text, **more):
    return check(text.split(), **more)


def found(text):
    """(rule, line, column) of each fault."""
    return [(f.rule, *(f.place or ())) for f in report(text).faults]


def licences(text):
    return [(v.rule, *v.place) for v in report(text).details.licences]


@pytest.mark.parametrize(
    ("text", "form", "scheme", "group"),
    [
        (GUANQUE, Form.WUJUE, "S1", "尤"),
        (
            "國破山河在 城春草木深 感時花濺淚 恨別鳥驚心 烽火連三月 家書抵萬金 白頭搔更短 渾欲不勝簪",
            Form.WULV,
            "S1",
            "侵",
        ),
        ("朝辭白帝彩雲間 千里江陵一日還 兩岸猿聲啼不住 輕舟已過萬重山", Form.QIJUE, "S3", "刪"),
        ("故人西辭黃鶴樓 煙花三月下揚州 孤帆遠影碧空盡 唯見長江天際流", Form.QIJUE, None, "尤"),
        ("月落烏啼霜滿天 江楓漁火對愁眠 姑蘇城外寒山寺 夜半鐘聲到客船", Form.QIJUE, "S4", "先"),
        (
            "渡遠荊門外 來從楚國遊 山隨平野盡 江入大荒流 月下飛天鏡 雲生結海樓 仍憐故鄉水 萬里送行舟",
            Form.WULV,
            "S1",
            "尤",
        ),
        (
            "錦瑟無端五十弦 一弦一柱思華年 莊生曉夢迷蝴蝶 望帝春心託杜鵑 滄海月明珠有淚 藍田日暖玉生煙 此情可待成追憶 只是當時已惘然",
            Form.QILV,
            "S4",
            "先",
        ),
    ],
)
def test_known_poems(text, form, scheme, group):
    told = report(text)
    assert (told.form, told.rhyme_group) == (form, group)
    assert told.format_ok
    assert told.rhyme_ok
    assert told.tone_ok == (scheme is not None)
    if scheme:
        assert told.complies
        assert told.scheme.name == scheme


def test_a_quiet_night_is_ancient_verse():
    told = report("牀前明月光 疑是地上霜 舉頭望明月 低頭思故鄉")
    assert not told.tone_ok
    assert told.rhyme_group == "陽"
    assert style(told) == "ancient"


def test_oblique_rhymes_are_ancient_verse():
    told = report("千山鳥飛絕 萬徑人蹤滅 孤舟蓑笠翁 獨釣寒江雪")
    assert not told.rhyme_ok
    assert told.details.ancient == "屑"
    assert style(told) == "ancient"


def test_a_lone_level_tone_is_a_fault():
    # 夜深露氣流, Z P Z Z R in the place of P P Z Z R
    assert (Rule.LONE_LEVEL, 1, 0) in found("白日依山盡 夜深露氣流 欲窮千里目 更上一層樓")


def test_three_level_tones_at_the_end_are_a_fault():
    assert (Rule.THREE_LEVELS, 3, 2) in found("白日依山盡 黃河入海流 欲窮千里目 更上高山樓")


def test_exchanged_tones_before_the_end_are_accepted():
    text = "渡遠荊門外 來從楚國遊 山隨平野盡 江入大荒流 月下飛天鏡 雲生結海樓 仍憐故鄉水 萬里送行舟"
    assert (Rule.SPECIAL, 6, 2) in licences(text)


def test_a_line_rescued_by_the_next_says_where():
    text = "離離原上草 一歲一枯榮 野火燒不盡 春風吹又生 遠芳侵古道 晴翠接荒城 又送王孫去 萋萋滿別情"
    told = report(text)
    assert told.complies
    major = next(v for v in told.details.licences if v.rule is Rule.MAJOR)
    assert (major.place, major.char, major.rescued_by) == ((2, 3), "不", (3, 2))


def test_without_the_rescue_the_line_is_a_fault():
    text = "離離原上草 一歲一枯榮 野火燒不盡 春風入戶生 遠芳侵古道 晴翠接荒城 又送王孫去 萋萋滿別情"
    assert found(text) == [(Rule.NO_RESCUE, 2, 3)]


def test_a_line_may_rescue_itself():
    text = "白日依山盡 入河山海流 欲窮千里目 更上一層樓"
    assert report(text).complies
    assert (Rule.SELF_RESCUE, 1, 0) in licences(text)


def test_failed_adhesion_is_one_fault_not_many():
    text = "渭城朝雨浥輕塵 客舍青青柳色新 勸君更盡一杯酒 西出陽關無故人"
    assert found(text) == [(Rule.ADHESION, 2, 1)]


def test_a_rhyme_outside_the_group_is_a_fault():
    assert found("白日依山盡 黃河入海東 欲窮千里目 更上一層樓 ") == [(Rule.RHYME, 3, 4)]


def test_a_rhyme_word_twice_is_a_fault():
    assert found("白日依山盡 黃河入海樓 欲窮千里目 更上一層樓 ") == [(Rule.REPEATED_RHYME, 3, 4)]


def test_the_opening_line_may_rhyme_in_a_neighbour_group():
    told = report("朝辭白帝彩雲端 千里江陵一日還 兩岸猿聲啼不住 輕舟已過萬重山")
    assert told.complies
    assert [v.rule for v in told.details.licences] == [Rule.NEIGHBOUR]


def test_a_couplet_ends_level():
    assert report("白日依山盡 黃河入海流").complies
    assert report("無邊落木蕭蕭下 不盡長江滾滾來").complies
    assert not report("黃河入海流 白日依山盡").complies


def test_another_shape_than_the_one_asked_for():
    told = report(GUANQUE, form=Form.QIJUE)
    assert not told.format_ok
    assert {fault.rule for fault in told.faults} == {Rule.LENGTH}
    assert {fault.rule for fault in report(GUANQUE, form=Form.WULV).faults} == {Rule.LINES}


def test_letters_are_no_poem_though_they_have_its_shape():
    told = report("hello world hello world")
    assert not told.complies
    assert Rule.HAN in {fault.rule for fault in told.faults}


def test_unknown_characters_are_reported_and_held_against_nobody():
    told = report("白日依山盡 黃河入海\U0002ff0f 欲窮千里目 更上一層樓")
    assert told.complies
    assert told.details.unknown == ((1, 4),)


def test_the_modern_table_judges_by_todays_sounds():
    text = "白日依山盡 黃河入海流 欲窮千里目 更上一層樓"
    assert report(text, table=modern()).table.name == "modern"
    assert report(text, table=modern()).rhyme_group == "尤"
    assert report("白日依山盡 黃河入海流").digits[0][0] == "2"
    assert report("白日依山盡 黃河入海流", table=modern()).digits[0][0] == "1"


def test_the_grid_shows_tones_beside_the_characters():
    rows = report(GUANQUE).grid().splitlines()
    assert rows[0].startswith("✓ · 五绝 · S1")
    assert rows[1] == "白日依山盡　仄仄平平仄　A"


han = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
anything = st.one_of(st.text(max_size=9), st.text(han, max_size=9), st.text(han, min_size=5, max_size=5))
regular = st.sampled_from(list(Form)).flatmap(
    lambda form: st.lists(
        st.text(
            st.sampled_from("東風日月山水花不看行中重思春流A\U00020000"), min_size=form.columns, max_size=form.columns
        ),
        min_size=form.lines,
        max_size=form.lines,
    )
)


@settings(deadline=None, max_examples=300)
@given(lines=st.one_of(st.lists(anything, max_size=9), regular), form=st.sampled_from([None, *Form]))
def test_any_text_gets_a_verdict_and_its_reasons(lines, form):
    for table in (classical(), classical().strict, modern()):
        told = check(lines, form, table)
        rules = {fault.rule for fault in told.faults}
        assert told.complies == (not rules)
        assert told.format_ok == (not rules & {Rule.LINES, Rule.LENGTH, Rule.HAN})
        json.dumps(told.to_json())
        assert all(line in told.grid() for line in lines)
