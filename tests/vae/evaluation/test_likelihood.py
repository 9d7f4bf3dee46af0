"""The figures are what their definitions say, on nets whose answers are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from tests.vae import small
from vae import weights
from vae.evaluation import likelihood
from vae.evaluation.likelihood import Codes
from vae.lexicon import Lexicon
from vae.nets.ancestor import Ancestor
from vae.poem import Form

SIZE = len(small.VOCABULARY)
NO_WORDS = Lexicon.of(torch.zeros(SIZE, SIZE, dtype=torch.bool), torch.arange(SIZE))
FORM = Form.WUJUE


def ids(poems: int, form: Form = FORM) -> torch.Tensor:
    return torch.randint(2, SIZE, (poems, form.size), generator=torch.Generator().manual_seed(0))


def silent(config) -> weights.Net:
    """A net that knows nothing: all characters alike, whatever the code."""
    net = weights.build(config).eval().requires_grad_(False)
    for parameter in net.parameters():
        torch.nn.init.zeros_(parameter)
    return net


def talkative() -> Ancestor:
    """A net of chance whose code matters, and whose posterior is not its prior."""
    torch.manual_seed(0)
    net = weights.build(small.ANCESTOR).eval().requires_grad_(False)
    assert isinstance(net, Ancestor)
    net.posterior.mu.weight.mul_(3)
    net.posterior.logvar.bias.fill_(-0.5)
    net.spread.weight.mul_(8)
    return net


@pytest.mark.parametrize("config", [small.ANCESTOR, small.FLAGSHIP], ids=lambda config: config.kind)
def test_a_net_that_knows_nothing_needs_the_logarithm_of_the_vocabulary(config) -> None:
    net, poems = silent(config), ids(70)
    codes = Codes.of(net, FORM, poems)
    assert likelihood.nats(net, FORM, poems, codes.z) == pytest.approx(math.log(SIZE), abs=1e-4)
    assert codes.kl == pytest.approx(0, abs=1e-6)
    assert codes.active(np.arange(70)) == 0
    assert codes.information().mean() == pytest.approx(0, abs=1e-5)
    for bound in likelihood.weighted(net, FORM, poems[:3], Codes.of(net, FORM, poems[:3]), 5):
        assert bound == pytest.approx(math.log(SIZE), abs=1e-4)


def test_the_weighted_bound_is_at_most_the_elbo_and_falls_with_every_sample() -> None:
    net, poems = talkative(), ids(24)
    codes = Codes.of(net, FORM, poems)
    draws = [Codes.of(net, FORM, poems, seed).z for seed in range(30)]
    elbo = np.mean([likelihood.nats(net, FORM, poems, z) for z in draws]) + codes.kl.mean() / FORM.size
    one, ten, hundred = (likelihood.weighted(net, FORM, poems, codes, k)[0].mean() for k in (1, 10, 100))
    assert one == pytest.approx(elbo, abs=0.1)
    assert elbo > ten > hundred


def test_information_lies_between_its_bounds_and_under_the_logarithm_of_the_poems() -> None:
    net, poems = talkative(), ids(60)
    codes = Codes.of(net, FORM, poems)
    nothing = torch.zeros_like(poems)
    net.codes.fit(FORM, codes.mu, codes.logvar, nothing, nothing[:, 0])
    draws = [Codes.of(net, FORM, poems, seed) for seed in range(20)]
    least = np.mean([draw.information() for draw in draws])
    most = np.mean([draw.information_bound(net, FORM) for draw in draws])
    assert 0 < least <= math.log(60)
    assert least < most + 0.05
    assert most < codes.kl.mean()


def test_words_that_poems_keep_to_want_all_the_weight_there_is() -> None:
    net, poems = silent(small.ANCESTOR), ids(6, Form.COUPLET)
    words = torch.zeros(SIZE, SIZE, dtype=torch.bool)
    words[poems[:, :-1], poems[:, 1:]] = True
    z = torch.zeros(6, small.ANCESTOR.latent)
    kept = Lexicon.of(words, torch.arange(SIZE))
    assert likelihood.word_weight(net, kept, Form.COUPLET, poems, z) == 4
    assert likelihood.word_weight(net, NO_WORDS, Form.COUPLET, poems, z) == 0


def test_a_net_that_always_says_one_character_rebuilds_the_poems_of_it() -> None:
    net = silent(small.FLAGSHIP)
    codes = torch.zeros(3, small.FLAGSHIP.latent)
    said = likelihood.rebuilt(net, FORM, torch.zeros(3, FORM.size, dtype=torch.long), codes)
    assert said.tolist() == [1, 1, 1]
    assert likelihood.rebuilt(net, FORM, ids(3), codes).tolist() == [0, 0, 0]
