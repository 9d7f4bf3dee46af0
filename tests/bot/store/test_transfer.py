"""Export and import: the way from one database to another."""

from pathlib import Path

import pytest

from bot.errors import ImportNotEmpty, ImportUnreadable, StoreUnwritable
from bot.store import Ratings, Store
from bot.store.transfer import export_all, import_all
from bot.store.versions import head
from tests.bot.poems import a_poem
from tests.bot.store.conftest import emptied
from tests.bot.store.lives import ANNE, GUILD, live


async def lived(where: Path | str) -> list[int]:
    store = await Store.open(where)
    numbers = await live(store)
    await store.close()
    return numbers


async def test_from_sqlite_to_postgres_and_back_nothing_changes(tmp_path: Path, postgres_url: str):
    annes, _, _, last = await lived(tmp_path / "here.db")
    exports = [tmp_path / f"{n}.jsonl" for n in range(3)]
    await export_all(tmp_path / "here.db", exports[0])
    await import_all(postgres_url, exports[0])
    await export_all(postgres_url, exports[1])
    await import_all(tmp_path / "there.db", exports[1])
    await export_all(tmp_path / "there.db", exports[2])
    assert exports[0].read_bytes() == exports[1].read_bytes() == exports[2].read_bytes()
    for where in (tmp_path / "here.db", tmp_path / "there.db", postgres_url):
        store = await Store.open(where)
        assert await store.ratings(annes) == Ratings(3.5, 2)
        assert [(best.poem.number, best.score) for best in await store.top(GUILD)] == [(annes, 3.5)]
        assert await store.add_poems([a_poem()], author_id=ANNE) == [last + 2]  # the deleted number is not used again
        await store.close()


async def test_from_postgres_to_sqlite_and_back_nothing_changes(
    tmp_path: Path, postgres_server: str, postgres_url: str
):
    await lived(postgres_url)
    other = await emptied(postgres_server, "other")
    await export_all(postgres_url, tmp_path / "1")
    await import_all(tmp_path / "lanting.db", tmp_path / "1")
    await export_all(tmp_path / "lanting.db", tmp_path / "2")
    await import_all(other, tmp_path / "2")
    await export_all(other, tmp_path / "3")
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes() == (tmp_path / "3").read_bytes()


async def test_an_empty_database_travels_too(where: Path | str, tmp_path: Path):
    await export_all(where, tmp_path / "1")
    await import_all(where, tmp_path / "1")
    await export_all(where, tmp_path / "2")
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


async def test_a_database_with_rows_takes_no_import(where: Path | str, tmp_path: Path):
    await lived(where)
    await export_all(where, tmp_path / "1")
    with pytest.raises(ImportNotEmpty):
        await import_all(where, tmp_path / "1")
    await export_all(where, tmp_path / "2")
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


SPOILED = {
    "empty": lambda lines: [],
    "cut short": lambda lines: lines[:-1],
    "cut within a line": lambda lines: [*lines[:-1], lines[-1][:5]],
    "a row missing": lambda lines: lines[:2] + lines[3:],
    "of another version": lambda lines: [lines[0].replace(head(), "9999"), *lines[1:]],
    "no JSON": lambda lines: ["hello", *lines],
    "an unknown table": lambda lines: [lines[0], '["pets", {"id": 1}]', *lines[1:]],
    "an unknown column": lambda lines: [lines[0], lines[1].replace('"id"', '"ego"'), *lines[2:]],
    "a value out of bounds": lambda lines: [line.replace('"stars": 5', '"stars": 6') for line in lines],
    "a value of another kind": lambda lines: [line.replace('"stars": 5', '"stars": "x"') for line in lines],
    "a row of nobody": lambda lines: [line.replace('"person_id": 22', '"person_id": 99') for line in lines],
    "more after the end": lambda lines: [*lines, lines[1]],
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED.keys())
async def test_a_spoiled_file_is_refused_and_nothing_is_taken_from_it(spoil, where: Path | str, tmp_path: Path):
    await lived(tmp_path / "source.db")
    await export_all(tmp_path / "source.db", tmp_path / "whole")
    lines = (tmp_path / "whole").read_text(encoding="utf-8").splitlines()
    (tmp_path / "spoiled").write_text("\n".join(spoil(lines)), encoding="utf-8")
    with pytest.raises(ImportUnreadable, match="spoiled"):
        await import_all(where, tmp_path / "spoiled")
    await import_all(where, tmp_path / "whole")


async def test_files_that_cannot_be_read_or_written_are_named(tmp_path: Path):
    with pytest.raises(ImportUnreadable, match="nowhere"):
        await import_all(tmp_path / "lanting.db", tmp_path / "nowhere")
    with pytest.raises(StoreUnwritable, match="nowhere"):
        await export_all(tmp_path / "lanting.db", tmp_path / "nowhere" / "file")
