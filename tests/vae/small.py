"""Nets and food small enough to train in a test."""

from __future__ import annotations

from collections import Counter

import numpy as np

from vae.corpus import Packed
from vae.diet import Diet
from vae.nets.ancestor import AncestorConfig
from vae.nets.flagship import FlagshipConfig
from vae.poem import Form
from vae.prosody.table import classical
from vae.vocabulary import SPECIAL, Vocabulary

VOCABULARY = Vocabulary(Vocabulary.shipped().characters[:300])
ANCESTOR = AncestorConfig(len(VOCABULARY), width=16, latent=8, layers=2)
FLAGSHIP = FlagshipConfig(
    len(VOCABULARY),
    30,
    width=32,
    layers=2,
    heads=2,
    latent=8,
    encoder_layers=2,
    guide_layers=2,
    pair_bits=6,
    pair_depth=4,
)


def diet(*, forms: tuple[Form, ...] = (Form.WUJUE, Form.QIJUE), poems: int = 40, seed: int = 0) -> Diet:
    """Poems of random characters."""
    rng = np.random.default_rng(seed)
    arrays = {form: rng.integers(SPECIAL, len(VOCABULARY), (poems, form.size)).astype(np.uint16) for form in forms}
    packed = Packed(arrays, Counter())
    return Diet(packed, VOCABULARY, classical(), shares=dict.fromkeys(forms, 0.5), batch_characters=200, seed=seed)
