"""Matrices that take Muon's step together go where each would go alone."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vae.muon import StackedMuon, orthogonalised

SIZES = st.integers(2, 24)


def matrices(shapes: list[tuple[int, int]]) -> list[torch.nn.Parameter]:
    torch.manual_seed(0)
    return [torch.nn.Parameter(torch.randn(shape)) for shape in shapes]


def moved(optimiser: torch.optim.Optimizer, parameters: list[torch.nn.Parameter], steps: int) -> None:
    torch.manual_seed(1)
    for step in range(steps):
        for i, parameter in enumerate(parameters):
            drawn = torch.randn_like(parameter)
            parameter.grad = None if i == step else drawn  # one is not met at each of the first steps
        optimiser.step()


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([(8, 8), (24, 8), (8, 24), (5, 9)]), min_size=1, max_size=8), st.sampled_from([0.0, 0.1])
)
def test_the_steps_are_those_of_torch(shapes: list[tuple[int, int]], decay: float) -> None:
    alone, together = matrices(shapes), matrices(shapes)
    moved(torch.optim.Muon(alone, lr=0.02, weight_decay=decay), alone, 4)
    moved(StackedMuon(together, lr=0.02, weight_decay=decay), together, 4)
    for one, other in zip(alone, together, strict=True):
        assert torch.allclose(one, other, atol=0.02 * 4 * 2**-6)  # products in bf16 may be summed in another order


@pytest.mark.parametrize(("kind", "then"), list(itertools.permutations((torch.optim.Muon, StackedMuon))))
def test_a_run_goes_on_with_what_the_other_has_saved(kind, then) -> None:
    shapes = [(8, 8), (8, 8), (24, 8)]
    unbroken, broken = matrices(shapes), matrices(shapes)
    whole = torch.optim.Muon(unbroken, lr=0.02, weight_decay=0.0)
    first = kind(broken, lr=0.02, weight_decay=0.0)
    for _ in range(2):
        moved(whole, unbroken, 3)
    moved(first, broken, 3)
    second = then(broken, lr=0.02, weight_decay=0.0)
    second.load_state_dict(first.state_dict())
    moved(second, broken, 3)
    for one, other in zip(unbroken, broken, strict=True):
        assert torch.allclose(one, other, atol=0.02 * 6 * 2**-6)


@settings(deadline=None)
@given(SIZES, SIZES, st.floats(1e-3, 1e3))
def test_singular_values_come_near_one_whatever_they_were(rows: int, columns: int, size: float) -> None:
    torch.manual_seed(0)
    found = orthogonalised(size * torch.randn(3, rows, columns)).float()
    values = torch.linalg.svdvals(found)
    assert found.shape == (3, rows, columns)
    assert (values < 1.4).all()
    assert (values.mean(1) > 0.5).all()


def test_what_has_no_gradient_at_all_goes_nowhere() -> None:
    assert torch.equal(orthogonalised(torch.zeros(1, 4, 6)), torch.zeros(1, 4, 6, dtype=torch.bfloat16))
