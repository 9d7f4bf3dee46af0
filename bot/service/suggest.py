"""What a person may mean while they type."""

from __future__ import annotations

from dataclasses import dataclass

from bot.service.desk import Author, Desk
from bot.store import StoredPoem
from vae.prosody.table import classical
from vae.script import to_traditional

LIMIT = 25


@dataclass(frozen=True, slots=True)
class Suggestion:
    """label: what the person reads; value: what is then sent."""

    label: str
    value: str


def rhyme_groups(typed: str) -> list[Suggestion]:
    """The groups of the 平水韻 in the book's order: named so, or having the characters typed; all where none is typed."""
    book = classical()
    wanted = to_traditional(typed.strip()) if typed.strip() else ""
    groups = [g for g in book.rhyme_groups if wanted in ("", g)]
    groups += [g for g in book.rhyme_groups if g not in groups and any(g in book.groups(char) for char in wanted)]
    return [Suggestion(group, group) for group in groups][:LIMIT]


async def own_seeds(desk: Desk, author: Author, typed: str) -> list[Suggestion]:
    seeds = await desk.store.recent_seeds(author.id)
    return [Suggestion(seed, seed) for seed in seeds if typed.strip().lower() in seed.lower()][:LIMIT]


async def own_poems(desk: Desk, author: Author, typed: str) -> list[Suggestion]:
    """The person's favourites, then what was written for them of late, by number or by words in them."""
    kept = await desk.store.favourites(author.id, 1, LIMIT)
    recent = await desk.store.poems_of(author.id, 1, LIMIT)
    found = {poem.number: poem for poem in (*kept.items, *recent.items)}
    wanted = typed.strip().lstrip("#＃").strip()
    return [_named(poem) for poem in found.values() if wanted in f"{poem.number}{poem.poem.text}"][:LIMIT]


def _named(poem: StoredPoem) -> Suggestion:
    return Suggestion(f"#{poem.number} {poem.poem.text.replace(chr(10), '')}", f"#{poem.number}")
