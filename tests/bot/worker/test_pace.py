"""What a batch is expected to take, and what is learnt of it from batches of all forms."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.worker.pace import REVISION, Arrivals, Pace, Policy, Work
from bot.worker.wish import REVISED_FROM, Request, Wish
from tests.bot.worker.clerk import Note
from vae.poem import BlendRequest, Form, WriteRequest


def wish(form: Form, request: Request | None = None, *, read: bool = True) -> Wish:
    request = request or WriteRequest(form=form)
    made = Wish(request, None, 0.0, 30.0, 30.0, lambda outcome: None)
    made.prepared = Note(request, form, 1) if read else None
    return made


def test_the_work_of_a_batch_is_the_steps_of_the_longest_and_the_characters_of_all():
    walk = wish(Form.QILV, BlendRequest(a="", b="", steps=5, form=Form.QILV))
    assert Work.of([wish(Form.COUPLET), walk], 4) == Work(56, 4 * (10 + 5 * 56))
    assert Work.of([wish(Form.COUPLET, read=False)], 3) == Work(56, 3 * 56)
    assert Work.of([], 4) == Work(0, 0)


def test_a_line_written_anew_is_work_too_and_a_recipe_has_as_many_as_it_says():
    recipe = wish(Form.QIJUE, WriteRequest(random_seed=1, revisions=2))
    for each, lines in ((wish(Form.QIJUE), 8), (wish(Form.WULV), 6), (wish(Form.QILV), 4), (recipe, 2)):
        assert Work.of([each], 64) == Work(each.places, (64 + REVISION * lines) * each.places)
        request = each.with_candidates(64)
        assert isinstance(request, WriteRequest)
        assert (request.candidates, request.revisions) == (64, lines)
    assert [wish(Form.QIJUE).revisions(REVISED_FROM + more) for more in (-16, 0, 3, 4, 8)] == [0, 0, 0, 1, 2]
    assert wish(Form.COUPLET, BlendRequest(a="", b="")).revisions(64) == 0


@given(
    character=st.floats(1e-5, 1e-3),
    step_in_characters=st.floats(8, 32),
    batches=st.lists(st.lists(st.sampled_from(Form), min_size=1, max_size=40), min_size=30, max_size=60),
)
def test_the_pace_is_learnt_from_batches_of_any_forms(
    character: float, step_in_characters: float, batches: list[list[Form]]
):
    pace, step = Pace(), step_in_characters * character
    works = [Work.of([wish(form) for form in forms], 1 + i % 16) for i, forms in enumerate(batches)]
    for work in works:
        pace.observe(work, step * work.places + character * work.characters)
    for work in works:
        assert pace.seconds(work) == pytest.approx(step * work.places + character * work.characters, rel=0.35)


def test_some_that_come_at_once_are_no_rate_and_a_steady_stream_is_one():
    arrivals = Arrivals()
    assert arrivals.usual == math.inf
    for _ in range(5):
        arrivals.came(100.0)
    assert arrivals.usual == pytest.approx(0.2)
    for number in range(1000):
        arrivals.came(100.0 + number / 20)
    assert arrivals.usual == pytest.approx(0.05, rel=0.2)


def test_nobody_goes_without_four_candidates_until_the_queue_fills():
    slow, crowd = Pace(character=1.0), [wish(Form.QIJUE) for _ in range(8)]
    policy, busy = Policy(), Arrivals()
    for number in range(200):
        busy.came(number / 100)
    counts = [policy.candidates(crowd, fill / 100, 128, slow, arrivals=busy) for fill in range(0, 101, 5)]
    assert counts[0] == policy.kept
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 1
