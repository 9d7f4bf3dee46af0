"""The coherence net reads no further than it may, and learns which line follows from people's poems alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.vae import small
from tests.vae.test_corpus import write_corpus
from vae import weights
from vae.corpus import pack, read_poems
from vae.errors import CorpusError, WeightsError
from vae.kindred import FEWEST, Families, families, preferred, train
from vae.nets.coherence import Coherence, CoherenceConfig, Kindred
from vae.poem import Form
from vae.training import Run, Schedule
from vae.vocabulary import SPECIAL, Vocabulary

CONFIG = CoherenceConfig(len(small.VOCABULARY), width=32, layers=1, depth=8, line_layers=1, heads=2)
POEM = "朝辭白帝彩雲間千里江陵一日還兩岸猿聲啼不住輕舟已過萬重山"


def kin(form: Form = Form.QIJUE, poems: int = 64) -> np.ndarray:
    """Half of the poems are written with some characters, half with others: a line tells which follow."""
    rng = np.random.default_rng(0)
    middle = len(small.VOCABULARY) // 2
    halves = (np.arange(SPECIAL, middle), np.arange(middle, len(small.VOCABULARY)))
    return np.stack([rng.permutation(halves[i % 2])[: form.size] for i in range(poems)])


@pytest.mark.parametrize("form", Form)
@torch.inference_mode()
def test_a_beginning_is_read_as_it_is_read_in_the_whole_poem(form: Form) -> None:
    torch.manual_seed(0)
    net = Coherence(CONFIG).eval()
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    ids = torch.randint(SPECIAL, 300, (3, form.size))
    whole = net(form, ids)
    assert whole.shape == (3, form.lines - 1)
    for lines in range(2, form.lines):
        torch.testing.assert_close(net(form, ids[:, : lines * form.columns]), whole[:, : lines - 1])


def test_it_learns_which_line_follows(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net, stock = Coherence(CONFIG), kin()
    run = Run(tmp_path, net, Schedule(steps=60, warm_up=3))
    list(run.train(Families({Form.QIJUE: [stock]}, batch_characters=28 * 32)))
    with torch.inference_mode():
        torn = np.concatenate((stock[0::2, :14], stock[1::2, 14:]), axis=1)
        true, false = (net(Form.QIJUE, torch.from_numpy(ids))[:, 1] for ids in (stock[0::2], torn))
    assert (true > false).float().mean() > 0.9


def test_lines_that_share_a_character_with_the_poem_are_no_foils() -> None:
    torch.manual_seed(0)
    net = Coherence(CONFIG).eval()
    ids = torch.from_numpy(kin(poems=6))
    before = net.loss(Kindred(Form.QIJUE, ids), 0.0).report
    others = net.loss(Kindred(Form.QIJUE, torch.cat((ids, ids[:1].roll(7, 1)))), 0.0).report
    assert torch.isfinite(others["among"])
    alone = net.loss(Kindred(Form.QIJUE, torch.cat((ids[:1], ids[:1].roll(7, 1)))), 0.0).report
    assert alone["among"] < 1e-3  # nothing to tell it from
    assert before["among"] > 0.1


def test_a_stopped_run_goes_on(tmp_path: Path) -> None:
    fare = Families({Form.QIJUE: [kin()]}, batch_characters=300)
    for steps in (3, 6):
        torch.manual_seed(0)
        run = Run(tmp_path, Coherence(CONFIG), Schedule(steps=steps))
        assert run.resume() == (steps == 6)
        list(run.train(fare))
        assert run.step == steps


def test_the_same_step_gives_the_same_batch_of_one_family() -> None:
    stock = {Form.QIJUE: [kin(), kin() + 1, kin(poems=FEWEST - 1)]}
    one, other = (Families(stock, seed=5) for _ in range(2))
    assert len(one.families) == 2
    for step in (7, 3):
        assert torch.equal(one.batch(step).ids, other.batch(step).ids)
    assert not torch.equal(one.batch(3).ids, one.batch(4).ids)


def test_poems_that_keep_their_form_are_of_one_family_by_scheme_and_rhyme(tmp_path: Path) -> None:
    lines = [POEM[i : i + 7] for i in range(0, 28, 7)]
    other = ["春辭赤帝碧雲間", "萬里江城幾日還", "四岸漁歌聽不盡", "孤舟又過數重山"]
    apart = ["兩個黃鸝鳴翠柳", "一行白鷺上青天", "窗含西嶺千秋雪", "門泊東吳萬里船"]
    broken = [lines[1], lines[0], lines[3], lines[2]]
    write_corpus(tmp_path / "train.jsonl.xz", lines, other, apart, broken)
    vocabulary = Vocabulary.shipped()
    packed = pack(read_poems(tmp_path / "train.jsonl.xz"), vocabulary)
    found = families(packed, Form.QIJUE, vocabulary)
    texts = [{vocabulary.decode(row) for row in family} for family in found]
    assert {POEM, "".join(other)} in texts
    assert {"".join(apart)} in texts
    assert len(texts) == 2


def test_how_often_it_prefers_the_line_that_follows() -> None:
    net = Coherence(CONFIG).eval()
    torch.nn.init.zeros_(net.expected.weight)
    torch.nn.init.zeros_(net.expected.bias)
    assert preferred(net, Form.QIJUE, [kin()]) == 0.5  # it prefers none
    assert preferred(net, Form.QIJUE, [kin(poems=1)]) is None


def test_it_is_kept_as_a_file_and_is_no_critic(tmp_path: Path) -> None:
    (file,) = weights.save(Coherence(CONFIG), tmp_path, "coherence")
    net, digest = weights.load_coherence(file)
    assert net.config == CONFIG
    assert len(digest) == 12
    with pytest.raises(WeightsError, match="coherence net, which writes nothing"):
        weights.load(file)
    with pytest.raises(WeightsError, match="no critic"):
        weights.load_critic(file)
    with pytest.raises(WeightsError, match="no coherence net"):
        weights.load_coherence(weights.shipped("critic"))


def test_a_corpus_with_too_few_of_a_kind_is_named(tmp_path: Path) -> None:
    write_corpus(tmp_path / "train.jsonl.xz", [POEM[i : i + 7] for i in range(0, 28, 7)])
    with pytest.raises(CorpusError, match="one form, scheme and rhyme"):
        train(tmp_path, tmp_path / "run", Schedule(steps=1), "cpu")
