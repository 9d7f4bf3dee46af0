"""Laws of the nets: shapes, causality, what the code and the hints can reach, and a loss that is what it says."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from tests.vae import small
from vae import weights
from vae.nets.aggregate import AggregatePosterior, Gaussian
from vae.nets.batch import LEVEL, OBLIQUE, Batch
from vae.nets.cross_entropy import linear_cross_entropy
from vae.nets.flagship import Flagship
from vae.nets.layers import GatedConv, kl_divergence
from vae.poem import Form


@pytest.fixture
def flagship() -> Flagship:
    torch.manual_seed(0)
    net = weights.build(small.FLAGSHIP).eval()
    assert isinstance(net, Flagship)
    for parameter in net.parameters():  # a fresh net is silent in places; these laws hold for any weights
        torch.nn.init.normal_(parameter, std=0.1)
    return net


def poems(form: Form, count: int = 3) -> torch.Tensor:
    return torch.randint(2, len(small.VOCABULARY), (count, form.size), generator=torch.Generator().manual_seed(1))


def hints(net: Flagship, form: Form, count: int = 3) -> torch.Tensor:
    nothing = torch.zeros(count, form.size, dtype=torch.long)
    return net.hints(form, nothing, nothing, torch.zeros(count, dtype=torch.long))


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("config", [small.ANCESTOR, small.FLAGSHIP], ids=lambda config: config.kind)
@torch.no_grad()
def test_a_net_reads_every_form_into_a_code_and_learns_from_it(form, config) -> None:
    net = weights.build(config)
    ids = poems(form)
    mu, logvar = net.encode(form, ids)
    assert mu.shape == logvar.shape == (3, config.latent)
    losses = net.loss(Batch(form, ids, torch.zeros_like(ids), torch.zeros(3, dtype=torch.long)), 0.5)
    assert losses.total.isfinite()
    assert losses.report["nats"] == pytest.approx(math.log(len(small.VOCABULARY)), abs=1.5)


@pytest.mark.parametrize("form", [Form.COUPLET, Form.WUJUE, Form.QILV])
@torch.no_grad()
def test_the_decoder_sees_nothing_that_comes_later(flagship: Flagship, form: Form) -> None:
    ids, told, z = poems(form), hints(flagship, form), torch.randn(3, 1, 8)
    place = form.size // 2
    changed = ids.clone()
    changed[:, place:] = 2
    before, after = flagship.decode(ids, told, z), flagship.decode(changed, told, z)
    assert torch.allclose(before[:, :place], after[:, :place], atol=1e-5)
    assert not torch.allclose(before[:, place:], after[:, place:], atol=1e-3)


@torch.no_grad()
def test_writing_with_the_cache_gives_what_reading_the_whole_gives(flagship: Flagship) -> None:
    form = Form.QIJUE
    ids, told, z = poems(form), hints(flagship, form), torch.randn(3, form.size, 8)
    whole = flagship.decode(ids, told, z)
    cache = flagship.new_cache(3, form.size)
    steps = [flagship.decode(ids[:, i : i + 1], told[:, i : i + 1], z[:, i : i + 1], cache) for i in range(form.size)]
    assert torch.allclose(whole, torch.cat(steps, 1), atol=1e-4)


@torch.no_grad()
def test_what_is_dropped_is_dropped_in_training_alone() -> None:
    torch.manual_seed(0)
    net = Flagship(dataclasses.replace(small.FLAGSHIP, dropout=0.5, pair_dropout=0.5))
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    ids, z, told = torch.randint(1, 300, (4, 9)), torch.randn(4, 1, 8), torch.randn(4, 9, 32)

    def said(*, learning: bool) -> torch.Tensor:
        return net.train(learning).decode(ids, told, z)

    assert torch.equal(said(learning=False), said(learning=False))
    assert not torch.equal(said(learning=True), said(learning=True))
    whole = net.pairs(ids, ids)
    some = net.train()._dropped(whole).flatten(0, 1)
    silent = (some == 0).all(1)
    assert 0 < silent.sum() < len(silent)
    assert torch.equal(some[~silent], whole.flatten(0, 1)[~silent])


def test_a_character_given_at_the_end_is_known_at_the_beginning(flagship: Flagship) -> None:
    form = Form.COUPLET
    nothing = torch.zeros(1, form.size, dtype=torch.long)
    given = nothing.clone()
    given[0, -1] = 5
    none = torch.zeros(1, dtype=torch.long)
    assert not torch.allclose(
        flagship.hints(form, nothing, nothing, none)[:, 0], flagship.hints(form, given, nothing, none)[:, 0], atol=1e-4
    )


@torch.no_grad()
def test_the_code_reaches_every_place(flagship: Flagship) -> None:
    form = Form.QILV
    ids, told = poems(form), hints(flagship, form)
    a, b = (flagship.decode(ids, told, torch.full((3, 1, 8), value)) for value in (-1.0, 1.0))
    assert ((a - b).abs().amax(-1) > 1e-3).all()


@given(st.integers(1, 700), st.integers(2, 40), st.floats(0, 1), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_the_chunked_loss_and_its_gradients_are_torchs(places: int, vocabulary: int, share: float, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    hidden = torch.randn(places, 6, generator=generator, requires_grad=True)
    weight = torch.randn(vocabulary, 6, generator=generator, requires_grad=True)
    targets = torch.randint(0, vocabulary, (places,), generator=generator)
    counted = torch.rand(places, generator=generator) <= share
    counted[0] = True
    ours = linear_cross_entropy(hidden, weight, targets, counted)
    theirs = functional.cross_entropy((hidden @ weight.T)[counted], targets[counted])
    assert ours.item() == pytest.approx(theirs.item(), abs=1e-4)
    for got, wanted in zip(
        torch.autograd.grad(ours, (hidden, weight)), torch.autograd.grad(theirs, (hidden, weight)), strict=True
    ):
        assert torch.allclose(got, wanted, atol=1e-5)


@given(st.floats(-3, 3), st.floats(-4, 2))
def test_the_kl_is_that_of_two_normal_distributions(mean: float, logvar: float) -> None:
    ours = kl_divergence(torch.tensor([[mean]]), torch.tensor([[logvar]])).item()
    normal = torch.distributions.Normal
    theirs = torch.distributions.kl_divergence(normal(mean, math.exp(logvar / 2)), normal(0.0, 1.0)).item()
    assert ours == pytest.approx(theirs, abs=1e-4)


@torch.no_grad()
def test_a_gated_convolution_sees_its_neighbours_and_no_further() -> None:
    torch.manual_seed(0)
    layer = GatedConv(4, along=1, across=0)
    x = torch.randn(1, 2, 7, 4)
    touched = x.clone()
    touched[0, 0, 3] += 1
    moved = (layer(x) - layer(touched)).abs().sum(-1)[0] > 1e-6
    assert moved.tolist() == [[False, False, True, True, True, False, False], [False] * 7]


def fitted_codes() -> tuple[AggregatePosterior, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Codes of three units: rhyme group 2 moves the first by 4, an oblique second character the last by 2."""
    torch.manual_seed(0)
    codes, form = AggregatePosterior(latent=3, rhyme_groups=5), Form.COUPLET
    mixing = torch.tensor([[1.0, 0, 0], [0.5, 0.2, 0], [0, 0, 1.0]])
    rhyme, tones = torch.randint(1, 6, (8000,)), torch.randint(1, 3, (8000, form.size))
    mu = torch.tensor([3.0, -1.0, 0.5]) + torch.randn(8000, 3) @ mixing.T
    mu[:, 0] += 4.0 * (rhyme == 2)
    mu[:, 2] += 2.0 * (tones[:, 1] == OBLIQUE)
    codes.fit(form, mu, torch.full((8000, 3), -4.0), tones, rhyme)
    return codes, mu, tones, rhyme


@torch.no_grad()
def test_codes_are_drawn_where_the_poems_are() -> None:
    codes, mu, *_ = fitted_codes()
    drawn = codes.of(Form.COUPLET).sample(torch.randn(20000, 3))
    assert torch.allclose(drawn.mean(0), mu.mean(0), atol=0.08)
    assert torch.allclose(torch.cov(drawn.T), torch.cov(mu.T) + math.exp(-4) * torch.eye(3), atol=0.2)
    assert torch.equal(codes.of(Form.QIJUE).sample(torch.ones(1, 3)), torch.ones(1, 3))


@torch.no_grad()
def test_codes_are_drawn_where_poems_of_that_rhyme_and_those_tones_are() -> None:
    codes, mu, tones, rhyme = fitted_codes()
    for group in (1, 2):
        for tone in (LEVEL, OBLIQUE):
            alike = mu[(rhyme == group) & (tones[:, 1] == tone)]
            asked = torch.zeros(Form.COUPLET.size, dtype=torch.long)
            asked[1] = tone
            found = codes.asked(Form.COUPLET, asked, group)
            assert torch.allclose(found.mean, alike.mean(0), atol=0.2)
            assert torch.allclose(found.spread @ found.spread.T, torch.cov(alike.T), atol=0.3)
    anything = codes.asked(Form.COUPLET, torch.zeros(Form.COUPLET.size, dtype=torch.long), 0)
    assert torch.allclose(anything.mean, codes.of(Form.COUPLET).mean, atol=0.1)


@torch.no_grad()
def test_a_seeds_code_gives_way_to_what_is_asked_where_the_seed_does_not_know() -> None:
    codes, mu, *_ = fitted_codes()
    asked = torch.zeros(Form.COUPLET.size, dtype=torch.long)
    wanted = codes.asked(Form.COUPLET, asked, 2).mean
    knows_nothing = mu.std(0)
    unsure, sure = (
        codes.belief(Form.COUPLET).after(asked, 2, mu.mean(0), sigma) for sigma in (knows_nothing, knows_nothing / 1000)
    )
    assert isinstance(unsure, Gaussian)
    assert (unsure.mean - wanted)[0].abs() < 0.5 * (mu.mean(0) - wanted)[0].abs()
    assert torch.allclose(sure.mean, mu.mean(0), atol=1e-3)


@torch.no_grad()
def test_a_form_that_was_not_fitted_leaves_a_seeds_posterior_as_it_is() -> None:
    codes, mu, sigma = AggregatePosterior(4, 5), torch.randn(4), torch.rand(4) + 0.1
    found = codes.belief(Form.QIJUE).after(torch.ones(28, dtype=torch.long), 3, mu, sigma)
    assert torch.allclose(found.mean, mu, atol=1e-4)
    assert torch.allclose(found.spread, torch.diag(sigma), atol=1e-4)
