"""What a batch is expected to take, and what is learnt of it from batches of all forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.worker.pace import Pace, Work
from bot.worker.wish import Request, Wish
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
