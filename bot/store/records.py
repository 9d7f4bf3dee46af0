"""What the store hands out and takes: plain values, no SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from vae.poem import Poem, Script

T = TypeVar("T")

CONSOLE = 0
"""The person at the console, where Discord's snowflakes name everybody else."""


@dataclass(frozen=True, slots=True)
class StoredPoem:
    """A poem as it lies in the store.

    number: its row; poem_id: `Poem.id` as it was when written; ids are snowflakes; author_id: 0 for the console, None
    where nobody asked for it (a daily poem) or its author had everything erased; message_id: where it was posted last;
    created_at: UTC, to the second.
    """

    number: int
    poem_id: str
    poem: Poem
    author_id: int | None
    guild_id: int | None
    channel_id: int | None
    message_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of a long list, newest first. number: from 1; total: items on all pages."""

    items: tuple[T, ...]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """At least 1."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True, slots=True)
class Ratings:
    """Stars that count for a poem: everybody's but its author's. mean: 1 to 5, None where there are none."""

    mean: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A poem in a list of the best. score: the Bayesian average that decides its place, 1 to 5."""

    poem: StoredPoem
    score: float
    ratings: Ratings


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person's own settings. None: as Discord, or the server, has it."""

    id: int
    locale: str | None = None
    script: Script | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guild:
    """A server's settings.

    daily_channel_id: where the daily poem goes, None for none; daily_hour: 0 to 23, of `time_zone`, an IANA name;
    writer_role_id: who may write, None for everybody; enabled: whether anybody may.
    """

    id: int
    locale: str | None = None
    script: Script | None = None
    daily_channel_id: int | None = None
    daily_hour: int = 8
    time_zone: str = "UTC"
    writer_role_id: int | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Due:
    """A server whose daily poem is to be written, and the day there that it is for."""

    guild: Guild
    day: date


@dataclass(frozen=True, slots=True)
class DailyPoem:
    """number, message_id: None until it is posted; number: None too once the poem is deleted."""

    guild_id: int
    day: date
    number: int | None
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Erased:
    """How much went when a person had everything erased."""

    poems_deleted: int
    poems_left_without_author: int
    favourites: int
    ratings: int


Exported = Mapping[str, Sequence[Mapping[str, Any]]]
"""Everything about a person: for each table its rows, values as JSON has them."""
