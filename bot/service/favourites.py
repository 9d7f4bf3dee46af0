"""A person's favourites."""

from __future__ import annotations

import json

from bot.errors import NoFavourites
from bot.service.desk import Author, Desk
from bot.store import Page, StoredPoem

PAGE_SIZE = 5
_EXPORTED_AT_ONCE = 100


async def add_favourite(desk: Desk, author: Author, number: int) -> bool:
    """False where the person keeps it already. Raises NoSuchPoem, StoreError."""
    return await desk.store.add_favourite(author.id, number)


async def remove_favourite(desk: Desk, author: Author, number: int) -> bool:
    """False where the person does not keep it."""
    return await desk.store.remove_favourite(author.id, number)


async def favourites(desk: Desk, author: Author, page: int = 1) -> Page[StoredPoem]:
    """A page of them, or the last one where there are not so many. Raises NoFavourites where there are none."""
    found = await desk.store.favourites(author.id, page, PAGE_SIZE)
    if found.total == 0:
        raise NoFavourites
    return found if page <= found.pages else await desk.store.favourites(author.id, found.pages, PAGE_SIZE)


async def export_favourites(desk: Desk, author: Author) -> tuple[str, str]:
    """All of them: as a text to read, and as JSON. Raises NoFavourites where there are none."""
    poems: list[StoredPoem] = []
    page = await desk.store.favourites(author.id, 1, _EXPORTED_AT_ONCE)
    while page.items:
        poems += page.items
        page = await desk.store.favourites(author.id, page.number + 1, _EXPORTED_AT_ONCE)
    if not poems:
        raise NoFavourites
    text = "\n\n".join(
        f"{p.poem.text}\n{p.poem.form.chinese} · No. {p.number} · {p.created_at:%Y-%m-%d}" for p in poems
    )
    told = [{"number": p.number, "form": p.poem.form.value, "lines": list(p.poem.lines)} for p in poems]
    return text + "\n", json.dumps(told, ensure_ascii=False, indent=1)
