"""The host: its disk, how fast it writes, its clock."""

from __future__ import annotations

import asyncio
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.doctor.finding import Finding
from bot.settings import Settings
from bot.store.checkup import seconds_a_write
from bot.store.lasting import why_it_will_not_last

LITTLE, TOO_LITTLE = 200e6, 20e6
"""Bytes free. A poem takes about a kilobyte."""
SLOW, TOO_SLOW = 0.05, 0.5
"""Seconds until a favourite is on the disk."""
MADE = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right shows an earlier time to this program."""
WATCHED, APART = 0.2, 0.05
"""Seconds for which two clocks are watched, and by how much they may differ after it."""

_SERVERS_OWN = "the PostgreSQL server's own affair"


async def disk(settings: Settings) -> Finding:
    if isinstance(settings.database, str):
        return Finding.well("disk", _SERVERS_OWN)
    folder = _standing(settings.database)
    free = shutil.disk_usage(folder).free
    said = f"{free / 1e6:,.0f} MB free in {folder}"
    if free < LITTLE:
        make = Finding.fault if free < TOO_LITTLE else Finding.note
        return make("disk", said, "Free some space, or give DATABASE_URL a path on another disk.")
    if reason := why_it_will_not_last(settings.database):
        if settings.discord_token is None:
            return Finding.note("disk", f"{said}, but {reason}", "Before the bot is on Discord, mount a volume.")
        way = "Mount a volume and point DATABASE_URL into it, or use PostgreSQL; see the README, 'What is kept'."
        return Finding.fault("disk", f"the database will be lost at the next start: {reason}", way)
    return Finding.well("disk", said)


async def writing(settings: Settings) -> Finding:
    """Raises StoreError where the folder cannot be written."""
    if isinstance(settings.database, str):
        return Finding.well("writing", _SERVERS_OWN)
    folder = _standing(settings.database)
    seconds = await asyncio.to_thread(seconds_a_write, folder)
    said = f"{1000 * seconds:.1f} ms until a change is on the disk of {folder}"
    if seconds < SLOW:
        return Finding.well("writing", said)
    make = Finding.fault if seconds >= TOO_SLOW else Finding.note
    return make(
        "writing", said, "People will wait; give DATABASE_URL a path on a faster disk that is not of a network."
    )


def _standing(file: Path) -> Path:
    """The folder of a file, or the nearest above it that is there."""
    return next(folder for folder in file.absolute().parents if folder.is_dir())


async def clock(_: Settings) -> Finding:
    wall, steady = time.time(), time.monotonic()
    await asyncio.sleep(WATCHED)
    apart = abs((time.time() - wall) - (time.monotonic() - steady))
    now = datetime.now(UTC)
    said = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now < MADE:
        return Finding.fault("clock", f"{said}, which is before this program was made", "Set the host's clock (NTP).")
    if apart > APART:
        return Finding.fault("clock", f"{said}, but it jumped by {apart:.2f} s just now", "See what sets the clock.")
    try:
        ZoneInfo("Asia/Shanghai")
    except ZoneInfoNotFoundError:
        said = f"{said}, but this host knows no time zones, which daily poems need"
        return Finding.fault("clock", said, "pip install tzdata")
    return Finding.well("clock", said)
