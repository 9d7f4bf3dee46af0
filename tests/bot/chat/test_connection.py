"""The gateway breaks, and nobody notices."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from bot.service.desk import Desk
from tests.bot.chat.conftest import on_discord, verses
from tests.bot.chat.set_type import posted


async def lost_socket(gateway):
    gateway.drop()


async def asked_to_reconnect(gateway):
    await gateway.ask_to_reconnect()


async def session_in_doubt(gateway):
    await gateway.invalidate(resumable=True)


async def closed_by_discord(gateway):
    await gateway.close(4000)


@pytest.mark.parametrize("disturb", [lost_socket, asked_to_reconnect, session_in_doubt, closed_by_discord])
async def test_a_broken_connection_is_resumed_and_nobody_goes_unanswered(disturb, bot):
    gateway = bot.discord.gateway
    await disturb(gateway)
    exchange = await bot.discord.slash("poem", {"seed": "moon"})
    await exchange.until_answered()
    await gateway.until(lambda gateway: gateway.resumes == 1)
    assert gateway.identifies == 1
    assert await bot.listens()


async def test_a_session_that_is_gone_is_begun_anew(bot):
    gateway = bot.discord.gateway
    await gateway.invalidate(resumable=False)
    await gateway.until(lambda gateway: gateway.identifies == 2)
    assert await bot.listens()


async def test_it_answers_a_call_for_a_heartbeat(bot):
    before = bot.discord.gateway.heartbeats
    await bot.discord.gateway.ask_for_heartbeat()
    await bot.discord.gateway.until(lambda gateway: gateway.heartbeats > before)


async def test_an_event_it_cannot_read_disturbs_nobody(bot, caplog):
    await bot.discord.gateway.dispatch("INTERACTION_CREATE", {"id": "1"})
    assert await bot.listens()
    assert (bot.discord.gateway.identifies, bot.discord.gateway.resumes) == (1, 0)
    assert "could not be read: INTERACTION_CREATE" in caplog.text


async def test_a_host_that_asks_is_told_of_the_gateway(worker, store, fake_discord, settings, unused_tcp_port):
    asked = settings.model_copy(update={"port": unused_tcp_port})
    async with on_discord(fake_discord, Desk(worker, store), asked), aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{unused_tcp_port}/readyz") as answer:
            assert (answer.status, await answer.text()) == (200, "poet: ok\nstore: ok\nloop: ok\ngateway: ok\n")
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("bot.chat.pulse.STALE", 0.0)
            async with session.get(f"http://127.0.0.1:{unused_tcp_port}/readyz") as answer:
                assert answer.status == 503
                assert "gateway: Discord was not heard for 0 s\n" in await answer.text()
        async with session.get(f"http://127.0.0.1:{unused_tcp_port}/metrics") as answer:
            told = await answer.text()
            assert "lanting_poet_ready 1.0" in told
            assert 'lanting_shard_connected{shard="0"} 1.0' in told


async def test_a_gateway_lost_for_a_minute_loses_nothing(asleep, fake_discord, settings):
    """Whose wish is in hand gets the poem meanwhile, over REST; who asked while Discord could still wait is answered."""
    sleeper, desk = asleep
    gateway = fake_discord.gateway
    alice, bob, carol, dave = (fake_discord.visitor(name) for name in ("alice", "bob", "carol", "dave"))
    async with on_discord(fake_discord, desk, settings) as bot:
        begun = await alice.slash("poem", form="couplet")
        await asyncio.to_thread(sleeper.begun.wait)
        waiting = await bob.slash("poem", seed="床前明月光", form="couplet")
        await waiting.until(lambda e: e.acknowledged_after is not None)
        _, message = await posted(fake_discord, desk)
        outage = gateway.lose(60)
        too_late = await dave.slash("poem", form="couplet")
        sleeper.awake.set()
        await begun.until(lambda e: e.texts and verses(e.texts[0]))
        await waiting.until(lambda e: e.texts and verses(e.texts[0])[0] == "床前明月光，")
        await outage.nearly_over.wait()
        assert gateway.refused > 1
        assert fake_discord.clock.now - outage.until <= 32  # no pause is longer, however often it was tried
        asked, pressed = await carol.slash("help"), await carol.press(message, "Favourite")
        outage.over.set()
        assert "/poem" in (await asked.until_answered()).texts[0]
        assert "Kept" in (await pressed.until_answered()).texts[0]
        assert (gateway.identifies, gateway.resumes) == (1, 1)
        # Discord told this person after three seconds that nobody answered: no poem is wasted on it.
        assert too_late.failed
        assert (too_late.messages, too_late.refused) == ([], [])
        assert await bot.listens()
