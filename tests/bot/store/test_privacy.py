"""Privacy by construction: no table can hold a person without a rule for export and erasure."""

import dataclasses
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.store import Store
from bot.store.privacy import RULES, untyped
from bot.store.schema import metadata, people
from tests.bot.store.lives import ANNE, live
from vae.poem import BlendRequest, Recipe, WriteRequest

PEOPLE_BY_NAME = ("person", "author", "user", "member", "owner", "rater")


def test_every_table_with_a_persons_number_has_a_rule():
    naming = {people} | {
        table
        for table in metadata.sorted_tables
        for column in table.columns
        if any(key.column.table is people for key in column.foreign_keys) or column.name.split("_")[0] in PEOPLE_BY_NAME
    }
    assert naming == RULES.keys()


@pytest.mark.parametrize("table", RULES, ids=lambda table: table.name)
def test_a_rule_goes_by_a_column_that_names_people(table):
    whose = RULES[table].whose
    assert whose is people.c.id or any(key.column is people.c.id for key in whose.foreign_keys)


async def test_what_is_handed_out_is_everything_in_json(store: Store):
    await live(store)
    await store.draw_quota(ANNE, timedelta(seconds=2), timedelta(minutes=1))
    told = json.loads(json.dumps(await store.export_person(ANNE)))
    assert {table: len(rows) for table, rows in told.items()} == {
        "people": 1,
        "poems": 1,
        "favourites": 2,
        "ratings": 2,
        "person_quotas": 1,
    }
    assert told["poems"][0]["code"] == "AP8="
    assert told["people"][0] == {"id": ANNE, "locale": "zh-TW", "script": "hant"}


async def test_after_erasing_no_byte_of_the_file_tells_of_the_person(tmp_path: Path):
    path = tmp_path / "lanting.db"
    store = await Store.open(path)
    await live(store)
    await store.draw_quota(ANNE, timedelta(seconds=2), timedelta(minutes=1))
    await store.erase_person(ANNE)
    with closing(sqlite3.connect(path)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        assert {"people", "poems", "erasures"} <= set(tables)
        for table in tables:
            for row in database.execute(f"SELECT * FROM {table}"):
                assert ANNE not in row
                assert not any("安妮" in value for value in row if isinstance(value, str))
    for name in ("lanting.db", "lanting.db-wal"):
        file = tmp_path / name
        content = file.read_bytes()
        assert "只有安妮".encode() not in content, file
        assert ANNE.to_bytes(8, "big") not in content, file
    await store.close()


@pytest.mark.parametrize("kind", [WriteRequest, BlendRequest])
def test_no_typed_word_stays_in_a_recipe_whatever_fields_there_are(kind):
    typed = {
        field.name: "typed"
        for field in dataclasses.fields(kind)
        if "str" in str(field.type) and "Literal" not in str(field.type)
    }
    recipe = Recipe(model="0123456789ab", random_seed=1, request=kind(**typed))
    assert "typed" in recipe.to_json()
    assert "typed" not in untyped(recipe).to_json()
    assert Recipe.from_json(untyped(recipe).to_json()) == untyped(recipe)
