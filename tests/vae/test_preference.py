"""Tuning makes people's poems likelier than our answers, by the gradient of the published loss, and can be resumed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.vae import small
from tests.vae.test_corpus import write_corpus
from vae import weights
from vae.corpus import Packed
from vae.diet import Tones
from vae.errors import CheckpointError, CorpusError
from vae.foils import models
from vae.nets.batch import LEVEL, RHYME, Batch
from vae.nets.flagship import Flagship
from vae.nets.preference import SHARPNESS, WEIGHT, Pairs, Tuned, likelier
from vae.pairs import Lessons, prepared
from vae.poem import Form
from vae.poet import Poet
from vae.preference import tune
from vae.prosody.table import classical
from vae.training import Run, Schedule
from vae.vocabulary import SPECIAL

POEMS = (
    "朝辭白帝彩雲間千里江陵一日還兩岸猿聲啼不住輕舟已過萬重山",
    "秦時明月漢時關萬里長征人未還但使龍城飛將在不教胡馬度陰山",
    "黃河遠上白雲間一片孤城萬仞山羌笛何須怨楊柳春風不度玉門關",
)


def a_net() -> Flagship:
    torch.manual_seed(0)
    net = weights.build(small.FLAGSHIP)
    assert isinstance(net, Flagship)
    for parameter in net.parameters():  # nothing at zero, so that everything has a say
        parameter.data.add_(0.05 * torch.randn_like(parameter))
    return net.eval()


def some_pairs(net: Flagship, rows: int = 6, form: Form = Form.WUJUE) -> Pairs:
    generator = torch.Generator().manual_seed(1)
    theirs, ours = torch.randint(SPECIAL, 300, (2, rows, form.size), generator=generator)
    tones, rhyme = torch.randint(0, 4, (rows, form.size), generator=generator), torch.arange(rows)
    code = torch.randn(rows, small.FLAGSHIP.latent, generator=generator)
    pairs = Pairs(form, theirs, ours, tones, rhyme, code, torch.zeros(rows))
    return Pairs(form, theirs, ours, tones, rhyme, code, likelier(net, pairs))


def test_the_gradient_is_that_of_the_published_loss() -> None:
    net = a_net()
    pairs = some_pairs(net)
    pairs.before[:] -= torch.linspace(-9, 9, len(pairs.before))  # some preferred already, some not
    tuned = Tuned(net)
    torch.manual_seed(3)
    tuned.loss(pairs, 0.0).total.backward()
    found = {name: p.grad for name, p in net.named_parameters() if p.grad is not None}
    net.zero_grad(set_to_none=True)

    def log_p(ids: torch.Tensor) -> torch.Tensor:
        hints = net.hints(pairs.form, torch.zeros_like(ids), pairs.tones, pairs.rhyme)
        hidden = net.decode(functional.pad(ids[:, :-1], (1, 0)), hints, pairs.code[:, None])
        return net.characters(hidden).log_softmax(-1).gather(2, ids[..., None]).sum((1, 2))

    torch.manual_seed(3)
    usual = net.loss(Batch(pairs.form, pairs.ids, pairs.tones, pairs.rhyme), 1.0).total
    margin = SHARPNESS * (log_p(pairs.ids) - log_p(pairs.ours) - pairs.before)
    (usual - WEIGHT * functional.logsigmoid(margin).mean()).backward()
    for name, parameter in net.named_parameters():
        if parameter.grad is not None:
            assert torch.allclose(found[name], parameter.grad, atol=1e-4, rtol=1e-2), name


def test_people_are_preferred_after_some_steps_and_a_stopped_run_goes_on(tmp_path: Path) -> None:
    pairs = some_pairs(a_net())
    for steps in (20, 40):
        net = a_net()
        run = Run(tmp_path, Tuned(net), Schedule(steps=steps, warm_up=2), begun="one")
        assert run.resume() == (steps == 40)
        assert run.step == steps - 20
        if run.step:
            assert (likelier(net, pairs) > pairs.before).all()  # as the stopped run left it
        reports = list(run.train(Lessons({pairs.form: pairs}, batch_characters=120), every=0))
    assert reports[-1].losses["preferred"] == 1
    assert reports[-1].losses["theirs"] > reports[-1].losses["ours"]
    with pytest.raises(CheckpointError, match="other weights"):
        Run(tmp_path, Tuned(a_net()), Schedule(steps=40), begun="another").resume()
    with pytest.raises(CheckpointError, match="another net"):
        Run(tmp_path, a_net(), Schedule(steps=40), begun="one").resume()


@pytest.fixture(scope="module")
def poet() -> Poet:
    return Poet.load(device="cpu")


def test_our_answers_keep_the_poems_form_and_are_made_once(poet: Poet, tmp_path: Path) -> None:
    ids = np.stack([poet.vocabulary.encode(poem) for poem in POEMS]).astype(np.uint16)
    packed = Packed({Form.QIJUE: ids}, Counter())
    (made,) = prepared(tmp_path, packed, poet, "a net", {Form.QIJUE: 2}, 8)
    assert len(made.ids) == len(made.ours) == len(made.before) > 0
    assert len(models(made.ours.numpy().astype(np.uint16), Form.QIJUE, poet.vocabulary).ids) == len(made.ours)
    tones = Tones(poet.vocabulary, classical())
    for row, asked, rhyme in zip(made.ours, made.tones, made.rhyme, strict=True):
        for char, tone in zip(row.tolist(), asked.tolist(), strict=True):
            assert tones.level_share[char] > 0.85 if tone in (LEVEL, RHYME) else tones.level_share[char] < 0.15
            assert tone != RHYME or tones.groups[char, rhyme - 1]
        assert poet.vocabulary.decode(row.numpy()) not in POEMS
    written = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    (again,) = prepared(tmp_path, packed, poet, "a net", {Form.QIJUE: 2}, 8)
    assert torch.equal(again.ours, made.ours)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == written


def test_from_a_corpus_to_tuned_weights(tmp_path: Path) -> None:
    lines = [[poem[i : i + 7] for i in range(0, 28, 7)] for poem in POEMS]
    write_corpus(tmp_path / "train.jsonl.xz", *lines)
    files = tune(tmp_path, None, tmp_path / "run", Schedule(steps=1), "cpu")
    _, tuned = weights.load(files[0])
    _, before = weights.load(weights.shipped())
    assert tuned != before


def test_a_corpus_with_nothing_to_prefer_is_named(tmp_path: Path) -> None:
    write_corpus(tmp_path / "train.jsonl.xz", ["山山山山山山山"] * 4)
    with pytest.raises(CorpusError, match="regular"):
        tune(tmp_path, None, tmp_path / "run", Schedule(steps=1), "cpu")
