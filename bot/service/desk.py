"""What every use case has at hand, who asks, and what it hands back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from bot.errors import NotAWriter, WritingOff
from bot.pictures.studio import Studio
from bot.service.quota import Quota
from bot.store import Store
from bot.worker import Ticket, Worker
from vae.poem import BlendRequest, Poem, WriteRequest


@dataclass(frozen=True, slots=True)
class Desk:
    """studio: None where nothing is drawn."""

    worker: Worker
    store: Store
    quota: Quota = field(default_factory=Quota)
    studio: Studio | None = None

    @property
    def draws(self) -> bool:
        """Whether poems can be drawn here."""
        return self.studio is not None and self.studio.able


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who asks, and where. Ids are Discord snowflakes; `id` is 0 at the console.

    locale: the person's Discord language, such as `zh-TW`. guild_id is None in direct messages. roles: the person's in
    that server; manages: whether they may change its settings. asked_at: when they asked, from which the wish's deadline
    counts.
    """

    id: int
    locale: str | None = None
    guild_id: int | None = None
    channel_id: int | None = None
    roles: frozenset[int] = frozenset()
    manages: bool = False
    asked_at: datetime | None = None


CONSOLE = Author(id=0)


@dataclass(frozen=True, slots=True)
class Written:
    """A poem that is in the store; `number` is its row there."""

    number: int
    poem: Poem


Watch: TypeAlias = Callable[[Ticket], None]
"""Is told of a wish that waits, to show its place in the queue and to take it back."""


async def grant(desk: Desk, author: Author, request: WriteRequest | BlendRequest, watch: Watch | None) -> list[Poem]:
    """The poems of a wish, if the person may have them here and now.

    Raises WritingOff, NotAWriter, CoolDown, ServerCoolDown, StoreError, WishError (the wish must change) or WorkerError
    (no poem came of it).
    """
    request = await _allowed(desk, author, request)
    await desk.quota.spend(author.id, author.guild_id, request.steps if isinstance(request, BlendRequest) else 1)
    ticket = desk.worker.ask(request, person=author.id, born=author.asked_at)
    if watch is not None:
        watch(ticket)
    return await ticket


async def keep(desk: Desk, author: Author, poems: list[Poem]) -> tuple[Written, ...]:
    """Stores the poems together, all or none. Raises StoreError."""
    numbers = await desk.store.add_poems(
        poems,
        author_id=author.id,
        guild_id=author.guild_id,
        channel_id=author.channel_id,
        codes=[poem.code for poem in poems],
    )
    return tuple(Written(number, poem) for number, poem in zip(numbers, poems, strict=True))


async def _allowed(desk: Desk, author: Author, request: WriteRequest | BlendRequest) -> WriteRequest | BlendRequest:
    """The request in the server's script, where the wish leaves that open and the server has one."""
    if author.guild_id is None:
        return request
    guild = await desk.store.guild(author.guild_id)
    if not guild.enabled:
        raise WritingOff
    if guild.writer_role_id is not None and guild.writer_role_id not in author.roles and not author.manages:
        raise NotAWriter(role=guild.writer_role_id)
    return dataclasses.replace(request, script=guild.script) if request.script is None and guild.script else request
