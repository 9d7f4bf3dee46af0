"""Candidates keep to their masks whatever the net thinks, and to their own random numbers whatever is written beside."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vae import small
from tests.vae.test_selection import judges
from vae import weights
from vae.lexicon import Lexicon
from vae.nets.batch import FREE, RHYME
from vae.nets.flagship import Flagship
from vae.page import Draft
from vae.poem import Form
from vae.sampling import COPIES, Knobs, Sampler
from vae.selection import MARKS, Judge
from vae.vocabulary import SPECIAL

SIZE = len(small.VOCABULARY)
KNOBS = Knobs(by_couplet=4)
WORDS = torch.rand(SIZE, SIZE, generator=torch.Generator().manual_seed(0)) < 0.5
LEXICON = Lexicon.of(WORDS, torch.arange(SIZE))


@pytest.fixture(scope="module", params=[small.ANCESTOR, small.FLAGSHIP], ids=lambda config: config.kind)
def net(request: pytest.FixtureRequest) -> weights.Net:
    torch.manual_seed(0)
    built = weights.build(request.param).eval()
    for parameter in built.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return built


def draft(form: Form, seed: int, share: float = 0.3, given: tuple[int, ...] = ()) -> Draft:
    generator = torch.Generator().manual_seed(seed)
    allowed = torch.rand(form.size, SIZE, generator=generator) < share
    allowed[:, :SPECIAL] = False
    allowed[:, SPECIAL] |= ~allowed.any(1)
    stands = torch.zeros(form.size, dtype=torch.long)
    for i, place in enumerate(given):
        stands[place] = 10 + i
    return Draft(form, allowed, stands, torch.full((form.size,), FREE), 0)


def asking(form: Form, seed: int) -> Draft:
    """A draft that asks for all that can be asked."""
    plain, generator = draft(form, seed, given=(seed % form.size,)), torch.Generator().manual_seed(seed)
    tones = torch.where(torch.arange(form.size) % form.columns == form.columns - 1, RHYME, FREE)
    favour = torch.rand(form.lines, SIZE, generator=generator) * 3 if seed % 3 else None
    return dataclasses.replace(plain, tones=tones, rhyme=1 + seed % 30, heat=0.5 + seed % 4 / 2, favour=favour)


def numbers(form: Form, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(4, 8, generator=generator), torch.rand(4, form.size, generator=generator)


@torch.inference_mode()
def write(net: weights.Net, drafts: list[Draft], seeds: list[int]) -> list[list[int]]:
    drawn = [numbers(each.form, seed) for each, seed in zip(drafts, seeds, strict=True)]
    codes, uniforms = zip(*drawn, strict=True)
    return [ids.tolist() for ids in Sampler(net, LEXICON, KNOBS).write(drafts, torch.stack(codes), uniforms)]


@pytest.mark.parametrize("form", Form)
@given(seed=st.integers(0, 10_000), share=st.floats(0.005, 1))
@settings(max_examples=8, deadline=None)
def test_every_character_is_one_that_may_stand_there(net, form: Form, seed: int, share: float) -> None:
    asked = draft(form, seed, share, given=(0, form.size - 1))
    (ids,) = write(net, [asked], [seed])
    for place, character in enumerate(ids):
        if asked.given[place]:
            assert character == asked.given[place]
        else:
            assert asked.allowed[place, character]


@pytest.mark.parametrize("form", Form)
def test_no_character_comes_twice_but_doubled(net, form: Form) -> None:
    (ids,) = write(net, [draft(form, 1, share=1.0)], [1])
    for place, character in enumerate(ids):
        if character in ids[:place]:
            assert ids[place - 1] == character
            assert place % form.columns > 0
    (lone,) = write(net, [draft(form, 2, share=1.0, given=(3,))], [2])
    assert lone.count(10) == 1


def test_characters_that_look_alike_in_simplified_count_as_one(net) -> None:
    form = Form.WUJUE
    asked = draft(form, 4, share=1.0)
    twins = Lexicon.of(torch.zeros_like(WORDS), torch.arange(SIZE) // 2)
    codes, uniforms = numbers(form, 4)
    with torch.inference_mode():
        (ids,) = Sampler(net, twins, KNOBS).write([asked], codes[None], [uniforms])
    assert len(set((ids // 2).tolist())) == form.size


def test_rhyme_words_are_never_doubled(net) -> None:
    form = Form.QIJUE
    asked = draft(form, 3, share=1.0)
    ends = [6, 13, 27]
    asked.tones[ends] = RHYME
    words = torch.zeros(SIZE, dtype=torch.bool)
    words[SPECIAL : SPECIAL + 4] = True
    asked.allowed[ends] = words
    for seed in range(20):
        (ids,) = write(net, [asked], [seed])
        assert len({ids[end] for end in ends}) == 3


@pytest.mark.parametrize("form", Form)
def test_a_poem_is_the_same_alone_and_in_a_batch(net, form: Form) -> None:
    drafts = [draft(form, seed, given=(seed,)) for seed in range(5)]
    together = write(net, drafts, [7, 8, 9, 10, 11])
    alone = [write(net, [one], [seed])[0] for one, seed in zip(drafts, [7, 8, 9, 10, 11], strict=True)]
    assert together == alone


@given(forms=st.lists(st.sampled_from(Form), min_size=2, max_size=40), seed=st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_a_poem_is_the_same_beside_poems_of_other_forms(net, forms: list[Form], seed: int) -> None:
    seeds = [seed + i for i in range(len(forms))]
    drafts = [asking(form, at) for form, at in zip(forms, seeds, strict=True)]
    together = write(net, drafts, seeds)
    assert together == [write(net, [one], [at])[0] for one, at in zip(drafts, seeds, strict=True)]


@pytest.fixture(scope="module")
def flagship() -> Flagship:
    torch.manual_seed(0)
    built = weights.build(small.FLAGSHIP).eval()
    for parameter in built.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    assert isinstance(built, Flagship)
    return built


@torch.inference_mode()
def test_many_candidates_go_on_from_the_best_beginnings_and_tell_from_which_code(flagship) -> None:
    net = flagship
    form, each = Form.WULV, 16
    asked = draft(form, 5, share=1.0)
    generator = torch.Generator().manual_seed(5)
    codes, uniforms = torch.randn(each, 8, generator=generator), torch.rand(each, form.size, generator=generator)
    sampler = Sampler(net, LEXICON, dataclasses.replace(KNOBS, by_couplet=each), Judge(weights={"gain": 1.0}))
    ((ids, marks, code),) = sampler.ranked([asked], codes[None], [uniforms])
    plain = Sampler(net, LEXICON, dataclasses.replace(KNOBS, by_couplet=None), Judge(weights={"gain": 1.0}))
    ((first, _, own),) = plain.ranked([asked], codes[None], [uniforms])
    assert own.tolist() == list(range(each))
    couplet = 2 * form.columns
    begun = {tuple(row) for row in ids[:, :couplet]}
    assert len(begun) <= each // COPIES
    assert begun <= {tuple(row) for row in first[:, :couplet]}
    for row, number in zip(ids, code, strict=True):
        assert tuple(row[:couplet]) == tuple(first[number, :couplet])
    assert len({tuple(row) for row in ids}) > len(begun)  # the copies part
    assert len(marks) == each


@torch.inference_mode()
def test_a_couplet_that_was_given_is_not_chosen_by(flagship) -> None:
    net = flagship
    form, each = Form.WUJUE, 16
    asked = draft(form, 6, share=1.0, given=tuple(range(2 * form.columns)))
    generator = torch.Generator().manual_seed(6)
    codes, uniforms = torch.randn(each, 8, generator=generator), torch.rand(each, form.size, generator=generator)
    found = [
        Sampler(net, LEXICON, dataclasses.replace(KNOBS, by_couplet=by)).ranked([asked], codes[None], [uniforms])
        for by in (each, None)
    ]
    ((some, _, code),), ((others, _, _),) = found
    assert code.tolist() == list(range(each))
    assert (some == others).all()


@pytest.mark.parametrize("each", [8, 40])
@torch.inference_mode()
def test_what_goes_on_is_written_from_its_own_code_and_characters(flagship, each: int) -> None:
    """The chances told are those of the whole poem read at once with the code that is named."""
    form = Form.WULV
    generator = torch.Generator().manual_seed(7)
    codes, uniforms = torch.randn(each, 8, generator=generator), torch.rand(each, form.size, generator=generator)
    sampler = Sampler(flagship, LEXICON, dataclasses.replace(KNOBS, by_couplet=each), Judge(weights={"gain": 1.0}))
    asked = draft(form, 7, share=1.0)
    found = sampler.candidates([asked], codes[None], [uniforms])
    assert len(set(found.code.tolist())) < each
    told = (asked.given[None], asked.tones[None], torch.tensor([asked.rhyme]))
    hints = flagship.hints(form, *(part.expand(each, *part.shape[1:]) for part in told))
    before = torch.nn.functional.pad(found.ids[:, :-1], (1, 0))
    scores = flagship.characters(flagship.decode(before, hints, codes[found.code][:, None]))
    log_p = scores.float().log_softmax(-1).gather(2, found.ids[..., None])[..., 0]
    assert (log_p - found.with_code).abs().max() < 0.02


@pytest.mark.parametrize(("each", "read"), [(3, 3), (16, 4), (40, 10)])
@torch.inference_mode()
def test_the_best_are_read_without_their_code_and_the_others_stay_behind(flagship, each: int, read: int) -> None:
    form, judge = Form.WUJUE, Judge(weights={"gain": 1.0})
    generator = torch.Generator().manual_seed(8)
    codes, uniforms = torch.randn(each, 8, generator=generator), torch.rand(each, form.size, generator=generator)
    sampler = Sampler(flagship, LEXICON, dataclasses.replace(KNOBS, by_couplet=None), judge)
    wish = [draft(form, 8, share=1.0)], codes[None], [uniforms]
    ((ids, marks, _),) = sampler.ranked(*wish)
    found = sampler.candidates(*wish)
    assert (found.ids.numpy() == ids).all()
    known = judge.scores(dataclasses.replace(found, without_code=found.with_code)).numpy()
    best = sorted(range(each), key=lambda i: -known[i])
    assert marks[best[:read]] == pytest.approx(judge.scores(found).numpy()[best[:read]], abs=1e-3)
    assert all(marks[i] <= marks[best[:read]].min() for i in best[read:])
    assert [marks[i] for i in best[read:]] == sorted((marks[i] for i in best[read:]), reverse=True)


@torch.inference_mode()
def test_among_many_candidates_readers_have_more_say(flagship) -> None:
    form, each = Form.COUPLET, 12  # no choice on the way
    judge = Judge.of(judges(), dict.fromkeys(MARKS, 0.5))
    generator = torch.Generator().manual_seed(9)
    codes, uniforms = torch.randn(each, 8, generator=generator), torch.rand(each, form.size, generator=generator)
    for by_couplet, by in ((each + 1, judge), (each, judge.for_one)):
        sampler = Sampler(flagship, LEXICON, dataclasses.replace(KNOBS, by_couplet=by_couplet), judge)
        wish = [draft(form, 9, share=1.0)], codes[None], [uniforms]
        ((_, marks, _),) = sampler.ranked(*wish)
        scores = by.scores(sampler.candidates(*wish)).numpy()
        assert sum(abs(marks - scores) < 1e-3) >= 4


@torch.inference_mode()
def test_poems_of_two_forms_are_marked_side_by_side_as_alone(flagship) -> None:
    each, forms = 9, (Form.WUJUE, Form.QIJUE, Form.WUJUE)
    generator = torch.Generator().manual_seed(10)
    drafts = [draft(form, number, share=1.0) for number, form in enumerate(forms)]
    codes = torch.randn(len(forms), each, 8, generator=generator)
    uniforms = [torch.rand(each, form.size, generator=generator) for form in forms]
    sampler = Sampler(flagship, LEXICON, KNOBS, Judge.of(judges(), dict.fromkeys(MARKS, 0.5)))
    together = sampler.ranked(drafts, codes, uniforms)
    for i, (ids, marks, _) in enumerate(together):
        ((own, alone, _),) = sampler.ranked([drafts[i]], codes[i, None], [uniforms[i]])
        assert (ids == own).all()
        assert marks == pytest.approx(alone, abs=1e-3)
