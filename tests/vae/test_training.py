"""Training goes on after a stop as if there had been none, and loses no good checkpoint."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from tests.vae import small
from tests.vae.full_disk import files_of_at_most
from tests.vae.test_corpus import QUATRAIN, write_corpus
from vae import weights
from vae.apprenticeship import course, fit_codes, packed_corpus, train
from vae.corpus import Packed
from vae.diet import Diet
from vae.errors import CheckpointError, CorpusError, Diverged, UnknownChoice
from vae.nets.alone import SUMMED
from vae.nets.flagship import Flagship
from vae.poem import Form
from vae.prosody.table import classical
from vae.training import CHECKPOINT, LOG, Run, Schedule
from vae.vocabulary import Vocabulary

CONFIGS = [small.ANCESTOR, small.FLAGSHIP]


def new_run(folder: Path, config=small.FLAGSHIP, steps: int = 12) -> Run:
    torch.manual_seed(0)
    return Run(folder, weights.build(config), Schedule(steps=steps, warm_up=4))


def losses(run: Run, diet: Diet, stop: int | None = None) -> Iterator[tuple[int, dict[str, float]]]:
    for report in run.train(diet, every=0):
        yield report.step, report.losses
        if report.step == stop:
            return


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.kind)
def test_a_run_that_was_stopped_goes_on_along_the_same_curve(tmp_path: Path, config) -> None:
    unbroken = dict(losses(new_run(tmp_path / "a", config), small.diet()))
    first = new_run(tmp_path / "b", config)
    begun = dict(losses(first, small.diet(), stop=5))
    first.save()
    second = new_run(tmp_path / "b", config)
    assert second.resume()
    ended = dict(losses(second, small.diet()))
    assert begun | ended == unbroken
    assert set(begun) | set(ended) == set(range(1, 13))


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.kind)
def test_a_net_learns(tmp_path: Path, config) -> None:
    torch.manual_seed(0)
    run = Run(tmp_path, weights.build(config), Schedule(steps=150, warm_up=10))
    curve = [loss["nats"] for _, loss in losses(run, small.diet(forms=(Form.WUJUE,), poems=10))]
    assert sum(curve[-10:]) < sum(curve[:10]) * 0.9


def test_pairs_that_nobody_meets_are_forgotten_and_nothing_else_is(tmp_path: Path) -> None:
    def learnt(decay: float) -> tuple[torch.Tensor, torch.Tensor]:
        torch.manual_seed(0)
        net = weights.build(small.FLAGSHIP)
        assert isinstance(net, Flagship)
        before = [table.detach().clone() for table in net.pairs.weights]
        run = Run(
            tmp_path / str(decay), net, Schedule(steps=20, warm_up=1, adam_rate=0.01, pair_decay=decay, average=0.0)
        )
        # A poem of one character meets two rows of each table at most: after nothing, and after itself.
        packed = Packed({Form.WUJUE: np.full((4, Form.WUJUE.size), 7, np.uint16)}, Counter())
        list(run.train(Diet(packed, small.VOCABULARY, classical(), shares={Form.WUJUE: 1.0}, batch_characters=40)))
        kept = [now.norm(dim=1) / then.norm(dim=1) for now, then in zip(net.pairs.weights, before, strict=True)]
        return torch.cat(kept), net.embedding.weight.detach()[8:]

    kept, strangers = learnt(0.0)
    decayed, others = learnt(5.0)
    assert (kept == 1).sum() >= len(kept) - 8
    assert (decayed < 0.8).sum() >= len(kept) - 8
    assert torch.allclose(strangers, others, atol=0.05)


def test_every_report_is_a_line_of_json(tmp_path: Path) -> None:
    reports = list(losses(new_run(tmp_path, steps=3), small.diet()))
    lines = [json.loads(line) for line in (tmp_path / LOG).read_text(encoding="utf-8").splitlines()]
    assert [(line["step"], line["losses"]) for line in lines] == reports
    assert lines[-1]["progress"] == 1


def test_a_run_of_minutes_ends_annealed(tmp_path: Path) -> None:
    torch.manual_seed(0)
    run = Run(tmp_path, weights.build(small.ANCESTOR), Schedule(minutes=0.01, warm_up=1))
    *_, last = run.train(small.diet(), every=1000)
    assert last.progress == 1
    assert 0.6 <= last.seconds < 6
    assert run.optimisers[0].param_groups[0]["lr"] < 0.01


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 cut off"])
def test_a_damaged_checkpoint_is_named_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CHECKPOINT).write_bytes(content)
    with pytest.raises(CheckpointError, match=r"checkpoint\.pt"):
        new_run(tmp_path).resume()
    assert (tmp_path / CHECKPOINT).read_bytes() == content


def test_a_checkpoint_of_another_net_is_refused(tmp_path: Path) -> None:
    new_run(tmp_path, small.ANCESTOR).save()
    with pytest.raises(CheckpointError, match="another net"):
        new_run(tmp_path, small.FLAGSHIP).resume()


def test_a_checkpoint_of_another_seed_is_refused(tmp_path: Path) -> None:
    new_run(tmp_path).save()
    torch.manual_seed(0)
    other = Run(tmp_path, weights.build(small.FLAGSHIP), Schedule(steps=12, seed=1))
    with pytest.raises(CheckpointError, match="random seed 0"):
        other.resume()


def test_a_checkpoint_of_other_learning_rates_is_refused(tmp_path: Path) -> None:
    Run(tmp_path, weights.build(small.FLAGSHIP), Schedule(steps=12).times(0.8)).save()
    with pytest.raises(CheckpointError, match=r"begun at 0\.8 times"):
        Run(tmp_path, weights.build(small.FLAGSHIP), Schedule(steps=12).times(0.5)).resume()
    assert Run(tmp_path, weights.build(small.FLAGSHIP), Schedule(steps=20).times(0.8)).resume()


@pytest.mark.parametrize(("first", "then", "fits"), [("a", "a", True), ("a", "b", False), (None, "b", True)])
def test_a_run_goes_on_from_no_other_beginning_that_is_known(
    tmp_path: Path, first: str | None, then: str, fits: bool
) -> None:
    Run(tmp_path, weights.build(small.FLAGSHIP), Schedule(steps=12), begun=first).save()
    again = Run(tmp_path, weights.build(small.FLAGSHIP), Schedule(steps=12), begun=then)
    if fits:
        assert again.resume()
    else:
        with pytest.raises(CheckpointError, match="other weights"):
            again.resume()


def test_training_from_other_weights_is_not_gone_on_with(tmp_path: Path) -> None:
    write_corpus(tmp_path / "train.jsonl.xz", QUATRAIN)
    begins: list[Path | None] = [None]
    for seed in (1, 2):
        torch.manual_seed(seed)
        begins += weights.save(weights.build(course("couplet", Vocabulary.shipped()).config), tmp_path, f"net{seed}")
    for number, begin in enumerate(begins):
        folder = tmp_path / f"run{number}"
        train("couplet", tmp_path, folder, Schedule(steps=1), "cpu", begin)
        train("couplet", tmp_path, folder, Schedule(steps=1), "cpu", begin)
        with pytest.raises(CheckpointError, match="other weights"):
            train("couplet", tmp_path, folder, Schedule(steps=1), "cpu", begins[number - 1])


def _with(**changes: object) -> Callable[[dict[str, Any]], object]:
    return lambda state: state | changes


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda state: [state],
        lambda state: {},
        _with(told=3),
        _with(told={}),
        lambda state: state | {"told": state["told"] | {"schedule": None}},
        _with(step="x"),
        _with(weights={}),
        _with(weights=None),
        _with(average={"n_averaged": torch.zeros(())}),
        _with(optimisers=[]),
        _with(optimisers=[{}, {}]),
        _with(optimisers=[None, None]),
    ],
)
def test_a_checkpoint_that_holds_something_else_is_one_clear_error(
    tmp_path: Path, spoilt: Callable[[dict[str, Any]], object]
) -> None:
    new_run(tmp_path).save()
    torch.save(spoilt(torch.load(tmp_path / CHECKPOINT)), tmp_path / CHECKPOINT)
    with pytest.raises(CheckpointError, match="it is damaged") as caught:
        new_run(tmp_path).resume()
    assert len(str(caught.value).splitlines()) == 1


def test_a_run_that_diverges_reports_and_saves_no_more(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    list(losses(run, small.diet(), stop=5))
    run.save()
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with torch.no_grad():
        run.net.embedding.weight.fill_(torch.nan)
    with pytest.raises(Diverged, match=rf"step 6 its nats.*{CHECKPOINT} is from before"):
        list(run.train(small.diet(), every=0, save_every=0))
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_weights_that_a_sound_loss_has_spoilt_are_not_saved(tmp_path: Path) -> None:
    run = new_run(tmp_path, steps=1)
    next(run.net.parameters()).register_hook(lambda gradient: gradient * torch.inf)
    with pytest.raises(Diverged, match=r"its weights.*no checkpoint yet"):
        list(run.train(small.diet()))
    assert not list(tmp_path.iterdir())


def test_another_corpus_of_the_same_length_is_read_anew(tmp_path: Path) -> None:
    vocabulary, console = Vocabulary.shipped(), Console(quiet=True)
    path = tmp_path / "train.jsonl.xz"
    for lines in (QUATRAIN, QUATRAIN[::-1]):
        size = write_corpus(path, lines).stat().st_size
        read = packed_corpus(path, tmp_path, vocabulary, console).poems[Form.WUJUE][0]
        assert vocabulary.decode(read) == "".join(lines)
        assert size == write_corpus(tmp_path / "other.xz", QUATRAIN).stat().st_size


def test_a_corpus_without_a_form_that_a_net_is_taught_is_named(tmp_path: Path) -> None:
    write_corpus(tmp_path / "train.jsonl.xz", ["朝辭白帝彩雲間", "千里江陵一日還"])
    with pytest.raises(CorpusError, match="no poem of a form"):
        train("couplet", tmp_path, tmp_path / "run", Schedule(steps=1), "cpu")


def test_a_checkpoint_that_cannot_be_written_leaves_the_last_one(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    run.save()
    before = (tmp_path / CHECKPOINT).read_bytes()
    with files_of_at_most(10_000), pytest.raises(CheckpointError, match="cannot be written"):
        run.save()
    assert (tmp_path / CHECKPOINT).read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [CHECKPOINT]


def test_a_fresh_folder_has_nothing_to_go_on_from(tmp_path: Path) -> None:
    assert not new_run(tmp_path / "none").resume()


def test_courses_have_names() -> None:
    vocabulary = Vocabulary.shipped()
    assert course("couplet", vocabulary).config.latent == course("couplet", vocabulary).config.width == 64
    with pytest.raises(UnknownChoice, match="flagship"):
        course("oracle", vocabulary)


def test_the_large_net_may_ship_and_stands_alone_as_the_small_one_does() -> None:
    config = course("large", Vocabulary.shipped()).config
    with torch.device("meta"):
        net = weights.build(config)
    assert sum(tensor.numel() for tensor in net.state_dict().values()) < 30e6  # a byte each, or hardly more
    assert config.width <= SUMMED


def test_codes_are_fitted_to_the_forms_that_were_read(tmp_path: Path) -> None:
    net = weights.build(small.ANCESTOR)
    fit_codes(net, small.diet(forms=(Form.WUJUE,)), "cpu")
    fitted = net.codes.spread[list(Form).index(Form.WUJUE)]
    assert not torch.equal(fitted, torch.eye(8))
    assert torch.equal(net.codes.spread[list(Form).index(Form.QILV)], torch.eye(8))
