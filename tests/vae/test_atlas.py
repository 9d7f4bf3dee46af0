"""The space of poems laid flat keeps what it can of distances, and a damaged map is one clear error."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.vae import small
from vae import weights
from vae.atlas import CODE, Atlas
from vae.corpus import Packed
from vae.errors import AtlasError, Unwritten
from vae.poem import Form
from vae.survey import survey
from vae.vocabulary import SPECIAL, Vocabulary

FAMOUS = ["千山鳥飛絕", "萬徑人蹤滅", "孤舟蓑笠翁", "獨釣寒江雪"]


@pytest.fixture
def atlas(tmp_path: Path) -> Atlas:
    vocabulary = Vocabulary(small.VOCABULARY.characters[:-20] + "".join(dict.fromkeys("".join(FAMOUS)))[:20])
    for part in ("train", "valid"):
        with lzma.open(tmp_path / f"{part}.jsonl.xz", "wt", encoding="utf-8") as rows:
            rows.write(json.dumps({"lines": FAMOUS}) + "\n")
    torch.manual_seed(0)
    net = weights.build(small.FLAGSHIP).eval()
    rows = np.random.default_rng(0).integers(SPECIAL, len(vocabulary), (60, 20)).astype(np.uint16)
    return survey(net, "abc", Packed({Form.WUJUE: rows}, Counter()), tmp_path, vocabulary)


def test_the_plane_shows_the_directions_of_most_variance(atlas: Atlas) -> None:
    plane = atlas.planes[Form.WUJUE]
    assert plane.axes @ plane.axes.T == pytest.approx(np.eye(2), abs=1e-4)
    assert plane.cloud.mean(0) == pytest.approx(np.zeros(2), abs=1e-4)
    spread = plane.cloud.var(0)
    assert spread[0] >= spread[1] > 0
    assert [name for name, _ in plane.landmarks] == ["江雪"]


def test_a_code_lies_where_its_numbers_say(atlas: Atlas) -> None:
    plane = atlas.planes[Form.WUJUE]
    code = (plane.mean + 3 * plane.axes[0] - 2 * plane.axes[1]).astype(CODE).tobytes()
    assert plane.locate(code) == pytest.approx((3, -2), abs=0.02)
    with pytest.raises(AtlasError, match="8 numbers"):
        plane.locate(code[:-2])
    with pytest.raises(AtlasError):
        plane.locate(code[:-1])


def test_an_atlas_survives_a_file(atlas: Atlas, tmp_path: Path) -> None:
    atlas.save(tmp_path / "atlas.npz")
    again = Atlas.load(tmp_path / "atlas.npz")
    assert again.model == "abc"
    ours, theirs = atlas.planes[Form.WUJUE], again.planes[Form.WUJUE]
    assert theirs.cloud == pytest.approx(ours.cloud, abs=0.01)
    assert theirs.landmarks == ours.landmarks


def test_an_atlas_that_cannot_be_kept_is_one_clear_error(atlas: Atlas, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(Unwritten, match=r"atlas\.npz"):
        atlas.save(tmp_path / "file" / "atlas.npz")


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04"])
def test_a_missing_or_damaged_atlas_is_one_clear_error(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "atlas.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AtlasError, match=r"atlas\.npz"):
        Atlas.load(path)
