"""What this program is."""

from __future__ import annotations

from dataclasses import dataclass

from bot import VERSION
from bot.service.desk import Author, Desk
from vae.poem import Form, WriteRequest


@dataclass(frozen=True, slots=True)
class About:
    """weights: their hash, as poems' recipes name it."""

    version: str
    weights: str


async def about(desk: Desk, author: Author) -> About:
    """Raises CoolDown, WorkerError. The smallest poem there is tells which weights write now; it counts like any other."""
    await desk.quota.spend(author.id, author.guild_id, 1)
    (poem,) = await desk.worker.ask(WriteRequest(form=Form.COUPLET, random_seed=0, candidates=1), person=author.id)
    return About(VERSION, poem.recipe.model)
