"""The bot leaves Discord."""

from __future__ import annotations

import asyncio

from tests.bot.chat.conftest import on_discord
from tests.fake_discord import Held


async def test_leaving_leaves_no_task_behind(fake_discord, desk, settings):
    before = asyncio.all_tasks()
    async with on_discord(fake_discord, desk, settings) as bot:
        await bot.asked("poem", {"form": "couplet"})
    await no_task_is_left(before)


async def test_a_wish_in_hand_is_still_met_when_it_leaves(fake_discord, desk, settings):
    before = asyncio.all_tasks()
    async with on_discord(fake_discord, desk, settings) as bot:
        exchange, held = await _wish_in_hand(bot)
        bot.job.cancel()
        held.let_go.set()
    assert exchange.texts[0].startswith("> 床前明月光")
    await no_task_is_left(before)


async def test_who_would_wait_too_long_is_told_that_it_leaves(fake_discord, desk, settings):
    before = asyncio.all_tasks()
    async with on_discord(fake_discord, desk, settings, grace=0) as bot:
        exchange, held = await _wish_in_hand(bot)
    assert "going to rest" in exchange.texts[0]
    held.let_go.set()
    await no_task_is_left(before)


async def _wish_in_hand(bot):
    """Somebody's poem is written, and held up on its way to them."""
    held = Held()
    bot.discord.faults.add("edit_message", held)
    exchange = await bot.discord.slash("poem", {"seed": "床前明月光", "form": "couplet"})
    await held.reached.wait()
    return exchange, held


async def no_task_is_left(before: set[asyncio.Task[object]]) -> None:
    """The fake server's own tasks need a moment to see that their connections are closed."""
    if left := asyncio.all_tasks() - before - {asyncio.current_task()}:
        _, pending = await asyncio.wait(left, timeout=5)
        assert not pending


async def test_who_waits_is_told_at_once_and_whose_poem_is_being_written_gets_it(asleep, fake_discord, settings):
    sleeper, desk = asleep
    async with on_discord(fake_discord, desk, settings, grace=60) as bot:
        written = await bot.discord.visitor("alice").slash("poem", form="couplet")
        await asyncio.to_thread(sleeper.begun.wait)
        waiting = await bot.discord.visitor("bob").slash("poem", form="couplet")
        await waiting.until(lambda e: e.acknowledged_after is not None)
        bot.job.cancel()
        await waiting.until(lambda e: e.texts)
        late = await bot.discord.visitor("carol").slash("poem", form="couplet")
        await late.until(lambda e: e.texts)
        for exchange in (waiting, late):
            assert "going to rest" in exchange.texts[0]
        assert written.texts == []
        sleeper.awake.set()
        await asyncio.wait([bot.job])
    assert written.texts[0].startswith("> ")
