"""What the critic learns from: poems of its own part of the corpus, and what must be told from them.

The critic's part is three of four poems of the training part, by a checksum; held-out poems are never read here, so that
who marks with them may mark the critic too. Nothing of form may give an answer away: of people's poems
only those are read whose every line has the regular pattern and that repeat no character, since ours are such.

Foils. Ours: single candidates of the poet, some unseeded, some in answer to a poem of the critic's part (to its code, with
its rhyme and scheme), some going on from its first line. Swapped: a few characters changed for ones that the flagship holds
likely there with all others seen, of the same tone.
"""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from vae import keeping
from vae.corpus import Packed
from vae.diet import Tones
from vae.errors import WishError
from vae.nets.batch import FREE, LEVEL, OBLIQUE
from vae.nets.flagship import Flagship
from vae.poem import Form, WriteRequest
from vae.poet import ROWS, Poet, Prepared
from vae.prosody.check import check
from vae.prosody.rules import fits, variants
from vae.prosody.table import RhymeTable, classical
from vae.script import normalise
from vae.training import autocast
from vae.vocabulary import SPECIAL, Vocabulary

PART = 512
"""Foils of each kind in one file: what a stop can cost."""
PARTS: dict[Form, int] = {
    Form.QIJUE: 12,
    Form.WUJUE: 6,
    Form.WULV: 5,
    Form.QILV: 2,
    Form.COUPLET: 1,
    Form.COUPLET7: 1,
}
"""Files of foils by form."""
BOLDNESS = (0.75, 0.9)
"""Temperatures by turns, so that the critic knows the poet in either mood."""


@dataclass(frozen=True, slots=True)
class Models:
    """Poems by people whose form gives nothing away. ids: (poems, form.size); keys: (poems,) equal for equal scheme and
    rhyme group; names: of each key."""

    ids: NDArray[np.int64]
    keys: NDArray[np.int64]
    names: list[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Foils:
    """own, swapped: (poems, form.size) each; changed: (poems, form.size) where a swapped poem was changed."""

    own: NDArray[np.int64]
    swapped: NDArray[np.int64]
    changed: NDArray[np.bool_]


def is_critics(ids: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """(poems,) whether each of some poems (poems, form.size) is of the critic's part."""
    return np.array([zlib.crc32(row.tobytes()) % 4 > 0 for row in np.ascontiguousarray(ids)], bool)


def models(ids: NDArray[np.uint16], form: Form, vocabulary: Vocabulary) -> Models:
    """Those of some poems (poems, form.size) that can stand beside ours."""
    table = classical().strict
    kept, keys = [], []
    names: dict[tuple[str, str | None], int] = {}
    for row in ids:
        name = _regular(vocabulary.decode(row), form, table)
        if name is not None and not repeats(row[None])[0]:
            kept.append(row)
            keys.append(names.setdefault(name, len(names)))
    rows = np.stack(kept).astype(np.int64) if kept else np.empty((0, form.size), np.int64)
    return Models(rows, np.array(keys, np.int64), list(names))


def _regular(text: str, form: Form, table: RhymeTable) -> tuple[str, str | None] | None:
    """Scheme and rhyme group of a poem that keeps to the regular patterns, as ours do; None of another."""
    lines = [text[start : start + form.columns] for start in range(0, form.size, form.columns)]
    report = check(lines, form, table)
    if not report.complies or report.scheme is None:
        return None
    patterns = [variants(kind, form.columns)[0].pattern for kind in report.scheme.kinds]
    if not all(fits(digits, pattern) for digits, pattern in zip(report.digits, patterns, strict=True)):
        return None
    return report.scheme.name, report.rhyme_group


def repeats(ids: NDArray[np.generic]) -> NDArray[np.bool_]:
    """(poems,) whether a character comes twice other than at once (重重)."""
    order = np.argsort(ids, axis=1, kind="stable")
    ordered = np.take_along_axis(ids, order, 1)
    twice = (np.diff(ordered, axis=1) == 0) & (np.diff(order, axis=1) > 1)
    found: NDArray[np.bool_] = twice.any(1)
    return found


def critics_part(packed: Packed) -> Packed:
    """What the critic may read of the training part."""
    return Packed({form: ids[is_critics(ids)] for form, ids in packed.poems.items()}, packed.dropped)


def of_form(packed: Packed, form: Form) -> NDArray[np.uint16]:
    """The poems of a form; halves of 五律 count as 五絕, of which there are few, and the first lines of quatrains as couplets."""
    found = [packed.poems[form]] if form in packed.poems else []
    if form is Form.WUJUE and Form.WULV in packed.poems:
        found.append(packed.poems[Form.WULV].reshape(-1, form.size))
    if form.lines == 2:
        longer = Form.WUJUE if form is Form.COUPLET else Form.QIJUE
        found = [packed.poems[longer][:, : form.size]] if longer in packed.poems else []
    return np.concatenate(found) if found else np.empty((0, form.size), np.uint16)


def prepared(
    folder: Path, packed: Packed, poet: Poet, writer: str, parts: Mapping[Form, int] = PARTS, each: int = PART
) -> Iterator[tuple[Form, Models, Foils]]:
    """Models and foils form by form; foils are kept in the folder part by part and made only where they are missing.

    writer: the hash of the poet's net, whose foils are no other's; parts: files by form, of `each` foils. Raises Unwritten
    where foils cannot be kept.
    """
    for form, count in parts.items():
        ids = of_form(packed, form)
        found = models(ids, form, poet.vocabulary)
        if not len(found.ids):
            continue
        made = [
            _part(folder / f"{form}-{number}.npz", found, form, number, poet, writer, each) for number in range(count)
        ]
        yield form, found, Foils(**{name: np.concatenate([part[name] for part in made]) for name in made[0]})


def _part(path: Path, found: Models, form: Form, number: int, poet: Poet, writer: str, each: int) -> keeping.Arrays:
    def make() -> keeping.Arrays:
        rng = np.random.default_rng([number, len(form.value), form.size])
        own = ours(poet, found, form, each, rng)
        assert isinstance(poet.net, Flagship)
        with torch.inference_mode(), autocast(poet.device):
            swapped, changed = swap(
                poet.net, poet.vocabulary, found.ids[rng.integers(0, len(found.ids), 2 * each)], form, rng
            )
        return {"own": own, "swapped": swapped, "changed": changed}

    return keeping.kept(path, f"{writer} {len(found.ids)}", make)


def ours(poet: Poet, found: Models, form: Form, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Single candidates of the poet: (count, form.size)."""
    moods = [dataclasses.replace(poet, knobs=dataclasses.replace(poet.knobs, temperature=t)) for t in BOLDNESS]
    rows: list[NDArray[np.int64]] = []
    for start in range(0, count, ROWS):
        mood = moods[start // ROWS % len(moods)]
        wishes = [_wish(mood, found, form, start + i, rng) for i in range(min(ROWS, count - start))]
        for (poem,) in mood.grant([_prepared(mood, wish) for wish in wishes]):
            text = normalise("".join(poem.lines))
            rows.append(poet.vocabulary.encode(text).astype(np.int64))
    return np.stack(rows)


def _wish(poet: Poet, found: Models, form: Form, number: int, rng: np.random.Generator) -> WriteRequest:
    """By turns: unseeded; twice an answer to a poem, with its scheme and rhyme; its first line carried on."""
    seed = int(rng.integers(0, 2**31))
    plain = WriteRequest(form=form, random_seed=seed, candidates=1)
    if number % 4 == 0:
        return plain
    chosen = int(rng.integers(0, len(found.ids)))
    scheme, rhyme = found.names[found.keys[chosen]]
    text = poet.vocabulary.decode(found.ids[chosen])
    lines = [text[start : start + form.columns] for start in range(0, form.size, form.columns)]
    shown = lines[:1] if number % 4 == 3 else lines
    return dataclasses.replace(plain, seed="\n".join(shown), scheme=scheme, rhyme=rhyme)


def _prepared(poet: Poet, wish: WriteRequest) -> Prepared:
    try:
        return poet.prepare(wish)
    except WishError:  # a line that cannot stand as it is, say; the odd one is no loss
        return poet.prepare(dataclasses.replace(wish, seed=None, scheme=None, rhyme=None))


def swap(
    net: Flagship, vocabulary: Vocabulary, ids: NDArray[np.int64], form: Form, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The poems (poems, form.size) with a few characters changed for likely ones of the same tone, and where.

    Line ends stay, and so does the rhyme.
    """
    tones = Tones(vocabulary, classical())
    changed = rng.random(ids.shape) < rng.uniform(0.04, 0.2, (len(ids), 1))
    changed[np.arange(len(ids)), _inner(form)[rng.integers(0, len(_inner(form)), len(ids))]] = True
    changed[:, form.columns - 1 :: form.columns] = False
    out = ids.copy()
    for start in range(0, len(ids), ROWS):
        rows = slice(start, start + ROWS)
        asked, rhyme = tones.of(form, ids[rows], rng)
        parts = (ids[rows], changed[rows], asked, rhyme)
        seen, at, *told = (torch.from_numpy(part).to(net.embedding.weight.device) for part in parts)
        out[rows] = _likely(net, form, tones, seen, at, (told[0], told[1]), rng).cpu().numpy()
    return out, changed


def _inner(form: Form) -> NDArray[np.int64]:
    places = np.arange(form.size)
    inner: NDArray[np.int64] = places[places % form.columns != form.columns - 1]
    return inner


def _likely(
    net: Flagship,
    form: Form,
    tones: Tones,
    ids: Tensor,
    changed: Tensor,
    told: tuple[Tensor, Tensor],
    rng: np.random.Generator,
) -> Tensor:
    """ids, changed and told[0], the tones: (batch, form.size) each; told[1], the rhymes: (batch,)."""
    seen, (asked, rhyme) = ids * ~changed, told
    mu, _ = net.encode(form, seen)
    hidden = net.decode(functional.pad(ids[:, :-1], (1, 0)), net.hints(form, seen, asked, rhyme), mu[:, None])
    scores = net.characters(hidden[changed]).float()  # (changed, vocabulary)
    poem, _ = changed.nonzero(as_tuple=True)
    scores.scatter_(1, ids[poem], -1e9)  # neither itself nor any other of the poem
    scores[:, :SPECIAL] = -1e9
    share = torch.from_numpy(tones.level_share).to(ids.device)
    wanted = asked[changed][:, None]
    off = ((wanted == LEVEL) & (share < 0.5)) | ((wanted == OBLIQUE) & (share > 0.5))
    scores.masked_fill_(off & (wanted != FREE), -1e9)
    noise = torch.from_numpy(rng.gumbel(size=scores.shape)).float().to(ids.device)
    out = ids.clone()
    out[changed] = (scores + noise).argmax(1)
    return out
