"""A person asks for all that is kept about them, or to have it gone."""

from __future__ import annotations

import json

from bot.service.desk import Author, Desk
from bot.store import Erased


async def export(desk: Desk, author: Author) -> str:
    """JSON: for each table its rows."""
    return json.dumps(await desk.store.export_person(author.id), ensure_ascii=False, indent=1)


async def erase(desk: Desk, author: Author) -> Erased:
    """Their poems go too, but for those that others keep: these stay, without a name."""
    return await desk.store.erase_person(author.id)
