"""The critic reads whole poems and beginnings of every form, and learns from trials that form does not give away."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.vae import small
from tests.vae.test_corpus import write_corpus
from vae import keeping, weights
from vae.corpus import Packed
from vae.criticism import area, areas, train
from vae.errors import CheckpointError, CorpusError, WeightsError
from vae.foils import PARTS, Foils, Models, is_critics, models, of_form, prepared, repeats, swap
from vae.nets.critic import HUMAN, OWN, SWAPPED, Critic, CriticConfig
from vae.poem import Form
from vae.poet import Poet
from vae.prosody.table import classical
from vae.training import CHECKPOINT, Run, Schedule
from vae.trials import Trials, trial
from vae.vocabulary import SPECIAL, Vocabulary

CONFIG = CriticConfig(len(small.VOCABULARY), width=32, layers=2, line_layers=1, heads=2)
POEM = "朝辭白帝彩雲間千里江陵一日還兩岸猿聲啼不住輕舟已過萬重山"


def stock(form: Form = Form.QIJUE, poems: int = 60) -> tuple[Models, Foils]:
    """People write with the upper half of the characters, the poet with the lower; a changed character is the last one."""
    rng = np.random.default_rng(0)
    middle, last = len(small.VOCABULARY) // 2, len(small.VOCABULARY) - 1
    people = np.stack([rng.permutation(np.arange(middle, last))[: form.size] for _ in range(poems)])
    ours = np.stack([rng.permutation(np.arange(SPECIAL, middle))[: form.size] for _ in range(poems)])
    changed = rng.random(people.shape) < 0.2
    return Models(people, np.arange(poems) % 3, ["a", "b", "c"]), Foils(ours, np.where(changed, last, people), changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", Form)
def test_a_verdict_on_the_first_lines_of_any_form(form: Form) -> None:
    critic = Critic(CONFIG).eval()
    for lines in range(1, form.lines + 1):
        told = critic(form, torch.randint(SPECIAL, 300, (3, lines * form.columns)))
        assert told.human.shape == (3,)
        assert told.stands.shape == (3, lines * form.columns)


def test_it_learns_to_tell_people_and_changed_characters(tmp_path: Path) -> None:
    torch.manual_seed(0)
    critic = Critic(CONFIG)
    found, made = stock()
    run = Run(tmp_path, critic, Schedule(steps=40, warm_up=3))
    list(run.train(Trials([(Form.QIJUE, found, made)], batch_characters=600)))
    told = areas(critic, Form.QIJUE, found, made)
    assert told["human"] > 0.95
    assert told["stands"] > 0.9


def test_a_stopped_run_of_the_critic_goes_on(tmp_path: Path) -> None:
    trials = Trials([(Form.QIJUE, *stock())], batch_characters=300)
    for steps in (3, 6):
        torch.manual_seed(0)
        run = Run(tmp_path, Critic(CONFIG), Schedule(steps=steps))
        assert run.resume() == (steps == 6)
        list(run.train(trials))
        assert run.step == steps


def foils_of_one_poem(folder: Path) -> None:
    vocabulary, (_, writer) = Vocabulary.shipped(), weights.load(weights.shipped())
    packed = Packed({Form.QIJUE: vocabulary.encode(POEM)[None]}, Counter())
    assert is_critics(packed.poems[Form.QIJUE]).all()
    for form, count in PARTS.items():
        ids = models(of_form(packed, form), form, vocabulary).ids
        for number in range(count if len(ids) else 0):
            foils = {"own": ids, "swapped": ids, "changed": ids > 99}
            keeping.save(folder / "run" / "foils" / f"{form}-{number}.npz", f"{writer} {len(ids)}", foils)
    write_corpus(folder / "train.jsonl.xz", [POEM[i : i + 7] for i in range(0, 28, 7)])
    write_corpus(folder / "valid.jsonl.xz", ["山山山山山山山"] * 4)


def test_a_critic_goes_on_from_one_that_has_learnt(tmp_path: Path) -> None:
    foils_of_one_poem(tmp_path)
    (file,) = train(tmp_path, tmp_path / "run", Schedule(steps=1).times(0), "cpu", weights.shipped("critic"))
    learnt, of_it = (weights.load_critic(each)[0].state_dict() for each in (weights.shipped("critic"), file))
    assert all(torch.equal(of_it[name], tensor) for name, tensor in learnt.items())
    with pytest.raises(CheckpointError, match="other weights"):
        train(tmp_path, tmp_path / "run", Schedule(steps=2).times(0), "cpu")


def test_a_critic_of_another_flagship_is_not_gone_on_with(tmp_path: Path) -> None:
    foils_of_one_poem(tmp_path)
    for _ in range(2):
        train(tmp_path, tmp_path / "run", Schedule(steps=1), "cpu")
    state = torch.load(tmp_path / "run" / CHECKPOINT)
    state["told"]["begun"] = "another"
    torch.save(state, tmp_path / "run" / CHECKPOINT)
    with pytest.raises(CheckpointError, match="other weights"):
        train(tmp_path, tmp_path / "run", Schedule(steps=1), "cpu")


def test_a_corpus_with_nothing_for_the_critic_is_named(tmp_path: Path) -> None:
    write_corpus(tmp_path / "train.jsonl.xz", ["山山山山山山山"] * 4)
    with pytest.raises(CorpusError, match="regular"):
        train(tmp_path, tmp_path / "run", Schedule(steps=1), "cpu")


def test_it_begins_with_what_the_flagship_knows() -> None:
    flagship = weights.build(small.FLAGSHIP)
    critic = Critic(CONFIG)
    critic.begin_from(flagship)
    assert torch.equal(critic.embedding.weight, flagship.embedding.weight)
    assert torch.equal(critic.encoder.layers[0].conv.weight, flagship.encoder.layers[0].conv.weight)
    other = Critic(CriticConfig(len(small.VOCABULARY), width=16, heads=2))
    other.begin_from(flagship)  # of another shape: it begins afresh


def test_a_critic_is_kept_as_a_file_and_is_no_writer(tmp_path: Path) -> None:
    (file,) = weights.save(Critic(CONFIG), tmp_path, "critic")
    critic, digest = weights.load_critic(file)
    assert critic.config == CONFIG
    assert len(digest) == 12
    with pytest.raises(WeightsError, match="critic"):
        weights.load(file)
    (writer,) = weights.save(weights.build(small.FLAGSHIP), tmp_path, "writer")
    with pytest.raises(WeightsError, match="no critic"):
        weights.load_critic(writer)


def test_the_same_step_gives_the_same_trial() -> None:
    one, other = (Trials([(Form.QIJUE, *stock())], seed=5) for _ in range(2))
    for step in (7, 3):
        assert torch.equal(one.batch(step).ids, other.batch(step).ids)
    assert not torch.equal(one.batch(3).ids, one.batch(4).ids)


def test_a_trial_holds_so_many_of_each_kind_and_shows_their_first_lines() -> None:
    shown = trial(Form.QIJUE, *stock(), (40, 5, 6), 1, np.random.default_rng(0))
    assert shown.ids.shape == shown.changed.shape == (51, 7)
    assert [int((shown.kinds == kind).sum()) for kind in (HUMAN, OWN, SWAPPED)] == [40, 5, 6]
    assert not shown.changed[shown.kinds != SWAPPED].any()


def test_only_regular_poems_stand_beside_ours() -> None:
    vocabulary = Vocabulary.shipped()
    irregular = POEM[0] + POEM[2] + POEM[1] + POEM[3:]
    rows = np.stack([vocabulary.encode(text) for text in (POEM, irregular)])
    found = models(rows, Form.QIJUE, vocabulary)
    assert [vocabulary.decode(row) for row in found.ids] == [POEM]
    assert found.names == [("S3", "刪")]


def test_three_of_four_poems_are_the_critics_whoever_asks() -> None:
    rows = np.random.default_rng(0).integers(2, 6000, (4000, 28)).astype(np.uint16)
    chosen = is_critics(rows)
    assert 0.7 < chosen.mean() < 0.8
    assert (is_critics(rows[::-1])[::-1] == chosen).all()


def test_doubled_characters_repeat_nothing() -> None:
    assert repeats(np.array([[5, 5, 6, 7], [5, 6, 5, 7], [5, 6, 7, 8]])).tolist() == [False, True, False]


def test_a_swap_keeps_line_ends_and_tones() -> None:
    torch.manual_seed(0)
    net = weights.build(small.FLAGSHIP).eval()
    rng = np.random.default_rng(0)
    ids = np.stack([rng.permutation(np.arange(SPECIAL, 302))[:28] for _ in range(20)])
    with torch.inference_mode():
        out, changed = swap(net, small.VOCABULARY, ids, Form.QIJUE, rng)  # type: ignore[arg-type]
    assert changed.any(1).all()
    assert not changed[:, 6::7].any()
    assert ((out != ids) == changed).all()
    table = classical()
    for before, after in zip(ids[changed], out[changed], strict=True):
        shares = [table.level_share(small.VOCABULARY.decode([char])) for char in (before, after)]
        if not 0.15 <= shares[0] <= 0.85:
            assert round(shares[0]) == round(shares[1]) or shares[1] == 0.5


def test_the_area_under_the_curve() -> None:
    low, high = np.array([0.0, 1.0], np.float32), np.array([2.0, 3.0], np.float32)
    assert area(high, low) == 1
    assert area(low, high) == 0
    assert area(low, low) == 0.5


def test_foils_are_ours_and_swapped_poems_of_the_same_form(tmp_path: Path) -> None:
    poet = Poet.load(device="cpu")
    packed = Packed({Form.QIJUE: poet.vocabulary.encode(POEM)[None].astype(np.uint16)}, Counter())
    ((form, found, made),) = prepared(tmp_path, packed, poet, "a net", {Form.QIJUE: 1}, 6)
    assert form is Form.QIJUE
    assert len(models(made.own.astype(np.uint16), form, poet.vocabulary).ids) == len(made.own) == 6
    assert len(made.swapped) == 12
    assert ((made.swapped != found.ids[0]) == made.changed).all()
    assert made.changed.any(1).all()
