"""A server's poem of the day."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from bot.service.desk import Desk, Written
from bot.store import Due
from vae.poem import WriteRequest


async def due_servers(desk: Desk, moment: datetime) -> tuple[Due, ...]:
    return await desk.store.due_guilds(moment)


async def claim_and_write(desk: Desk, due: Due) -> Written | None:
    """The poem for the caller to post; None where another program does.

    The claim is given back where no poem comes of it. Raises WorkerError, StoreError.
    """
    guild = due.guild
    if not await desk.store.claim_daily(guild.id, due.day):
        return None
    try:
        (poem,) = await desk.worker.ask(WriteRequest(script=guild.script))
        (number,) = await desk.store.add_poems(
            [poem], author_id=None, guild_id=guild.id, channel_id=guild.daily_channel_id
        )
    except BaseException:
        await give_back(desk, due)
        raise
    return Written(number, poem)


async def posted(desk: Desk, due: Due, number: int, message_id: int) -> None:
    await desk.store.daily_posted(due.guild.id, due.day, number, message_id)
    await desk.store.set_message(number, message_id, due.guild.daily_channel_id)


async def give_back(desk: Desk, due: Due) -> None:
    """The poem could not be posted for a reason that may pass: it is due again."""
    await desk.store.release_daily(due.guild.id, due.day)


async def no_longer_there(desk: Desk, due: Due) -> None:
    """The channel does not let us in, or is gone: no more daily poems until somebody sets a channel anew."""
    guild = await desk.store.guild(due.guild.id)
    if guild.daily_channel_id == due.guild.daily_channel_id:
        await desk.store.save_guild(dataclasses.replace(guild, daily_channel_id=None))
