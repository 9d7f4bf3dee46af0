"""Where codes lie: seeds, paths and plans, each wish's alone whatever is encoded beside it."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vae import weights
from vae.coding import Heard, slerp
from vae.nets.alone import standing_alone
from vae.nets.flagship import Flagship
from vae.poem import BlendRequest, Form, WriteRequest
from vae.poet import Poet
from vae.wish import Codes, Wish

WISHES = (
    WriteRequest(seed="床前明月光", random_seed=1, candidates=2),
    WriteRequest(form=Form.WULV, random_seed=2, candidates=3),
    WriteRequest(seed="明月 思鄉", random_seed=3, candidates=1),
    WriteRequest(seed="故人西辭黃鶴樓", form=Form.QILV, random_seed=4, candidates=2),
    BlendRequest(a="春眠不覺曉", b="孤帆遠影碧空盡", steps=3, random_seed=5, candidates=2),
    WriteRequest(seed="雪", form=Form.COUPLET, random_seed=6, candidates=4),
)


@pytest.fixture(scope="module")
def poet() -> Poet:
    return Poet.load(device="cpu")


def wishes(poet: Poet) -> list[Wish]:
    return [wish for request in WISHES for wish in poet.prepare(request).wishes]


@torch.inference_mode()
def test_a_wish_has_the_same_codes_alone_and_among_others(poet: Poet) -> None:
    many = wishes(poet)
    for wish, among in zip(many, poet.coder.codes(many), strict=True):
        (alone,) = poet.coder.codes([wish])
        assert torch.equal(alone.each, among.each)
        assert (alone.centre is None) == (among.centre is None) == (not wish.seeds)
        assert alone.centre is None or (among.centre is not None and torch.equal(alone.centre, among.centre))


@torch.inference_mode()
def test_codes_are_the_nets_own(poet: Poet) -> None:
    """Cut sums and batches change nothing but the last bits."""
    ids = torch.randint(1, 3000, (5, Form.WULV.size), generator=torch.Generator().manual_seed(0))
    for ours, theirs in zip(
        standing_alone(poet.net).encode(Form.WULV, ids), poet.net.encode(Form.WULV, ids), strict=True
    ):
        assert torch.allclose(ours, theirs, atol=1e-3)


@torch.no_grad()
def test_a_copy_that_stands_alone_has_no_weights_of_its_own() -> None:
    net, _ = weights.load(weights.shipped())
    assert isinstance(net, Flagship)
    copied = standing_alone(net)
    ids = torch.randint(1, 3000, (2, Form.QIJUE.size))
    before, _ = copied.encode(Form.QIJUE, ids)
    for weight in (net.embedding.weight, net.encoder.layers[0].conv.weight):  # one is looked up, the other cut
        weight.mul_(1.5)
        after, _ = copied.encode(Form.QIJUE, ids)
        assert not torch.allclose(before, after, atol=1e-3)
        assert torch.allclose(after, net.encode(Form.QIJUE, ids)[0], atol=1e-3)
        before = after


@torch.inference_mode()
def test_a_walk_lies_at_its_parents_at_the_ends_and_is_gathered_between(poet: Poet) -> None:
    texts = ("明月照高樓", "春眠不覺曉", "孤帆遠影碧")
    walks = {(a, b): walk(poet, a, b) for a in texts for b in texts if a != b}
    for (a, b), (first, middle, last) in walks.items():
        (other,) = set(texts) - {a, b}
        for same in (walks[b, a][2], walks[a, other][0]):
            assert torch.allclose(centre(first), centre(same), atol=1e-2)
        assert (middle.each - centre(middle)).norm() < (first.each - centre(first)).norm()
        assert not torch.allclose(centre(first), centre(last), atol=1e-2)


def centre(codes: Codes) -> torch.Tensor:
    assert codes.centre is not None
    return codes.centre


def walk(poet: Poet, a: str, b: str) -> list[Codes]:
    return poet.coder.codes(poet.prepare(BlendRequest(a=a, b=b, steps=3, random_seed=1)).wishes)


@torch.no_grad()
def test_views_that_differ_make_a_broad_posterior() -> None:
    mu, logvar = torch.tensor([[0.0], [2.0]]), torch.zeros(2, 1)
    found = Heard.of(mu, logvar)
    assert found.mu.item() == 1
    assert found.sigma.item() == pytest.approx(2**0.5)
    assert Heard.of(mu[:1], logvar[:1]).sigma.item() == 1


@given(st.floats(0, 1), st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
@torch.no_grad()
def test_the_code_moves_along_the_sphere(t: float, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    a, b = torch.randn(2, 16, generator=generator)
    code = slerp(a, b, t)
    assert code.norm().item() == pytest.approx(((1 - t) * a.norm() + t * b.norm()).item(), rel=1e-3)
    whole = torch.arccos(torch.cosine_similarity(a, b, dim=0))
    part = torch.arccos(torch.cosine_similarity(a, code, dim=0).clamp(-1, 1))
    assert part.item() == pytest.approx((t * whole).item(), abs=5e-3)


@torch.no_grad()
def test_a_path_between_equal_codes_stays() -> None:
    a = torch.ones(8)
    assert torch.allclose(slerp(a, a, 0.3), a, atol=1e-2)
