"""Masks and checker agree: what a mask allows, the check passes; what it forbids, the check or the plan catches."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vae.prosody.drawing import CHARACTERS, draw, mask
from vae.poem import Form
from vae.prosody import rules
from vae.prosody.check import check
from vae.prosody.errors import TooFewRhymes
from vae.prosody.mask import Sounds
from vae.prosody.plan import RHYME, Plan, plan
from vae.prosody.rules import Place, Rule
from vae.prosody.table import LEVEL, OBLIQUE, Policy, RhymeTable, classical, modern

TABLES = [classical(), classical().strict, modern(), modern().strict]
tables = st.sampled_from(TABLES)
seeds = st.integers(0, 2**32)


def any_plan(table: RhymeTable, seed: int) -> Plan:
    rng = random.Random(seed)
    wanted = rng.choice([None, *table.rhyme_groups])
    return plan(rng.choice(list(Form)), scheme=rng.choice([None, *rules.NAMES]), rhyme=wanted, table=table, rng=rng)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.name}-{table.policy.name}")
@pytest.mark.parametrize("form", Form)
def test_every_scheme_and_group_with_enough_words_can_be_written(form, table):
    sounds = Sounds(CHARACTERS, table)
    rng = random.Random(form.value)
    for name in rules.NAMES:
        needed = len(rules.scheme(form, name).rhymes)
        for group in table.rhyme_groups:
            made = plan(form, scheme=name, rhyme=group, table=table, rng=rng)
            if sounds.rhymes(group).sum() < needed:
                with pytest.raises(TooFewRhymes, match=group):
                    mask(made, CHARACTERS, table)
                continue
            assert mask(made, CHARACTERS, table).any(axis=1).all()
            lines = draw(made, table, rng)
            report = check(lines, form, table)
            assert report.complies, report.grid()
            if form.lines > 2 and table.tones(lines[0][-1]) in (LEVEL, OBLIQUE):
                assert report.scheme.name == name
                assert report.group_bits >> table.rhyme_groups.index(group) & 1


def test_hardly_any_group_has_too_few_words():
    for table in TABLES:
        sounds = Sounds(CHARACTERS, table)
        assert all(sounds.rhymes(group).sum() >= 5 for group in table.rhyme_groups)


@settings(deadline=None, max_examples=300)
@given(table=tables, seed=seeds)
def test_what_a_mask_allows_every_policy_passes(table, seed):
    made = any_plan(table, seed)
    lines = draw(made, table, random.Random(seed))
    assert not made.faults(lines, table)
    for policy in (table.policy, Policy.ANY, Policy.BOOK):
        judge = {"classical": classical, "modern": modern}[table.name](policy)
        report = check(lines, made.form, judge)
        assert report.complies, report.grid()


@settings(deadline=None, max_examples=300)
@given(seed=seeds, data=st.data())
def test_one_character_changed_against_its_mask_is_caught(seed, data):
    table = classical().strict
    made = any_plan(table, seed)
    lines = draw(made, table, random.Random(seed))
    bound = [i for i, letter in enumerate(made.letters) if letter != "*"]
    position = data.draw(st.sampled_from(bound))
    row = mask(made, CHARACTERS, table)[position]
    wrong = [char for char, allowed in zip(CHARACTERS, row, strict=True) if not allowed and table.tones(char)]
    i, j = divmod(position, made.form.columns)
    char = data.draw(st.sampled_from(wrong))
    changed = tuple(line[:j] + char + line[j + 1 :] if n == i else line for n, line in enumerate(lines))

    assert Place(i, j) in made.faults(changed, table)
    report = check(changed, made.form, table)
    at_rhyme = made.letters[position] == RHYME
    # A rhyme of another group may make a neighbour's of the first line's, which is licensed there.
    licensed = any(
        v.place.line == i or (v.rescued_by or v.place).line == i or (at_rhyme and v.rule is Rule.NEIGHBOUR)
        for v in report.details.licences
    )
    alone = at_rhyme and made.form.lines == 2 and not made.scheme.rhymed
    # Level, but of no group that the book could tell: the mask forbids it, the check holds it against nobody.
    of_no_group = at_rhyme and table.tones(char) == LEVEL and char not in table.level_bits
    assert not report.complies or licensed or alone or of_no_group


def test_a_rhyme_word_twice_is_caught():
    table = classical()
    made = plan(Form.WUJUE, scheme="S1", rhyme="東", table=table, rng=random.Random(1))
    lines = list(draw(made, table, random.Random(1)))
    lines[3] = lines[3][:-1] + lines[1][-1]
    assert made.faults(lines, table) == [Place(3, 4)]
    assert not check(lines, Form.WUJUE, table).complies


def test_a_group_with_too_few_words_is_refused():
    made = plan(Form.QILV, scheme="S3", rhyme="江", table=classical(), rng=random.Random(1))
    with pytest.raises(TooFewRhymes, match="江 has only 2") as caught:
        mask(made, "東江邦月日天", classical())
    assert caught.value.details["needed"] == 5


def test_given_characters_have_rows_of_their_own():
    table = classical().strict
    given_ = {(0, 0): "春", (1, 4): "東", (3, 0): "\U0002ff0f"}
    made = plan(Form.WUJUE, scheme="S1", given=given_, table=table, rng=random.Random(1))
    rows = mask(made, CHARACTERS, table)
    assert [CHARACTERS[i] for i in np.flatnonzero(rows[0])] == ["春"]
    assert [CHARACTERS[i] for i in np.flatnonzero(rows[9])] == ["東"]
    assert rows[15].sum() > 1  # not in the vocabulary: the row of its place
    assert not rows[19][CHARACTERS.index("東")]  # a given rhyme word is used up
    assert made.rhyme == "東"


def test_what_is_no_character_is_never_chosen():
    rows = mask(any_plan(classical(), 3), ["<pad>", "", *CHARACTERS], classical())
    assert not rows[:, :2].any()
