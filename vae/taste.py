"""What the marks of candidates weigh: `python -m vae taste` fits it and writes `vae/data/selection.json`.

A held-out poem by a person stands among our own answers to its first line, of the same scheme and rhyme, and the weights
are those under which the person's is the likeliest choice (a conditional logit, McFadden 1974). One half of the poems is
fitted, the other tells how often the person's is chosen. No weight may be negative: a poem must not be chosen for having
less of a mark.

Three marks cannot be fitted so, and keep shares of the choice that were settled by what it looks like from outside (see
ABLATIONS). The gain in likelihood: what we draw from the head of a distribution is likelier than anything a person writes,
and a free fit would choose the least likely candidate for that; but a poem should say what its code says. Coherence: an
answer to a person's first line goes on from it as well as the person did, by that mark, so that it tells nobody's hand; but
readers find poems better that have more of it. Readers' points: they were given to poems of ours, and where a person's stands
among these the reader goes beyond what it was taught.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from vae.criticism import unread
from vae.errors import CorpusError, WishError
from vae.foils import Models, models, of_form
from vae.keeping import written
from vae.nets.flagship import Flagship
from vae.page import Draft
from vae.poem import Form, WriteRequest
from vae.poet import Poet
from vae.selection import MARKS, PLAIN_RULE, Candidates

STEPS, RATE = 600, 0.03
SHARES = {"readers": 0.5, "gain": 0.25, "coherence": 0.25}
"""How much a spread of a mark among candidates weighs beside a spread of the fitted marks' sum."""
RIDGE = 0.01
"""Of the squared weights, the marks being scaled to a spread of 1."""


@dataclass(frozen=True, slots=True)
class Taste:
    """weights: by mark; nats: lost a choice on poems not fitted, by the fitted marks alone; chosen: share of these poems
    where the person's came first; chance, plain: the same of a blind choice, and by the gain alone."""

    weights: dict[str, float]
    nats: float
    chosen: float
    chance: float
    plain: float
    poems: int

    def dump(self, path: Path) -> None:
        """Raises Unwritten."""
        told = {name: round(value, 4) for name, value in self.weights.items()}
        with written(path) as aside:
            aside.write_text(json.dumps({"weights": told}, indent=2) + "\n", encoding="utf-8")


def run(corpus: Path, critic: Path | None, forms: Sequence[Form], poems: int, device: str) -> Taste:
    """The taste that held-out poems of some forms teach. Raises CorpusError, WeightsError."""
    poet = Poet.load(device=device) if critic is None else Poet.load(device=device).judged(critic)
    packed = unread(corpus, poet.vocabulary)
    found = [
        marks
        for form in forms
        for marks in contests(poet, form, models(of_form(packed, form), form, poet.vocabulary), poems)
    ]
    if len(found) < 2:  # one half is fitted, the other marked
        raise CorpusError(path=corpus, reason="it holds too few unread poems of the forms that keep to the patterns")
    return fit(torch.stack(found).cpu())


@torch.inference_mode()
def contests(poet: Poet, form: Form, found: Models, count: int, candidates: int = 16) -> Iterator[Tensor]:
    """For each poem the marks of the person's, then of ours: (1 + candidates, marks)."""
    knobs = dataclasses.replace(poet.knobs, by_couplet=None)
    judge = dataclasses.replace(poet.judge, weights=dict.fromkeys(MARKS, 1.0))
    poet = dataclasses.replace(poet, knobs=knobs, judge=judge)
    for number in range(min(count, len(found.ids))):
        scheme, rhyme = found.names[found.keys[number]]
        first = poet.vocabulary.decode(found.ids[number][: form.columns])
        wish = WriteRequest(
            form=form, seed=first, scheme=scheme, rhyme=rhyme, random_seed=number, candidates=candidates
        )
        try:
            draft, codes, ours = poet.candidates(poet.prepare(wish))
        except WishError:  # a line that does not fit its own scheme by the poet's stricter reading
            continue
        theirs = _reread(poet, draft, torch.from_numpy(found.ids[number])[None].to(poet.device), codes[:1])
        both = [poet.judge.marks(part) for part in (theirs, ours)]
        yield torch.stack([torch.cat([marks[name] for marks in both]) for name in MARKS], dim=1)


def _reread(poet: Poet, draft: Draft, ids: Tensor, code: Tensor) -> Candidates:
    """A poem (1, places) as if we had written it to a draft, with a code (1, latent)."""
    assert isinstance(poet.net, Flagship)
    net = poet.net
    hints = net.hints(draft.form, draft.given[None], draft.tones[None], torch.tensor([draft.rhyme], device=ids.device))
    before = functional.pad(ids[:, :-1], (1, 0))
    log_p = [
        net.characters(net.decode(before, hints, z[:, None])).log_softmax(-1).gather(2, ids[..., None])[..., 0]
        for z in (code, net.no_code[None])
    ]
    alone = torch.zeros(1, dtype=torch.long, device=ids.device)
    return Candidates(draft.form, ids, draft.given[None] == 0, log_p[0], log_p[1], alone)


def fit(marks: Tensor) -> Taste:
    """marks: (poems, 1 + candidates, marks), the person's first."""
    fitted, told = marks[0::2], marks[1::2]
    centred = fitted - fitted.mean(1, keepdim=True)
    spread = centred.flatten(0, 1).std(0).clamp(min=1e-6)
    weights = torch.zeros(len(MARKS), requires_grad=True)
    optimiser = torch.optim.Adam([weights], lr=RATE)
    for _ in range(STEPS):
        loss = _nats(centred / spread, weights) + RIDGE * weights.square().sum()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        with torch.no_grad():
            weights.clamp_(min=0)
            for name in SHARES:
                weights[MARKS.index(name)] = 0
    final = weights.detach() / spread
    nats, chosen = _nats(told, final).item(), _chosen(told, final)
    ours = marks[:, 1:]
    among, fitted = ours.std(1).mean(0).clamp(min=1e-6), (ours @ final).std(1).mean()
    for name, share in SHARES.items():
        final[MARKS.index(name)] = share * fitted / among[MARKS.index(name)]
    # In nats a character, as a blend's leaning is, which must keep its weight beside them.
    final *= among[MARKS.index("gain")] / (ours @ final).std(1).mean().clamp(min=1e-6)
    rule = torch.tensor([PLAIN_RULE.get(name, 0.0) for name in MARKS])
    return Taste(
        weights=dict(zip(MARKS, final.tolist(), strict=True)),
        nats=nats,
        chosen=chosen,
        chance=1 / marks.shape[1],
        plain=_chosen(told, rule),
        poems=len(marks),
    )


def _nats(marks: Tensor, weights: Tensor) -> Tensor:
    return -(marks @ weights).log_softmax(1)[:, 0].mean()


def _chosen(marks: Tensor, weights: Tensor) -> float:
    return ((marks @ weights).argmax(1) == 0).float().mean().item()
