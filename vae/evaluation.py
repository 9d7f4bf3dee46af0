"""What a net is worth on poems it has not read: `python -m vae evaluate`.

Definitions. Nats are per character, natural logarithms; nothing is told to the net but the form.
- given z: -log p(x | z), z drawn from q(z | x); another's z: z drawn from the posterior of another poem; the gap between
  the two is how much the code says. without z: the decoder with its code hidden (the ancestor has no such mode).
- kl: KL(q(z | x) || N(0, I)) of a whole poem, in nats; active: units of the code whose mean varies by more than 0.01.
- rebuilt: share of characters found again when the likeliest is written from mu, place by place (flagship: each after the
  ones written before).
- words: the weight of known words (`vae.sampling.Knobs.word_weight`) that makes held-out poems likeliest given z.
- elbo: given z + kl / characters, an upper bound of -log p(x).
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from vae.corpus import pack, read_poems
from vae.lexicon import Lexicon, within_foot
from vae.nets.ancestor import Ancestor
from vae.nets.layers import kl_divergence, reparameterise
from vae.poem import Form
from vae.script import normalise
from vae.vocabulary import Vocabulary
from vae.weights import Net

WORD_WEIGHTS = tuple(i / 4 for i in range(17))
SLICE = 64
"""Poems scored at a time."""


@dataclass(frozen=True, slots=True)
class Score:
    """One row of the table; the module's docstring defines the columns."""

    form: Form
    poems: int
    given_z: float
    others_z: float
    without_z: float | None
    kl: float
    active: int
    rebuilt: float
    words: float
    elbo: float


def held_out(corpus: Path, vocabulary: Vocabulary) -> dict[Form, Tensor]:
    """Poems of the validation part that share no two lines with the training part, as ids (poems, form.size).

    Raises CorpusError.
    """
    seen: set[str] = set()
    for poem in read_poems(corpus / "train.jsonl.xz"):
        seen.update(map(normalise, poem.lines))
    packed = pack(read_poems(corpus / "valid.jsonl.xz"), vocabulary, seen)
    return {form: torch.from_numpy(rows.astype(np.int64)) for form, rows in packed.poems.items()}


@torch.inference_mode()
def score(net: Net, lexicon: Lexicon, form: Form, ids: Tensor) -> Score:
    """Marks a net on poems (poems, form.size) of a form."""
    torch.manual_seed(0)
    mu, logvar = net.encode(form, ids)
    z = reparameterise(mu, logvar)
    given, others = _nats(net, form, ids, z), _nats(net, form, ids, z.roll(1, 0))
    without = None if isinstance(net, Ancestor) else _nats(net, form, ids, net.no_code.expand_as(z))
    kl = kl_divergence(mu, logvar).sum(-1).mean().item()
    rebuilt = (_likeliest(net, form, mu) == ids).float().mean().item()
    active = int((mu.var(0) > 0.01).sum())
    words = _word_weight(net, lexicon, form, ids[: 2 * SLICE], z)
    return Score(form, len(ids), given, others, without, kl, active, rebuilt, words, given + kl / form.size)


def _nats(net: Net, form: Form, ids: Tensor, z: Tensor) -> float:
    total = 0.0
    for poems, codes in zip(_slices(ids), _slices(z), strict=True):
        logits = _scores(net, form, poems, codes)
        total += functional.cross_entropy(logits.flatten(0, 1), poems.flatten(), reduction="sum").item()
    return total / ids.numel()


def _word_weight(net: Net, lexicon: Lexicon, form: Form, ids: Tensor, z: Tensor) -> float:
    """The weight, of a grid, under which the characters within feet are likeliest."""
    places = [place for place in range(form.size) if within_foot(place % form.columns, form.columns)]
    totals = torch.zeros(len(WORD_WEIGHTS))
    for poems, codes in zip(_slices(ids), _slices(z[: len(ids)]), strict=True):
        logits = _scores(net, form, poems, codes)[:, places]
        words = lexicon.words(poems[:, [place - 1 for place in places]])  # (poems, places, vocabulary)
        for i, weight in enumerate(WORD_WEIGHTS):
            weighed = (logits + weight * words).log_softmax(-1)
            totals[i] += weighed.gather(2, poems[:, places, None]).sum()
    return WORD_WEIGHTS[int(totals.argmax())]


def _slices(rows: Tensor) -> list[Tensor]:
    return [rows[start : start + SLICE] for start in range(0, len(rows), SLICE)]


def _scores(net: Net, form: Form, ids: Tensor, z: Tensor) -> Tensor:
    """(poems, places, vocabulary) unnormalised log probabilities, told nothing but the form."""
    if isinstance(net, Ancestor):
        return net.logits(form, z)
    nothing = torch.zeros_like(ids)
    hints = net.hints(form, nothing, nothing, nothing[:, 0])
    return net.characters(net.decode(functional.pad(ids[:, :-1], (1, 0)), hints, z[:, None]))


def _likeliest(net: Net, form: Form, mu: Tensor) -> Tensor:
    """(poems, form.size) the likeliest character at each place."""
    if isinstance(net, Ancestor):
        return torch.cat([net.logits(form, codes).argmax(-1) for codes in _slices(mu)])
    nothing = torch.zeros(len(mu), form.size, dtype=torch.long)
    hints = net.hints(form, nothing, nothing, nothing[:, 0])
    cache = net.new_cache(len(mu), form.size)
    ids = [nothing[:, :1]]
    for place in range(form.size):
        hidden = net.decode(ids[-1], hints[:, place : place + 1], mu[:, None], cache)
        ids.append(net.characters(hidden).argmax(-1))
    return torch.cat(ids[1:], 1)


def table(name: str, model: str, scores: list[Score], as_json: bool) -> str:
    """The rows as text, or as a JSON object a line."""
    rows = [{"net": name, "model": model} | dataclasses.asdict(row) for row in scores]
    if as_json:
        return "\n".join(json.dumps(row) for row in rows)
    head = [column for column in rows[0] if column not in ("net", "model")]
    cells = [head] + [[_cell(row[column]) for column in head] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    return "\n".join([f"{name} ({model})", *lines])


def _cell(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else "-" if value is None else str(value)
