"""While a wish waits: its place in the queue, and a button to take it back that only its owner can press."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp
import discord

from bot.chat.ids import WAITING, Id
from bot.chat.locale import Say
from bot.chat.page import Page, button, row, text
from bot.chat.replies import Reply
from bot.errors import NotYourWish, WishIsOver
from bot.service.desk import Watch
from bot.worker import Ticket

log = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds before the place is shown at all: most poems are there by then."""
REFRESH = 3.0


@dataclass(slots=True)
class Waiting:
    """Wishes of this process that wait, by a key that their buttons carry."""

    patience: float = PATIENCE
    tickets: dict[int, tuple[int, Ticket]] = field(default_factory=dict)

    def take_back(self, key: int, person: int) -> None:
        """Raises WishIsOver, NotYourWish."""
        if key not in self.tickets:
            raise WishIsOver
        owner, ticket = self.tickets[key]
        if owner != person:
            raise NotYourWish
        if not ticket.cancel():
            raise WishIsOver


@asynccontextmanager
async def watching(reply: Reply) -> AsyncIterator[Watch]:
    """What `service` tells of a ticket: from then until the end of the block its place is shown, where it takes long."""
    interaction, waiting = reply.interaction, reply.interaction.client.waiting
    over = asyncio.Event()
    shows: list[asyncio.Task[None]] = []

    def watch(ticket: Ticket) -> None:
        waiting.tickets[interaction.id] = interaction.user.id, ticket
        shows.append(asyncio.create_task(_show(reply, ticket, waiting.patience, over)))

    try:
        yield watch
    finally:
        over.set()
        waiting.tickets.pop(interaction.id, None)
        # An edit on its way is let through: cut off, it might still arrive, and after the answer.
        await asyncio.gather(*shows)


async def _show(reply: Reply, ticket: Ticket, patience: float, over: asyncio.Event) -> None:
    shown: int | None = None
    pause = patience
    while not await _passed(over, pause) and not ticket.done:
        pause = REFRESH
        place = ticket.place()
        if place != shown:
            shown = place
            try:
                await reply.show(waiting_page(reply.say, place, ticket.expected_wait(), reply.interaction.id))
            except (discord.HTTPException, aiohttp.ClientError) as error:
                log.info("the place of a wish could not be shown: %s", error)


async def _passed(over: asyncio.Event, seconds: float) -> bool:
    """Whether it was over within so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await over.wait()
    return over.is_set()


def waiting_page(say: Say, place: int, seconds: float, key: int) -> Page:
    wait = say("about {seconds} s", seconds=max(1, round(seconds)))
    told = say("Place {place} in the queue", place=place) if place else say("Being written …")
    return Page(text(f"{told} · {wait}"), row(button(say("Take it back"), Id.of(WAITING, "cancel", key), "✖️")))
