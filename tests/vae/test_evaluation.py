"""The figures are what their definitions say, on nets whose answers are known."""

from __future__ import annotations

import json
import math

import pytest
import torch

from tests.vae import small
from vae import weights
from vae.evaluation import score, table
from vae.lexicon import Lexicon
from vae.poem import Form

SIZE = len(small.VOCABULARY)
NO_WORDS = Lexicon.of(torch.zeros(SIZE, SIZE, dtype=torch.bool), torch.arange(SIZE))


def silent(config) -> weights.Net:
    """A net that knows nothing: all characters alike, whatever the code."""
    net = weights.build(config).eval()
    for parameter in net.parameters():
        torch.nn.init.zeros_(parameter)
    return net


@pytest.mark.parametrize("config", [small.ANCESTOR, small.FLAGSHIP], ids=lambda config: config.kind)
def test_a_net_that_knows_nothing_needs_the_logarithm_of_the_vocabulary(config) -> None:
    ids = torch.randint(2, SIZE, (70, Form.WUJUE.size), generator=torch.Generator().manual_seed(0))
    row = score(silent(config), NO_WORDS, Form.WUJUE, ids)
    assert row.given_z == pytest.approx(math.log(SIZE), abs=1e-4)
    assert row.others_z == pytest.approx(row.given_z)
    assert (row.kl, row.active, row.poems) == (pytest.approx(0, abs=1e-6), 0, 70)
    assert row.elbo == pytest.approx(row.given_z)


def test_words_that_poems_keep_to_want_all_the_weight_there_is() -> None:
    ids = torch.randint(2, SIZE, (6, Form.COUPLET.size), generator=torch.Generator().manual_seed(0))
    words = torch.zeros(SIZE, SIZE, dtype=torch.bool)
    words[ids[:, :-1], ids[:, 1:]] = True
    assert score(silent(small.ANCESTOR), Lexicon.of(words, torch.arange(SIZE)), Form.COUPLET, ids).words == 4
    assert score(silent(small.ANCESTOR), NO_WORDS, Form.COUPLET, ids).words == 0


def test_the_table_reads_as_text_and_as_json() -> None:
    ids = torch.full((2, Form.COUPLET.size), 5)
    rows = [score(silent(small.FLAGSHIP), NO_WORDS, Form.COUPLET, ids)]
    assert "couplet" in table("flagship", "abc", rows, as_json=False)
    told = json.loads(table("flagship", "abc", rows, as_json=True))
    assert (told["net"], told["form"], told["poems"]) == ("flagship", "couplet", 2)
