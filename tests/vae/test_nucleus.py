"""Two ways to draw from the nucleus, one for torch as it is and one for its compiler, draw the same."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vae import nucleus


@given(
    seed=st.integers(0, 2**31 - 1),
    rows=st.integers(1, 7),
    vocabulary=st.integers(1, 3 * nucleus.BLOCK),
    spread=st.floats(0.1, 8),
    top_p=st.floats(0.05, 1),
    heat=st.floats(0.3, 2),
)
@settings(deadline=None)
def test_what_is_drawn_of_the_nucleus_at_once_is_what_is_drawn_step_by_step(
    seed, rows, vocabulary, spread, top_p, heat
):
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(rows, vocabulary, generator=generator, dtype=torch.float64) * spread
    scores[torch.rand(scores.shape, generator=generator) < 0.3] = -1e6
    uniforms = torch.rand(rows, generator=generator, dtype=torch.float64)
    drawn = nucleus.draw(scores / heat, uniforms, top_p)
    found, inside, powers, _ = nucleus.attempts(
        scores,
        torch.full((rows, 1), heat, dtype=torch.float64),
        uniforms,
        torch.tensor(top_p, dtype=torch.float64),
        nucleus.TRIES,
    )
    assert torch.equal(found[inside], drawn[inside])
    likelier = torch.where(powers > powers.gather(1, drawn[:, None]), powers, 0.0).sum(1)
    assert (likelier < top_p * powers.sum(1)).all()


def test_a_row_that_always_falls_outside_is_left_to_sorting():
    scores = torch.zeros(1, 1000)
    scores[0, 17] = 3.0  # two hundredths of the mass
    _, inside, powers, uniforms = nucleus.attempts(scores, torch.ones(1, 1), torch.tensor([0.5]), torch.tensor(0.01), 2)
    assert not inside.any()
    assert nucleus.sorted_out(powers, uniforms, 0.01).tolist() == [17]
    assert nucleus.draw(scores, torch.tensor([0.5]), 0.01).tolist() == [17]
