"""What a person may have handed out and erased: a rule for every table that holds a person's number.

A test fails where a table names people and has no rule here.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, exists, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import ratings as rated
from bot.store.poems import row as row_of
from bot.store.poems import stored
from bot.store.records import Erased, Exported
from bot.store.schema import erasures, favourites, people, person_quotas, poems, ratings
from bot.store.sql import is_number, now
from vae.poem import BlendRequest, Poem, Recipe, WriteRequest


@dataclass(frozen=True, slots=True)
class Rule:
    """whose: the column that names the person; erase: takes them out of the table, and counts by names of `Erased`."""

    whose: ColumnElement[int]
    erase: Callable[[AsyncConnection, int], Awaitable[dict[str, int]]]


async def export(connection: AsyncConnection, person: int) -> Exported:
    return {
        table.name: [_as_json(row) for row in (await connection.execute(_theirs(table, rule, person))).mappings()]
        for table, rule in RULES.items()
    }


async def erase(connection: AsyncConnection, person: int) -> Erased:
    counts = {"poems_deleted": 0, "poems_left_without_author": 0, "favourites": 0, "ratings": 0}
    await _lock(connection, person)
    for rule in RULES.values():
        counts |= await rule.erase(connection, person)
    erased = Erased(**counts)
    await connection.execute(plain_insert(erasures).values(erased_at=now(), **asdict(erased)))
    return erased


async def delete_poem(connection: AsyncConnection, number: int) -> bool:
    """The poem with everybody's stars and favourites of it."""
    locked = select(poems.c.id).where(poems.c.id == number).with_for_update()
    if not is_number(number) or (await connection.execute(locked)).scalar() is None:
        return False
    await rated.forget_standing(connection, number)
    await connection.execute(delete(poems).where(poems.c.id == number))
    return True


async def _lock(connection: AsyncConnection, person: int) -> None:
    """All poems that erasing touches, in the order of their numbers, before any sum: no two wait for each other."""
    given = select(ratings.c.poem_id).where(ratings.c.person_id == person)
    for touched in (poems.c.id.in_(given), poems.c.author_id == person):
        await connection.execute(select(poems.c.id).where(touched).order_by(poems.c.id).with_for_update())


async def _erase_ratings(connection: AsyncConnection, person: int) -> dict[str, int]:
    given = select(ratings.c.poem_id).where(ratings.c.person_id == person).order_by(ratings.c.poem_id)
    numbers = (await connection.execute(given)).scalars().all()
    for number in numbers:
        await rated.rate(connection, person, number, None)
    return {"ratings": len(numbers)}


async def _erase_favourites(connection: AsyncConnection, person: int) -> dict[str, int]:
    gone = await connection.execute(delete(favourites).where(favourites.c.person_id == person))
    return {"favourites": gone.rowcount}


async def _erase_poems(connection: AsyncConnection, person: int) -> dict[str, int]:
    """What somebody else keeps stays, without its author and what they typed; the rest goes."""
    kept = exists().where(favourites.c.poem_id == poems.c.id, favourites.c.person_id != person)
    theirs = select(*poems.c, kept.label("kept")).where(poems.c.author_id == person).order_by(poems.c.id)
    deleted = left = 0
    for row in (await connection.execute(theirs)).mappings().all():
        if row["kept"]:
            left += 1
            poem = stored(row).poem
            nameless = row_of(Poem(poem.lines, poem.form, untyped(poem.recipe)))
            values = {"recipe": nameless["recipe"], "seed": None, "author_id": None}
            values |= {"channel_id": None, "message_id": None, "code": None}
            await connection.execute(update(poems).where(poems.c.id == row["id"]).values(values))
        else:
            deleted += await delete_poem(connection, row["id"])
    return {"poems_deleted": deleted, "poems_left_without_author": left}


async def _erase_quota(connection: AsyncConnection, person: int) -> dict[str, int]:
    await connection.execute(delete(person_quotas).where(person_quotas.c.person_id == person))
    return {}


async def _erase_person(connection: AsyncConnection, person: int) -> dict[str, int]:
    await connection.execute(delete(people).where(people.c.id == person))
    return {}


RULES: Mapping[Table, Rule] = MappingProxyType(
    {
        ratings: Rule(ratings.c.person_id, _erase_ratings),
        favourites: Rule(favourites.c.person_id, _erase_favourites),
        poems: Rule(poems.c.author_id, _erase_poems),
        person_quotas: Rule(person_quotas.c.person_id, _erase_quota),
        people: Rule(people.c.id, _erase_person),
    }
)
"""In an order that leaves no row pointing at one that is gone."""


def untyped(recipe: Recipe) -> Recipe:
    """The recipe without a word that anybody typed: only what was chosen is taken over, so a new field is left out."""
    asked = recipe.request
    chosen: dict[str, Any] = {"form": asked.form, "script": asked.script, "random_seed": asked.random_seed}
    request: WriteRequest | BlendRequest
    if isinstance(asked, BlendRequest):
        request = BlendRequest(a="", b="", steps=asked.steps, **chosen)
    else:
        request = WriteRequest(table=asked.table, **chosen)
    return Recipe(model=recipe.model, random_seed=recipe.random_seed, request=request, t=recipe.t)


def _theirs(table: Table, rule: Rule, person: int) -> Select[tuple[Any, ...]]:
    return select(table).where(rule.whose == person).order_by(*table.primary_key.columns)


def _as_json(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, int) and name.endswith("_at"):
        return datetime.fromtimestamp(value, UTC).isoformat()
    return value
