from __future__ import annotations

from bot.cli.process import carry_out
from bot.settings import Settings
from bot.store import Store


def job() -> None:
    """Only bring the database up to date."""
    carry_out(_migrate)


async def _migrate(settings: Settings) -> int:
    store = await Store.open(settings.database)
    await store.close()
    return 0
