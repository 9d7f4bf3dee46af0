"""A candidate is chosen by its marks alone, whatever is written beside it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch

from tests.vae import small
from tests.vae.full_disk import files_of_at_most
from tests.vae.test_corpus import QUATRAIN, write_corpus
from vae import taste, weights
from vae.errors import CorpusError, Unwritten
from vae.nets.coherence import Coherence, CoherenceConfig
from vae.nets.critic import Critic, CriticConfig
from vae.nets.reader import Reader, ReaderConfig
from vae.poem import Form
from vae.selection import MARKS, Candidates, Judge
from vae.taste import fit
from vae.vocabulary import SPECIAL
from vae.weights import Judges

CRITIC = CriticConfig(len(small.VOCABULARY), width=32, layers=2, line_layers=1, heads=2)
COHERENCE = CoherenceConfig(len(small.VOCABULARY), width=32, layers=1, line_layers=1, heads=2)
READER = ReaderConfig(width=32)


def candidates(drafts: int, each: int, seed: int = 0) -> Candidates:
    generator = torch.Generator().manual_seed(seed)
    shape = (drafts * each, Form.QIJUE.size)
    written = torch.rand(shape, generator=generator) < 0.8
    chances = (-torch.rand(shape, generator=generator) for _ in range(2))
    ids = torch.randint(SPECIAL, 300, shape, generator=generator)
    return Candidates(Form.QIJUE, ids, written, *chances, code=torch.arange(each).repeat(drafts))


def rows_of(found: Candidates, rows: slice, lines: int = 4) -> Candidates:
    """Some of them, or their first lines."""
    grids = (found.ids, found.written, found.with_code, found.without_code)
    places = lines * found.form.columns
    return Candidates(found.form, *(grid[rows, :places] for grid in grids), code=found.code[rows])


def judge() -> Judge:
    return Judge.of(judges(), dict.fromkeys(MARKS, 0.5))


def judges() -> Judges:
    """Small ones, their weights drawn at random."""
    torch.manual_seed(0)
    nets = Judges(Critic(CRITIC).eval(), Coherence(COHERENCE).eval(), Reader(READER).eval())
    for net in nets:
        for parameter in net.parameters():
            torch.nn.init.normal_(parameter, std=0.2)
    return nets


@pytest.mark.parametrize("lines", [1, 2, 3, 4])
@torch.inference_mode()
def test_a_candidate_is_worth_the_same_alone_and_among_many(lines: int) -> None:
    nets, _ = weights.load_judges(weights.shipped_judges())
    many, chooser = candidates(24, 4), Judge.of(nets, dict.fromkeys(MARKS, 0.5))
    scores = chooser.scores(rows_of(many, slice(None), lines))
    for rows in (slice(0, 1), slice(1, 4), slice(17, 64), slice(90, 96)):
        assert torch.equal(chooser.scores(rows_of(many, rows, lines)), scores[rows])


@torch.inference_mode()
def test_every_weight_has_its_mark() -> None:
    assert set(judge().marks(candidates(1, 4))) == set(MARKS)
    assert set(Judge().weights) <= set(Judge().marks(candidates(1, 4)))


@torch.inference_mode()
def test_the_characters_given_are_not_held_against_a_candidate() -> None:
    found, chooser = candidates(1, 6), judge()
    changed = torch.where(found.written, found.with_code, -99.0)
    again = dataclasses.replace(found, with_code=changed)
    assert torch.equal(chooser.marks(found)["gain"], chooser.marks(again)["gain"])


@torch.inference_mode()
def test_a_poem_that_is_given_whole_has_marks() -> None:
    found = candidates(1, 3)
    whole = dataclasses.replace(found, written=torch.zeros_like(found.written))
    marks = judge().marks(whole)
    assert all(torch.isfinite(values).all() for values in marks.values())


@torch.inference_mode()
def test_what_the_jury_has_said_need_not_be_asked_again() -> None:
    found, chooser = candidates(2, 9), judge()
    some = torch.tensor([0, 7, 17])
    opinion = chooser.opinion(found)
    assert opinion is not None
    assert torch.equal(chooser.scores(found, opinion), chooser.scores(found))
    assert torch.equal(chooser.scores(found.of(some), opinion.of(some)), chooser.scores(found)[some])


@torch.inference_mode()
def test_readers_are_told_how_likely_a_poem_is_without_its_code() -> None:
    found, chooser = candidates(1, 6), judge()
    likelier = dataclasses.replace(found, without_code=found.without_code + 1)
    assert chooser.jury is not None
    difference = chooser.marks(likelier)["readers"] - chooser.marks(found)["readers"]
    assert torch.allclose(difference, chooser.jury.reader.fluency, atol=1e-4)


@torch.inference_mode()
def test_of_couplets_readers_are_told_nothing_else_since_none_was_read() -> None:
    found, chooser = candidates(1, 6), judge()
    couplets = dataclasses.replace(rows_of(found, slice(None), Form.COUPLET7.lines), form=Form.COUPLET7)
    assert chooser.jury is not None
    assert torch.equal(chooser.marks(couplets)["readers"], chooser.jury.reader.fluency * couplets.fluency)


@torch.inference_mode()
def test_where_one_poem_gets_all_care_readers_have_more_say_beside_the_others() -> None:
    weights_ = judge().for_one.weights
    assert weights_["readers"] > judge().weights["readers"]
    assert all(weights_[name] < judge().weights[name] for name in MARKS if name != "readers")


@torch.inference_mode()
def test_among_few_of_the_longest_form_readers_have_half_a_say() -> None:
    base = judge().weights
    for form in Form:
        weights_ = judge().among_few(form).weights
        assert weights_["readers"] == base["readers"] * (0.5 if form is Form.QILV else 1)
        assert {name: each for name, each in weights_.items() if name != "readers"} == {
            name: each for name, each in base.items() if name != "readers"
        }


def test_what_the_marks_weigh_has_a_digest_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    before = judge().digest
    assert judge().digest == before
    assert dataclasses.replace(judge(), weights={"gain": 2.0}).digest != before
    monkeypatch.setattr("vae.selection.READERS_AMONG_FEW", {Form.QILV: 0.25})
    assert judge().digest != before


def test_lines_of_like_images_hang_together() -> None:
    found, chooser = candidates(1, 32), judge()
    again = found.ids[:, : found.form.columns].repeat(1, found.form.lines)
    alike = dataclasses.replace(found, ids=again)
    assert (chooser.marks(alike)["thread"] > chooser.marks(found)["thread"]).all()


def test_equals_are_worth_the_same() -> None:
    found = candidates(1, 1)
    grids = (found.ids, found.written, found.with_code, found.without_code)
    twice = Candidates(found.form, *(grid.repeat(3, 1) for grid in grids), code=found.code.repeat(3))
    with torch.inference_mode():
        assert len(set(judge().scores(twice).tolist())) == 1


def test_the_fit_finds_the_mark_that_tells_and_never_weighs_one_backwards() -> None:
    generator = torch.Generator().manual_seed(0)
    marks = torch.randn(80, 9, len(MARKS), generator=generator)
    marks[:, 0, MARKS.index("human")] += 3
    marks[:, 0, MARKS.index("gain")] -= 1
    found = fit(marks)
    assert found.weights["human"] > 0.5
    assert found.weights["gain"] > 0
    assert found.weights["readers"] > 0
    assert all(weight >= 0 for weight in found.weights.values())
    assert found.chosen > found.chance
    assert found.plain < found.chance


def test_a_fit_that_cannot_be_written_leaves_the_last_one(tmp_path: Path) -> None:
    found = fit(torch.randn(8, 3, len(MARKS), generator=torch.Generator().manual_seed(0)))
    path = tmp_path / "rule.json"
    found.dump(path)
    before = path.read_text()
    assert json.loads(before)["weights"].keys() == set(MARKS)
    with files_of_at_most(10), pytest.raises(Unwritten, match=r"rule\.json"):
        found.dump(path)
    assert path.read_text() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_corpus_with_too_little_to_choose_among_is_named(tmp_path: Path) -> None:
    for part in ("train", "valid"):
        write_corpus(tmp_path / f"{part}.jsonl.xz", QUATRAIN)
    with pytest.raises(CorpusError, match="too few"):
        taste.run(tmp_path, None, [Form.WUJUE], 8, "cpu")
