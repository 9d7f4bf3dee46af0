"""The process is told to end under load, is killed, or loses the gateway: what became of people's wishes."""

from __future__ import annotations

import signal
import sqlite3

from bot.chat.client import MOST_DOUBLINGS
from tests.bot.chat.conftest import numbers, verses
from tests.bot.chat.test_process import start
from tests.fake_discord import FakeDiscord


async def test_under_load_sigterm_leaves_nobody_without_an_answer(tmp_path):
    database = tmp_path / "lanting.db"
    async with FakeDiscord() as discord:
        process = await start(discord, database, discord.token)
        try:
            await discord.gateway.connected()
            people = [discord.visitor(f"reader {i}") for i in range(24)]
            asked = [await person.slash("poem", form="qilv") for person in people]
            await asked[0].until_answered()
        finally:
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGTERM)  # a second one is harmless
            _, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        assert "Traceback" not in err.decode()
        told = [await exchange.until_answered() for exchange in asked]
        written = [exchange for exchange in told if verses(exchange.texts[0])]
        assert all(exchange.texts[0] for exchange in told)
        assert 1 <= len(written) <= len(told)
        with sqlite3.connect(database) as kept:
            assert kept.execute("SELECT count(*) FROM poems").fetchone()[0] >= len(written)
            assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_after_sigkill_every_button_works(tmp_path):
    database = tmp_path / "lanting.db"
    async with FakeDiscord() as discord:
        alice, bob = discord.visitor("alice"), discord.visitor("bob")
        first = await start(discord, database, discord.token)
        await discord.gateway.connected()
        poem = await (await alice.slash("poem", seed="床前明月光", form="couplet")).until_answered()
        asked = await (await alice.press(poem.message, "Blend with …")).until(lambda e: e.modal)
        first.kill()
        await first.communicate()
        second = await start(discord, database, discord.token)
        try:
            await discord.gateway.until(lambda gateway: gateway.identifies == 2)
            for button in ("Again", "Vary"):
                written = await (await alice.press(poem.message, button)).until_answered()
                assert verses(written.texts[0])
            walk = await (await alice.submit(asked, {"line": "長河落日圓", "steps": "2"})).until_answered()
            assert len(numbers(walk)) == 2
            assert "Kept" in (await (await alice.press(poem.message, "Favourite")).until_answered()).texts[0]
            assert (await (await alice.press(poem.message, "Reading")).until_answered()).texts[0]
            assert (await (await bob.choose(poem.message, "Give it stars …", "5")).until_answered()).texts[0]
            drawn = await (await alice.press(poem.message, "Picture")).until(lambda e: e.messages and e.message.files)
            assert drawn.message.files
            message = poem.message
            await (await alice.press(message, "Delete")).until(lambda e: message.deleted)
        finally:
            second.send_signal(signal.SIGTERM)
            _, err = await second.communicate()
    assert second.returncode == 0
    assert "Traceback" not in err.decode()


async def test_a_gateway_that_is_lost_for_a_minute_loses_nobody(bot):
    gateway, clock = bot.discord.gateway, bot.discord.clock
    asked = [await bot.discord.visitor(f"reader {i}").slash("poem", form="couplet") for i in range(4)]
    for exchange in asked:
        await exchange.until(lambda e: e.messages)  # taken up, and over REST from here on
    lost = clock.now
    gateway.shut_until = lost + 60
    gateway.drop()
    for exchange in asked:
        assert verses((await exchange.until_answered()).texts[0])
    await gateway.until(lambda gateway: gateway.turned_away > 0 and gateway.resumes + gateway.identifies == 2)
    assert 60 <= clock.now - lost <= 60 + 2**MOST_DOUBLINGS
    assert await bot.listens()
