"""Plans: what is left open is chosen, what is given stands, and what cannot be is said."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vae.prosody.drawing import draw
from vae.errors import Clash, UnknownChoice
from vae.poem import Form
from vae.prosody import rules
from vae.prosody.check import check
from vae.prosody.errors import OutsidePoem
from vae.prosody.plan import group_named, plan
from vae.prosody.rules import Rule
from vae.prosody.table import classical, modern

STRICT = classical().strict
BAIDI = "朝辭白帝彩雲間"


def make(form, *, seed=1, table=STRICT, lines=None, acrostic=None, **wish):
    placed = {(i, j): char for i, line in (lines or {}).items() for j, char in enumerate(line)}
    placed |= {(i, 0): char for i, char in enumerate(acrostic or "")}
    given_ = wish.pop("given", None) or placed
    return plan(form, given=given_, table=table, rng=random.Random(seed), **wish)


def test_schemes_and_groups_come_as_often_as_in_the_corpus():
    made = [make(Form.WULV, seed=seed) for seed in range(2000)]
    schemes = Counter(p.scheme.name for p in made)
    assert schemes["S1"] > schemes["S2"] > schemes["S3"] > schemes["S4"] > 0
    groups = Counter(p.rhyme for p in made)
    assert {"庚", "先", "真"} <= {group for group, _ in groups.most_common(8)}


def test_the_same_seed_makes_the_same_plan():
    assert make(Form.QILV, seed=7) == make(Form.QILV, seed=7)


def test_a_couplet_rhymes_only_when_asked():
    assert make(Form.COUPLET).rhyme is None
    assert make(Form.COUPLET).rhyme_positions == ()
    asked = make(Form.COUPLET, rhyme="東")
    assert asked.rhyme == "東"
    assert asked.rhyme_positions == (9,)
    assert {make(Form.COUPLET7, seed=seed).scheme.name for seed in range(30)} == {"S1", "S2"}


@pytest.mark.parametrize(
    ("form", "line", "scheme", "patterns"),
    [
        (Form.WUJUE, "白日依山盡", "S1", "*ZPPZ"),
        (Form.QIJUE, BAIDI, "S3", "*P*ZZPR"),
        (Form.WULV, "野火燒不盡", "S1", "*ZPZZ"),
        (Form.COUPLET7, "無邊落木蕭蕭下", "S1", "*P*ZPPZ"),
    ],
)
def test_a_seed_line_decides_the_scheme(form, line, scheme, patterns):
    made = make(form, lines={0: line})
    assert (made.scheme.name, made.patterns[0]) == (scheme, patterns)


def test_the_line_after_a_major_irregularity_rescues_it():
    made = make(Form.WULV, lines={0: "野火燒不盡"})
    assert rules.rescues("".join({"P": "1", "R": "1", "Z": "2", "*": "2"}[letter] for letter in made.patterns[1]))
    assert {note.rule for note in made.notes} >= {Rule.MAJOR}


def test_a_seed_line_that_rhymes_decides_the_group():
    assert make(Form.QIJUE, lines={0: BAIDI}).rhyme in {"刪", *classical().neighbours["刪"]}
    assert make(Form.QIJUE, lines={1: "千里江陵一日還"}).rhyme == "刪"


def test_a_line_that_breaks_every_pattern_stands_and_is_noted():
    made = make(Form.QIJUE, lines={1: "月月月月月月月"})
    assert "".join(made.given.values()) == "月月月月月月月"
    assert {note.rule for note in made.notes} == {Rule.TONE, Rule.RHYME}
    assert {note.line for note in made.notes} == {1}


def test_the_opening_may_take_a_neighbour_group():
    made = make(Form.QIJUE, lines={0: BAIDI}, rhyme="先")
    assert [note.rule for note in made.notes] == [Rule.NEIGHBOUR]


@pytest.mark.parametrize(
    ("wish", "first", "second"),
    [
        ({"lines": {0: BAIDI}, "rhyme": "東"}, "rhyme group 東", f"line 1 ({BAIDI})"),
        ({"lines": {1: "千里江陵一日還"}, "rhyme": "東"}, "rhyme group 東", "line 2 (千里江陵一日還)"),
        ({"lines": {1: "月月月月月月月"}, "rhyme": "東"}, "rhyme group 東", "line 2 (月月月月月月月)"),
        ({"lines": {0: BAIDI}, "scheme": "S1"}, "scheme S1", f"line 1 ({BAIDI})"),
        ({"given": {(0, 1): "天"}, "scheme": "S4"}, "「天」 as character 2 of line 1", "scheme S4 of 七绝"),
        ({"given": {(1, 6): "天", (3, 6): "東"}}, "「東」 at the end of line 4", "line 2"),
    ],
)
def test_wishes_that_exclude_each_other_are_named(wish, first, second):
    with pytest.raises(Clash) as caught:
        make(Form.QIJUE, **wish)
    assert caught.value.details["first"] == first
    assert caught.value.details["second"] == second
    assert str(caught.value).endswith(".")


def test_an_acrostic_heads_the_lines_and_the_pattern_yields():
    made = make(Form.WUJUE, acrostic="月日白雪")
    assert [made.given[i, 0] for i in range(4)] == list("月日白雪")
    assert Rule.SELF_RESCUE in {note.rule for note in made.notes}
    lines = draw(made, STRICT, random.Random(1))
    assert check(lines, Form.WUJUE).complies


def test_a_rhyme_word_twice_is_refused_where_it_was_placed_and_told_where_it_was_written():
    with pytest.raises(Clash, match="rhyme with itself"):
        make(Form.WUJUE, given={(1, 4): "光", (3, 4): "光"})
    made = make(Form.WUJUE, lines={1: "疑是地上光", 3: "低頭思月光"})
    assert Rule.REPEATED_RHYME in {note.rule for note in made.strains}


def test_a_group_is_named_in_many_ways_but_not_by_two_names():
    for name in ("東", "东", "一東", "上平一東", "東韻"):
        assert group_named(name, classical()) == "東"
    for name in ("東冬", "", "X"):
        with pytest.raises(UnknownChoice):
            group_named(name, classical())


def test_a_character_outside_the_poem_is_refused():
    with pytest.raises(OutsidePoem):
        make(Form.WUJUE, given={(4, 0): "春"})


@pytest.mark.parametrize("name", ["東", "东", "一東", "上平一東", "东韵", " 東韻 ", "風"])
def test_a_group_by_its_many_names(name):
    assert group_named(name, classical()) == "東"


@pytest.mark.parametrize("name", ["", "x", "東西南", "月"])
def test_a_group_that_is_none(name):
    with pytest.raises(UnknownChoice, match="rhyme group"):
        group_named(name, classical())


def test_a_scheme_that_is_none():
    with pytest.raises(UnknownChoice, match="S1, S2, S3, S4"):
        make(Form.WUJUE, scheme="S5")


placed = st.dictionaries(
    st.tuples(st.integers(0, 7), st.integers(0, 6)),
    st.sampled_from("東風日月山水花不看行中重思春流明歸A\U0002ff0f"),
    max_size=6,
)


@settings(deadline=None, max_examples=200)
@given(
    form=st.sampled_from(list(Form)),
    given_=placed,
    whole=st.integers(0, 8),
    seed=st.integers(0, 999),
    rhyme=st.sampled_from([None, "東", "尤", "寒", "庚"]),
)
def test_given_characters_stand_and_the_rest_keeps_the_form(form, given_, whole, seed, rhyme):
    rng = random.Random(seed)
    here = {place: char for place, char in given_.items() if place[0] < form.lines and place[1] < form.columns}
    if whole < form.lines:
        here |= {(whole, j): rng.choice("東風日月山水花不看行中重思春流") for j in range(form.columns)}
    for table in (STRICT, modern().strict):
        try:
            made = plan(form, given=here, rhyme=rhyme if rhyme in table.rhyme_groups else None, table=table, rng=rng)
        except Clash:
            continue
        assert made.rhyme == rhyme or rhyme not in table.rhyme_groups
        lines = draw(made, table, rng)
        assert all(lines[i][j] == char for (i, j), char in here.items())
        assert not made.faults(lines, table)
        words = [lines[i][-1] for i in made.scheme.rhymes]
        strained = {note.rule for note in made.notes} & {Rule.TONE, Rule.RHYME}
        if not strained and len(set(words)) == len(words) and "A" not in here.values():
            assert check(lines, form, table.lenient).complies
