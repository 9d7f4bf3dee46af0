"""The database, as it stands."""

from __future__ import annotations

from bot.doctor.finding import Finding
from bot.settings import Settings
from bot.store.checkup import version
from bot.store.versions import head


async def database(settings: Settings) -> Finding:
    """Raises StoreError where it is foreign, newer than the program, damaged or out of reach."""
    at = await version(settings.database)
    if at is None:
        return Finding.well("database", f"none yet; the first start makes one of version {head()}")
    if at != head():
        said = f"its version is {at}, the program's {head()}"
        return Finding.note("database", said, "The next start, or `lanting migrate`, brings it up to date.")
    return Finding.well("database", f"of this program's version, {at}")
