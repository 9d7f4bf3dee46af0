"""Something goes wrong between the bot and Discord, or inside the bot: what the person sees, and what the log tells."""

from __future__ import annotations

import re
import sqlite3

import pytest

from tests.bot.chat.conftest import verses
from tests.fake_discord import answer_lost, dropped, failing, rate_limited, slow

EXPIRED = 15 * 60 + 1


def codes(exchange):
    return [refusal.code for refusal in exchange.refused]


def poems_kept(settings):
    with sqlite3.connect(settings.database) as database:
        return database.execute("SELECT count(*) FROM poems").fetchone()[0]


PASSING = {
    "429": rate_limited(),
    "500": failing(500),
    "503": failing(503),
    "connection broken": dropped(),
    "answer lost": answer_lost(),
    "almost too late": slow(2.9),
}


passing = pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())


@passing
async def test_a_passing_fault_of_the_acknowledgement_is_not_noticed(fault, bot):
    bot.discord.faults.add("callback", fault)
    assert await bot.listens()


@passing
async def test_a_passing_fault_of_the_answer_is_not_noticed(fault, bot):
    bot.discord.faults.add("edit_message", fault)
    exchange = await bot.asked("poem", {"seed": "床前明月光", "form": "couplet"})
    assert verses(exchange.texts[0])[0] == "床前明月光，"


async def test_an_acknowledgement_that_comes_too_late_wastes_no_poem(bot, settings):
    bot.discord.faults.add("callback", slow(3.1))
    late = await bot.discord.slash("poem", {"form": "couplet"})
    await late.until(lambda exchange: exchange.refused)
    assert await bot.listens()
    assert codes(late) == [10062]
    assert late.messages == []
    assert poems_kept(settings) == 0


async def test_an_answer_that_comes_too_late_is_still_kept(bot, settings):
    bot.discord.faults.add("edit_message", slow(EXPIRED))
    late = await bot.discord.slash("poem", {"form": "couplet"})
    await late.until(lambda exchange: exchange.refused)
    assert await bot.listens()
    assert codes(late) == [50027]
    assert poems_kept(settings) == 1


LASTING = {"429 by Cloudflare": rate_limited(via=False), "500": failing(500), "403": failing(403)}


@pytest.mark.parametrize("fault", LASTING.values(), ids=LASTING.keys())
async def test_an_answer_that_discord_will_not_take_is_told_with_a_code(fault, bot, caplog):
    bot.discord.faults.add("edit_message", fault, times=5)
    exchange = await bot.asked("poem", {"form": "couplet"})
    assert_told_with_a_code(exchange, caplog)


async def test_a_database_that_fails_is_told_with_a_code_and_without_its_path(bot, settings, caplog):
    with sqlite3.connect(settings.database) as database:
        database.execute("ALTER TABLE poems RENAME TO verses")
    exchange = await bot.asked("poem", {"form": "couplet"})
    assert_told_with_a_code(exchange, caplog)
    assert str(settings.database) not in exchange.texts[0]


async def test_a_poet_that_rests_says_so(bot):
    await bot.desk.worker.stop()
    (said,) = (await bot.asked("poem")).texts
    assert "going to rest" in said


async def test_a_command_that_is_no_longer_is_told_to_them_alone(bot):
    bot.discord.rest.commands.append(bot.discord.command("poem") | {"name": "sonnet"})
    (message,) = (await bot.asked("sonnet")).messages
    assert "has changed" in message.everything
    assert message.ephemeral


async def test_a_first_word_whose_receipt_got_lost_is_not_said_twice(bot):
    bot.discord.faults.add("callback", answer_lost())
    exchange = await bot.discord.slash("poem", {"form": "limerick"}, unchecked=True)
    await exchange.until(lambda exchange: exchange.original and exchange.original.edited)
    assert codes(exchange) == [40060]
    (said,) = exchange.texts
    assert "limerick" in said


def assert_told_with_a_code(exchange, caplog):
    (said,) = exchange.texts
    code = re.search(r"the code ([0-9a-f]{6})\.", said)[1]
    assert f"error {code} in interaction {exchange.id}" in caplog.text
    assert "Traceback" not in said
