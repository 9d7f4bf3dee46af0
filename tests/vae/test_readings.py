"""What readers said is read whole or not at all, and the reader that is fitted to it says what they would."""

from __future__ import annotations

import dataclasses
import lzma
import random
from pathlib import Path

import pytest
import torch

from vae import readings, weights
from vae.errors import CorpusError, WeightsError
from vae.nets.reader import Reader, ReaderConfig
from vae.poem import Form, WriteRequest
from vae.poet import Poet
from vae.prosody.check import check
from vae.prosody.table import classical
from vae.readings import COLUMNS, Fitted, Reading, fit, read
from vae.script import normalise

SAID = Reading(1, Form.WUJUE, "S1", "東", 50, 40, 30, "一" * 20)


def written(path: Path, *rows: str, head: str = "\t".join(COLUMNS)) -> Path:
    path.write_bytes(lzma.compress("\n".join((head, *rows)).encode()))
    return path


def row(reading: Reading) -> str:
    return "\t".join(map(str, dataclasses.astuple(reading)))


def test_a_reading_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read(written(tmp_path / "said.xz", row(SAID))) == [SAID]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("", "row 3 is no reading"),
        (row(SAID) + "\tmore", "row 3 is no reading"),
        (row(dataclasses.replace(SAID, whole=101)), "row 3 has a poem or marks that cannot be"),
        (row(dataclasses.replace(SAID, poem="一" * 19)), "row 3 has a poem"),
        (row(SAID).replace("wujue", "sonnet"), "row 3 is no reading"),
        ("first" + row(SAID)[1:], "row 3 is no reading"),
    ],
)
def test_a_row_that_cannot_be_is_named(tmp_path: Path, bad: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        read(written(tmp_path / "said.xz", row(SAID), bad, row(SAID)))


@pytest.mark.parametrize("damage", [b"", b"no archive", lzma.compress(b"\xff\xfe")])
def test_a_damaged_file_is_named(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "said.xz"
    path.write_bytes(damage)
    with pytest.raises(CorpusError, match="said"):
        read(path)


def test_other_columns_are_not_taken_for_ours(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="columns"):
        read(written(tmp_path / "said.xz", row(SAID), head="poem\tmark"))


def test_the_shipped_readings_are_of_poems_that_keep_their_plan() -> None:
    shipped = read(readings.file())
    assert len({reading.sitting for reading in shipped}) > 20
    assert len({(reading.sitting, reading.poem) for reading in shipped}) == len(shipped)
    for reading in random.Random(0).sample(shipped, 100):
        columns = reading.form.columns
        lines = [reading.poem[i : i + columns] for i in range(0, reading.form.size, columns)]
        rhymes = [classical().groups(line[-1]) for line in lines[1::2]]
        assert check(lines).complies
        assert all(reading.rhyme in of_word for of_word in rhymes)


@pytest.fixture(scope="module")
def said(poet: Poet) -> list[Reading]:
    """Poems of two sittings, whose readers like those that the decoder finds likely without a code, each from a level of his own."""
    form, found = Form.WUJUE, []
    for number in range(30):
        prepared = poet.prepare(WriteRequest(form=form, random_seed=number, candidates=4))
        (wish,) = prepared.wishes
        _, _, ours = poet.candidates(prepared)
        for i, (ids, fluency) in enumerate(zip(ours.ids, ours.fluency.tolist(), strict=True)):
            sitting = (number + i) % 2
            whole = round(70 + 6 * fluency + 20 * sitting)
            poem = normalise(poet.vocabulary.decode(ids.numpy()))
            found.append(Reading(sitting, form, wish.plan.scheme.name, str(wish.plan.rhyme), 0, 0, whole, poem))
    return found


def fitted_to(poet: Poet, said: list[Reading]) -> Fitted:
    coherence, digest = weights.load_coherence(weights.shipped("coherence"))
    return fit(poet, coherence, digest, said, Path("said.xz"))


def test_the_fit_finds_what_readers_like(poet: Poet, said: list[Reading]) -> None:
    fitted = fitted_to(poet, said)
    assert fitted.foretold > 0.95
    assert 4 < fitted.reader.fluency.item() < 8
    assert fitted.readings == len(said)
    assert fitted.agree is None  # no poem was read twice


def test_how_high_a_sitting_marks_is_all_one(poet: Poet, said: list[Reading]) -> None:
    stricter = [dataclasses.replace(each, whole=each.whole - 15 * each.sitting) for each in said]
    one, other = (fitted_to(poet, each).reader for each in (said, stricter))
    for parameter, again in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.allclose(parameter, again, atol=1e-3)


def test_readers_who_agree_are_told(poet: Poet, said: list[Reading]) -> None:
    again = [dataclasses.replace(each, sitting=2, whole=each.whole // 2) for each in said if each.sitting == 0]
    twice = [*said, *said[::2]]  # who reads a poem twice in one sitting agrees with nobody else
    assert fitted_to(poet, twice).agree is None
    assert fitted_to(poet, [*twice, *again]).agree > 0.95


@pytest.mark.parametrize("wrong", [{"rhyme": "no such group"}, {"scheme": "S9"}, {"poem": "\ue000" + "一" * 19}])
def test_a_poem_that_was_never_ours_is_named(poet: Poet, said: list[Reading], wrong: dict[str, str]) -> None:
    strange = dataclasses.replace(said[0], poem=said[0].poem[::-1])
    strange = dataclasses.replace(strange, **wrong)
    with pytest.raises(CorpusError, match=strange.poem):
        fitted_to(poet, [*said, strange])


def test_too_few_are_nothing_to_learn_from(poet: Poet, said: list[Reading]) -> None:
    with pytest.raises(CorpusError, match="too few"):
        fitted_to(poet, said[:3])


def test_a_fitted_reader_is_kept_as_a_file(poet: Poet, said: list[Reading], tmp_path: Path) -> None:
    (file,) = weights.save(fitted_to(poet, said).reader, tmp_path, "reader")
    nets, digest = weights.load_judges(weights.shipped_judges()._replace(reader=file))
    assert nets.reader.fluency.item() > 0
    assert digest != weights.load_judges(weights.shipped_judges())[1]


def test_a_reader_is_not_asked_of_what_another_coherence_net_sees(tmp_path: Path) -> None:
    (file,) = weights.save(Reader(ReaderConfig(coherence="another")), tmp_path, "reader")
    with pytest.raises(WeightsError, match="python -m vae readers"):
        weights.load_judges(weights.shipped_judges()._replace(reader=file))
