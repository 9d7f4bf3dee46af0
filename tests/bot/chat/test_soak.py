"""People do everything at once, for long: nobody goes unanswered, and nothing piles up.

Small here; `pytest tests/bot/chat/test_soak.py --soak 2000 -s` is the proof, and prints how soon people were acknowledged.
"""

from __future__ import annotations

import asyncio
import gc
import random
import time

import pytest

from bot.service.desk import Desk
from bot.service.quota import Allowance, Quota
from tests.bot.chat.conftest import on_discord
from tests.bot.chat.set_type import posted
from tests.fake_discord.payloads import DIRECT_MESSAGE, FOREIGN_SERVER, SERVER

CROWD = 12
PLACES = (SERVER, DIRECT_MESSAGE, FOREIGN_SERVER)
LOCALES = ("en-US", "zh-CN", "zh-TW")
MANAGE_GUILD = 1 << 5


@pytest.fixture
def rounds(request):
    return max(1, request.config.getoption("--soak") // CROWD)


async def test_nobody_goes_unanswered_and_nothing_piles_up(rounds, worker, store, fake_discord, settings):
    boundless = Quota(Allowance(10**6, 10**6), Allowance(10**6, 10**6))
    dice, waits, tasks = random.Random(1), [], []
    async with on_discord(fake_discord, Desk(worker, store, boundless), settings) as bot:
        messages = {place: (await posted(fake_discord, bot.desk, place=place))[1] for place in PLACES}
        for _ in range(rounds):
            await asyncio.gather(*(one(bot, dice, messages, waits, i) for i in range(CROWD)))
            gc.collect()
            tasks.append(len(asyncio.all_tasks()))
    assert max(tasks[len(tasks) // 2 :]) <= max(tasks[: len(tasks) // 2 + 1]) + CROWD
    waits.sort()
    middle, late = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
    print(
        f"\n{len(waits)} acknowledged: median {1000 * middle:.0f} ms, p99 {1000 * late:.0f} ms; tasks {tasks[0]} → {tasks[-1]}"
    )


async def one(bot, dice, messages, waits, who):
    place = dice.choice(PLACES)
    somebody = bot.discord.visitor(f"poet {who}", place, locale=dice.choice(LOCALES), permissions=MANAGE_GUILD)
    message = messages[place]
    act = dice.choice(("poem", "again", "keep", "rate", "read", "check", "top", "help", "wrong", "complete"))
    begun = time.perf_counter()
    match act:
        case "poem":
            exchange = await somebody.slash("poem", form="couplet")
        case "check":
            exchange = await somebody.slash("check", text="白日依山盡，黃河入海流。")
        case "top" | "help":
            exchange = await somebody.slash(act)
        case "wrong":
            exchange = await somebody.slash("blend", a="明月", b="#999999")
        case "complete":
            exchange = await somebody.complete("poem", "rhyme", "東")
        case "rate":
            exchange = await somebody.choose(message, "p1:rate:" + suffix(message), str(dice.randint(1, 5)))
        case _:
            exchange = await somebody.press(message, f"p1:{act}:" + suffix(message))
    await exchange.until(lambda e: e.answer_type is not None)
    waits.append(time.perf_counter() - begun)
    await exchange.until(lambda e: e.answered or e.choices is not None)
    assert exchange.refused == []


def suffix(message):
    """The number in the custom ids under a poem."""
    again = next(
        item for row in message.components for item in row.get("components", ()) if item.get("label") == "Again"
    )
    return again["custom_id"].split(":")[-1]
