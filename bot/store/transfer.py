"""Everything a database holds as JSON Lines, out and in again: the way from SQLite to PostgreSQL and back.

The first line names the version, the last counts the rows; between them each line is a row, `["poems", {...}]`, in an
order in which no row names one that comes later. The same database gives the same bytes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Column, Integer, LargeBinary, Table, Text, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import ImportNotEmpty, ImportUnreadable, StoreUnwritable
from bot.store import sums
from bot.store.schema import daily_poems, erasures, favourites, guilds, people, poems, ratings
from bot.store.sql import LAST
from bot.store.store import Store
from bot.store.versions import head

# Of the tables that are missing, `standings` and `totals` follow from ratings; `person_quotas` and `identifies` hold
# what is over in a minute.
TABLES = (people, guilds, poems, favourites, ratings, daily_poems, erasures)
_COUNTED = (poems, erasures)
_ROWS_AT_ONCE = 500


async def export_all(where: Path | str, file: Path) -> None:
    """Writes what the database holds at one moment; the file gets its name when it is whole. Raises StoreError."""
    store = await Store.open(where)
    unfinished = file.with_name(file.name + ".unfinished")
    try:
        with unfinished.open("w", encoding="utf-8", newline="\n") as lines:
            async with store._database.reading_one_moment() as connection:
                async for line in _lines(connection):
                    lines.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")
        unfinished.replace(file)
    except OSError as error:
        raise StoreUnwritable(path=file, reason=error.strerror) from error
    finally:
        unfinished.unlink(missing_ok=True)
        await store.close()


async def import_all(where: Path | str, file: Path) -> None:
    """Fills an empty database, all or nothing.

    Raises ImportUnreadable for a file that `export_all` of this version did not write whole, ImportNotEmpty, StoreError.
    """
    store = await Store.open(where)
    try:
        with file.open(encoding="utf-8") as lines:
            async with store._database.writing() as connection:
                await _fill(connection, file, lines)
    except OSError as error:
        raise ImportUnreadable(path=file, reason=error.strerror) from error
    finally:
        await store.close()


async def _lines(connection: AsyncConnection) -> AsyncIterator[object]:
    yield {"lanting": head(), "next": {table.name: await _next_number(connection, table) for table in _COUNTED}}
    counts = {}
    for table in TABLES:
        counts[table.name] = 0
        rows = await connection.stream(select(table).order_by(*table.primary_key.columns))
        async for row in rows.mappings():
            counts[table.name] += 1
            yield [table.name, {name: _to_json(value) for name, value in row.items()}]
    yield {"rows": counts}


async def _fill(connection: AsyncConnection, file: Path, lines: IO[str]) -> None:
    for table in TABLES:
        if (await connection.execute(select(table.primary_key.columns[0]).limit(1))).first():
            raise ImportNotEmpty(table=table.name)
    numbers = _first(file, lines.readline())
    counts = dict.fromkeys((table.name for table in TABLES), 0)
    try:
        for table, rows in _batches(file, lines, counts):
            await connection.execute(insert(table), rows)
    except IntegrityError as error:
        raise ImportUnreadable(path=file, reason=f"it holds what the tables refuse ({error.orig})") from error
    await sums.renew(connection)
    for table in _COUNTED:
        await _go_on_from(connection, table, numbers[table.name])


def _first(file: Path, line: str) -> dict[str, int]:
    """The next number of each table that counts its rows."""
    try:
        told = json.loads(line)
        if told["lanting"] == head():
            return {table.name: int(told["next"][table.name]) for table in _COUNTED}
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise ImportUnreadable(path=file, reason=f"its first line is not that of an export of version {head()}")


def _batches(file: Path, lines: IO[str], counts: dict[str, int]) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    """Some rows of a table at a time; `counts` is raised on the way and held against the last line."""
    tables = {table.name: table for table in TABLES}
    table, last = TABLES[0], None
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 2):
        try:
            match json.loads(line):
                case [str(name), dict(fields)] if last is None:
                    if rows and (name != table.name or len(rows) == _ROWS_AT_ONCE):
                        yield table, rows
                        rows = []
                    table = tables[name]
                    rows.append({column.name: _from_json(column, fields.pop(column.name)) for column in table.columns})
                    if fields:
                        raise ValueError(f"unknown: {', '.join(fields)}")
                    counts[name] += 1
                case {"rows": told} if last is None:
                    last = told
                case _:
                    raise ValueError("neither a row nor the last line")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ImportUnreadable(path=file, reason=f"line {number} cannot be read ({error})") from error
    if rows:
        yield table, rows
    if last != counts:
        raise ImportUnreadable(path=file, reason="it is cut short: no last line counts the rows before it")


async def _next_number(connection: AsyncConnection, table: Table) -> int:
    if connection.dialect.name == "sqlite":
        last = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        return ((await connection.execute(last, {"name": table.name})).scalar() or 0) + 1
    following = text(f"SELECT last_value + is_called::int FROM {table.name}_id_seq")  # noqa: S608 - our own names
    return int((await connection.execute(following)).scalar_one())


async def _go_on_from(connection: AsyncConnection, table: Table, number: int) -> None:
    """The next row gets this number, so that none that was told once comes to mean another."""
    if connection.dialect.name == "sqlite":
        await connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        going_on = text("INSERT INTO sqlite_sequence VALUES (:name, :last)")
        await connection.execute(going_on, {"name": table.name, "last": number - 1})
    else:
        going_on = text(f"SELECT setval('{table.name}_id_seq', :next, false)")
        await connection.execute(going_on, {"next": number})


def _to_json(value: object) -> object:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _from_json(column: Column[Any], value: object) -> object:
    """Raises ValueError or TypeError for what the column cannot hold in either database."""
    match column.type, value:
        case _, None:
            return None
        case LargeBinary(), str():
            return base64.b64decode(value, validate=True)
        case Text(), str() if "\0" not in value:
            return value
        case Integer(), int() if abs(value) <= LAST:
            return value
    raise TypeError(f"{column.name} is {str(value)[:40]!r}")
