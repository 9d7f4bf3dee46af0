"""The corpus is read whole, or the fault is named."""

import json
import lzma
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from vae.corpus import Packed, pack, read_poems, usable
from vae.errors import CorpusError
from vae.poem import Form
from vae.vocabulary import Vocabulary

QUATRAIN = ["白日依山盡", "黃河入海流", "欲窮千里目", "更上一層樓"]


def write_corpus(path: Path, *poems: list[str]) -> Path:
    with lzma.open(path, "wt", encoding="utf-8") as rows:
        for number, lines in enumerate(poems):
            rows.write(json.dumps({"id": str(number), "lines": lines}, ensure_ascii=False) + "\n")
    return path


def test_a_regular_poem_is_packed_and_reads_back(tmp_path: Path) -> None:
    vocabulary = Vocabulary.count(QUATRAIN, least=1)
    packed = pack(read_poems(write_corpus(tmp_path / "c.xz", QUATRAIN)), vocabulary)
    assert vocabulary.decode(packed.poems[Form.WUJUE][0].tolist()) == "".join(QUATRAIN)
    assert not packed.dropped


def test_what_is_left_out_is_counted_by_its_reason(tmp_path: Path) -> None:
    near_duplicate = [*QUATRAIN[:3], "獨釣寒江雪"]
    ragged = ["白日", "黃河入海流"]
    foreign = ["abcde", "fghij"]
    rare = ["龘靐齉爩麤", "灪龖厵纞虋", "讟钃鸜麷鞻", "韽韊頀顟顠"]
    path = write_corpus(tmp_path / "c.xz", QUATRAIN, near_duplicate, ragged, foreign, rare)
    packed = pack(read_poems(path), Vocabulary.shipped())
    assert packed.dropped == Counter(
        {
            "shares two lines with an earlier poem": 1,
            "no regular form": 1,
            "characters that are not Han": 1,
            "too many rare characters": 1,
        }
    )
    assert packed.characters == 20


def test_variants_are_written_in_the_standard_character(tmp_path: Path) -> None:
    path = write_corpus(tmp_path / "c.xz", ["黄河入海流", "白日依山盡"])
    assert [lines for _, lines in usable(read_poems(path), Counter(), set())] == [("黃河入海流", "白日依山盡")]


def test_long_poems_are_cut_to_the_shapes_of_forms(tmp_path: Path) -> None:
    long = [*QUATRAIN, "床前明月光", "疑是地上霜", "舉頭望明月", "低頭思故鄉", "紅豆生南國", "春來發幾枝"]
    packed = pack(read_poems(write_corpus(tmp_path / "c.xz", long)), vocabulary := Vocabulary.count(long, least=1))
    assert not packed.poems
    read = {form: [vocabulary.decode(row.tolist()) for row in rows] for form, rows in packed.passages.items()}
    assert read == {Form.WUJUE: ["".join(long[:4]), "".join(long[4:8])], Form.WULV: ["".join(long[:8])]}


def test_couplets_are_taken_from_poems_of_uneven_lines(tmp_path: Path) -> None:
    song = ["天涯", *QUATRAIN, "低頭思故鄉", "床前明月光疑是", *QUATRAIN[:2], "獨釣"]
    packed = pack(read_poems(write_corpus(tmp_path / "c.xz", song)), vocabulary := Vocabulary.count(song, least=1))
    assert not packed.poems
    read = {form: [vocabulary.decode(row.tolist()) for row in rows] for form, rows in packed.passages.items()}
    assert read == {Form.WUJUE: ["".join(QUATRAIN)]}


def test_lines_of_another_part_are_known(tmp_path: Path) -> None:
    path = write_corpus(tmp_path / "c.xz", QUATRAIN)
    assert not pack(read_poems(path), Vocabulary.shipped(), seen=set(QUATRAIN)).poems


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no xz at all",
        lzma.compress(b"{}\n"),
        lzma.compress(b"[1]\n"),
        lzma.compress(b'{"lines": 3}\n'),
        lzma.compress(b"[" * 100_000 + b"\n"),
        lzma.compress(b"\xff\xfe\n"),
        lzma.compress(json.dumps({"lines": QUATRAIN}).encode() * 50)[:-40],
    ],
)
def test_a_damaged_corpus_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "c.xz"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"c\.xz"):
        list(read_poems(path))


def test_a_missing_corpus_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="No such file"):
        list(read_poems(tmp_path / "none.xz"))


def test_packed_arrays_survive_a_file(tmp_path: Path) -> None:
    rows = np.arange(40, dtype=np.uint16).reshape(2, 20)
    packed = Packed({Form.WUJUE: rows}, Counter(), {Form.WUJUE: rows + 1})
    packed.save(tmp_path / "p.npz", "here")
    again = Packed.load(tmp_path / "p.npz", "here")
    assert again is not None
    assert np.array_equal(again.poems[Form.WUJUE], rows)
    assert np.array_equal(again.passages[Form.WUJUE], rows + 1)
    assert list(tmp_path.iterdir()) == [tmp_path / "p.npz"]


def test_packed_arrays_that_are_damaged_or_of_another_corpus_are_not_used(tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    assert Packed.load(path, "here") is None
    Packed({Form.WUJUE: np.zeros((2, 20), dtype=np.uint16)}, Counter()).save(path, "here")
    assert Packed.load(path, "there") is None
    path.write_bytes(path.read_bytes()[:-60])
    assert Packed.load(path, "here") is None
