"""The whole command on a small corpus, with the weights that ship."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.vae.test_corpus import write_corpus
from vae.errors import CardError, CorpusError
from vae.evaluation import card, console, table
from vae.evaluation.bootstrap import Figure
from vae.evaluation.columns import Row
from vae.evaluation.marks import Size
from vae.evaluation.shelf import Lines, Shelf
from vae.poem import Form


def corpus(folder: Path) -> Path:
    """Quatrains that keep their form and share no line."""
    poems = [
        [f"白日依{a}盡", f"黃河入{b}流", f"欲窮千{c}目", f"更上一{d}樓"]
        for a, b, c, d in zip("山風花雲天星", "海水月雨雪草", "里水月雨雪夜", "層天星雲花風", strict=True)
    ]
    write_corpus(folder / "train.jsonl.xz", *poems[:2])
    write_corpus(folder / "valid.jsonl.xz", *poems[2:])
    return folder


def test_every_writer_is_marked_and_written_poems_are_kept(tmp_path: Path) -> None:
    said: list[str] = []
    settings = console.Settings(corpus(tmp_path), tmp_path / "kept", None, 1, Size(4, 2, 2, 2))
    mark = tmp_path / "card.md"
    mark.write_text("Before\n<!-- table -->\nstale figures\n<!-- end of table -->\nAfter\n", encoding="utf-8")
    for _ in range(2):
        console.show_rows(settings, [Form.WUJUE], [Form.WUJUE], True, mark, said.append)
    rows = [json.loads(row) for row in said]
    half = len(rows) // 2
    assert rows[:half] == rows[half:]
    assert {row["writer"] for row in rows} >= {
        "flagship",
        "flagship, no z",
        "flagship, N(0, I)",
        "ancestor",
        "trigram",
        "people",
    }
    for row in rows:
        for figure in row["figures"].values():
            assert figure["low"] - 1e-6 <= figure["value"] <= figure["high"] + 1e-6
    flagship = rows[0]["figures"]
    assert (flagship["format"]["value"], flagship["rhyme"]["value"], flagship["tone"]["value"]) == (1, 1, 1)
    text = mark.read_text(encoding="utf-8")
    assert text.startswith("Before")
    assert text.endswith("After\n")
    assert "| wujue | flagship |" in text
    assert "stale" not in text


def test_what_is_written_by_none_is_not_judged(tmp_path: Path) -> None:
    said: list[str] = []
    settings = console.Settings(corpus(tmp_path), tmp_path / "kept", None, 1, Size(4, 2, 2, 0))
    console.show_rows(settings, [Form.WUJUE], [Form.WUJUE], True, None, said.append)
    marked = {row["writer"]: row["figures"] for row in map(json.loads, said)}
    assert "nats" in marked["flagship"]
    assert not any("distinct-2" in figures for figures in marked.values())


def test_a_corpus_that_has_too_little_to_mark_by_is_told_plainly_and_the_card_kept(tmp_path: Path) -> None:
    settings = console.Settings(corpus(tmp_path), tmp_path / "kept", None, 1, Size(4, 2, 2, 2))
    mark = tmp_path / "card.md"
    mark.write_text("<!-- table -->\nfigures\n<!-- end of table -->\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="qilv"):
        console.show_rows(settings, [Form.QILV], [Form.QILV], True, mark, print)
    assert "figures" in mark.read_text(encoding="utf-8")
    with pytest.raises(CorpusError, match="qijue"):
        console.blend_report(settings, 2)
    with pytest.raises(CorpusError, match="title"):
        console.seed_report(settings, 2)


def test_the_tables_are_at_most_120_columns_wide() -> None:
    measured = {name: Figure(5.554, 5.25, 5.85) for name in (*table.LIKELIHOOD, *table.CODE)}
    measured |= {"kl": Figure(45.03, 43.5, 46.5), "info <=": Figure(32.9, 31.0, 34.0), "active": Figure(128, 128, 128)}
    measured |= dict.fromkeys(table.PERCENT, Figure(0.5, 0.45, 0.55))
    rows = [
        Row(name, "abc", Form.QIJUE, 1, 1, 1, measured)
        for name in ("flagship, no z", "flagship, N(0, I)", "people, shuffled")
    ]
    assert max(map(len, table.as_text(rows).splitlines())) <= 120


def test_a_shelf_makes_what_it_lacks_and_forgets_what_was_cut_short(tmp_path: Path) -> None:
    asked: list[tuple[int, int]] = []

    def more(start: int, end: int) -> list[list[Lines]]:
        asked.append((start, end))
        return [[(f"第{i}", "句")] for i in range(start, end)]

    shelf = Shelf(tmp_path, "poems", "key")
    first = shelf.take(3, more, together=2)
    whole = shelf.path.read_text(encoding="utf-8")
    shelf.path.write_text(whole[:-4], encoding="utf-8")  # as a kill would leave it
    assert shelf.take(4, more, together=2) == [*first, [("第3", "句")]]
    assert asked == [(0, 2), (2, 3), (2, 4)]
    assert shelf.take(2, more, together=2) == first[:2]
    assert Shelf(tmp_path, "poems", "other").take(1, more, together=1) == first[:1]
    assert asked[-1] == (0, 1)


def test_a_card_without_marks_and_a_shelf_that_is_a_file_are_told_plainly(tmp_path: Path) -> None:
    path = tmp_path / "card.md"
    path.write_text("nothing here", encoding="utf-8")
    with pytest.raises(CardError, match="lacks the marks"):
        card.insert(path, "table", "x")
    assert path.read_text(encoding="utf-8") == "nothing here"
    with pytest.raises(CardError):
        card.insert(tmp_path / "none.md", "table", "x")
    with pytest.raises(CorpusError, match="kept there"):
        Shelf(path, "poems", "key").take(1, lambda *_: [[("a",)]], together=1)
