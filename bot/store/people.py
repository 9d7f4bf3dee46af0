"""Questions about what a person has set."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.records import Person
from bot.store.schema import people
from bot.store.sql import insert
from vae.poem import Script


async def settings(connection: AsyncConnection, person: int) -> Person:
    found = (await connection.execute(select(people).where(people.c.id == person))).first()
    if found is None:
        return Person(id=person)
    return Person(id=person, locale=found.locale, script=None if found.script is None else Script(found.script))


async def save(connection: AsyncConnection, person: Person) -> None:
    values = {"locale": person.locale, "script": None if person.script is None else person.script.value}
    row = insert(connection, people).values(id=person.id, **values)
    await connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))
