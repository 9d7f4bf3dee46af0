"""The second pass: the chosen poem's lines are written anew, and nothing that was promised is lost."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
import torch

from vae import weights
from vae.errors import OutOfRange
from vae.page import Draft
from vae.poem import REVISIONS, Form, Poem, Recipe, WriteRequest
from vae.poet import Poet
from vae.prosody.check import check
from vae.prosody.table import named
from vae.revising import PROPOSALS, Standing, revised
from vae.sampling import Sampler
from vae.selection import Candidates
from vae.theme import Theme


def nothing(ids: np.ndarray) -> np.ndarray:
    return np.zeros(len(ids), np.float32)


def standing(poet: Poet, request: WriteRequest, lines: int, may_stand=lambda ids: True, wanted=nothing) -> Standing:
    """A poem's first draft, to be revised."""
    draft, codes, found = poet.candidates(poet.prepare(request))
    numbers = torch.rand(lines, PROPOSALS, found.form.size, generator=torch.Generator().manual_seed(1))
    return Standing(draft, found.ids[0].clone(), codes[int(found.code[0])], numbers, may_stand, wanted)


def mark(poet: Poet, poem: Standing, ids: torch.Tensor) -> float:
    found = poet.sampler.read([poem.draft], ids[None, None], poem.code[None])
    return float(poet.judge.for_one.scores(found)[0])


@torch.inference_mode()
def test_what_is_wanted_has_a_say_beside_the_mark(poet: Poet) -> None:
    theme = Theme.of(["邊塞"], poet.vocabulary)
    assert theme is not None
    request = WriteRequest(form=Form.QIJUE, random_seed=5, candidates=2)
    plain, themed = standing(poet, request, 4), standing(poet, request, 4, wanted=lambda ids: 20 * theme.about(ids))
    (without, _), (having, risen) = (revised(poet.sampler, [poem])[0] for poem in (plain, themed))
    begun, without, having = (theme.about(ids.numpy()[None])[0] for ids in (plain.ids, without, having))
    assert having > max(begun, without)
    ((ids, _),) = revised(poet.sampler, [themed])
    assert mark(poet, themed, ids) - mark(poet, themed, themed.ids) == pytest.approx(risen, abs=1e-3)


@pytest.mark.parametrize("form", [Form.WUJUE, Form.QIJUE, Form.WULV])
@torch.inference_mode()
def test_the_mark_rises_by_as_much_as_is_told(poet: Poet, form: Form) -> None:
    poem = standing(poet, WriteRequest(form=form, random_seed=5, candidates=2), 4)
    begun = poem.ids.clone()
    ((ids, risen),) = revised(poet.sampler, [poem])
    assert torch.equal(poem.ids, begun)
    assert risen > 0
    assert mark(poet, poem, ids) - mark(poet, poem, begun) == pytest.approx(risen, abs=1e-3)


@torch.inference_mode()
def test_every_line_has_its_turn_before_any_has_a_second(poet: Poet) -> None:
    opened: list[int] = []

    class Watched(Sampler):
        def drawn(self, drafts: Sequence[Draft], codes: torch.Tensor, uniforms: torch.Tensor) -> Candidates:
            opened.extend(int(draft.given.view(4, -1).eq(0).any(1).nonzero().item()) for draft in drafts)
            return super().drawn(drafts, codes, uniforms)

    watched = Watched(**{field.name: getattr(poet.sampler, field.name) for field in dataclasses.fields(Sampler)})
    revised(watched, [standing(poet, WriteRequest(form=Form.QIJUE, random_seed=5, candidates=2), 8)])
    assert [sorted(opened[:4]), sorted(opened[4:])] == [[0, 1, 2, 3]] * 2


@torch.inference_mode()
def test_nothing_that_may_not_be_handed_over_takes_a_poems_place(poet: Poet) -> None:
    poem = standing(poet, WriteRequest(form=Form.QIJUE, random_seed=5, candidates=2), 4, lambda ids: False)
    ((ids, risen),) = revised(poet.sampler, [poem])
    assert torch.equal(ids, poem.ids)
    assert risen == 0


@torch.inference_mode()
def test_a_poem_is_revised_the_same_alone_and_beside_others(poet: Poet) -> None:
    requests = [
        WriteRequest(form=form, random_seed=i, candidates=3, revisions=i + 1)
        for i, form in enumerate((Form.QIJUE, Form.WUJUE, Form.QIJUE, Form.COUPLET))
    ]
    together = poet.write_all([*requests, WriteRequest(form=Form.QIJUE, random_seed=9, candidates=3)])
    assert together[:4] == [poet.write(request) for request in requests]


def test_poems_of_one_form_are_revised_the_same_alone_and_side_by_side(poet: Poet) -> None:
    requests = [WriteRequest(form=Form.WUJUE, random_seed=i, candidates=2, revisions=4) for i in range(10)]
    assert poet.write_all(requests) == [poet.write(request) for request in requests]


def test_an_ancestor_revises_nothing() -> None:
    ancestor = Poet.load(weights.shipped("ancestor"), device="cpu")
    poem = ancestor.write(WriteRequest(form=Form.WUJUE, random_seed=3, candidates=2, revisions=2))
    assert poem.lines == ancestor.write(WriteRequest(form=Form.WUJUE, random_seed=3, candidates=2)).lines


@pytest.mark.parametrize(
    "request_",
    [
        WriteRequest(seed="床前明月光", form=Form.WULV),
        WriteRequest(form=Form.QIJUE, acrostic="春夏秋冬", rhyme="東"),
        WriteRequest(seed="明月", form=Form.WUJUE, table="modern"),
        WriteRequest(seed="白日依山盡，黃河入海流。欲窮千里目，更上一層樓", form=Form.WUJUE),
    ],
    ids=lambda request: request.seed or request.acrostic,
)
def test_what_was_asked_for_stands(poet: Poet, request_: WriteRequest) -> None:
    plain, again = (
        poet.write(dataclasses.replace(request_, random_seed=3, candidates=3, revisions=lines)) for lines in (0, 6)
    )
    assert again.lines != plain.lines
    assert check(list(again.lines), again.form, named(request_.table)).complies
    if request_.acrostic:
        assert "".join(line[0] for line in again.lines) == request_.acrostic
    if request_.form is Form.WULV:
        assert again.lines[0] == request_.seed
    if request_.seed == "明月":
        assert set(request_.seed) & set("".join(again.lines))


@torch.inference_mode()
def test_a_poem_of_which_nothing_is_open_stays(poet: Poet) -> None:
    poem = standing(poet, WriteRequest(form=Form.WUJUE, random_seed=3, candidates=2), 2)
    given = dataclasses.replace(poem, draft=dataclasses.replace(poem.draft, given=poem.ids.clone()))
    ((ids, risen),) = revised(poet.sampler, [given])
    assert torch.equal(ids, poem.ids)
    assert risen == 0


def test_a_recipe_tells_of_revisions_and_old_ones_keep_their_text(poet: Poet) -> None:
    poem = poet.write(WriteRequest(form=Form.WUJUE, random_seed=3, candidates=2, revisions=2))
    recipe = Recipe.from_json(poem.recipe.to_json())
    assert isinstance(recipe.request, WriteRequest)
    assert poet.write(recipe.request) == poem
    plain: Poem = poet.write(WriteRequest(form=Form.WUJUE, random_seed=3, candidates=2))
    assert "revisions" not in plain.recipe.to_json()


@pytest.mark.parametrize("lines", [REVISIONS[0] - 1, REVISIONS[1] + 1, 10**9])
def test_too_many_revisions_are_refused(poet: Poet, lines: int) -> None:
    with pytest.raises(OutOfRange, match="revisions"):
        poet.prepare(WriteRequest(revisions=lines))
