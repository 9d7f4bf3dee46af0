"""All that is looked at, in order. Nothing is asked of Discord, and nothing is left changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TypeAlias

from bot.doctor.finding import Finding
from bot.doctor.host import clock, disk, writing
from bot.doctor.shipped import font, poet, tables_and_weights
from bot.doctor.store import database
from bot.doctor.telling import commands, token, translations
from bot.errors import BotError
from bot.settings import Settings
from vae.errors import PoetError

Look: TypeAlias = Callable[[Settings], Awaitable[Finding]]

LOOKS: Mapping[str, Look] = {
    "token": token,
    "commands": commands,
    "translations": translations,
    "weights": tables_and_weights,
    "poet": poet,
    "font": font,
    "disk": disk,
    "writing": writing,
    "clock": clock,
    "database": database,
}


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """A finding of each part, as soon as it is made."""
    for part, look in LOOKS.items():
        try:
            yield await look(settings)
        except (BotError, PoetError) as error:  # its sentence says what to do
            yield Finding.fault(part, str(error))
