from __future__ import annotations

from bot import console
from bot.app import open_desk
from bot.cli.process import carry_out
from bot.settings import Settings


def job() -> None:
    """Answer on Discord, or at the console where there is no token; what happens without a job."""
    carry_out(_run)


async def _run(settings: Settings) -> int:
    async with open_desk(settings) as desk:
        if settings.discord_token is None:
            return await console.run(desk)
        from bot.chat import client  # noqa: PLC0415 - the console starts quicker without

        await client.run(desk, settings)
        return 0
