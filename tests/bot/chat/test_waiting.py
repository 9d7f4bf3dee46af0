"""A wish that waits: its place in the queue, and who may take it back."""

from __future__ import annotations

from bot.service.desk import Desk
from bot.service.quota import Allowance, OwnBuckets, Quota
from tests.bot.chat.conftest import on_discord
from tests.bot.chat.set_type import posted


async def test_its_place_is_shown_and_then_the_poem(asleep, fake_discord, settings):
    sleeper, desk = asleep
    async with on_discord(fake_discord, desk, settings, patience=0) as bot:
        first = await bot.discord.visitor("alice").slash("poem", form="couplet")
        await first.until(lambda e: "Being written" in "".join(e.texts))
        second = await bot.discord.visitor("bob", locale="zh-CN").slash("poem", form="couplet")
        await second.until(lambda e: "排在第" in "".join(e.texts))
        sleeper.awake.set()
        for exchange in (first, second):
            await exchange.until(lambda e: "> " in "".join(e.texts))
            assert exchange.refused == []
            assert "✖️" not in str(exchange.message.components)


async def test_its_owner_takes_it_back_and_nobody_else(asleep, fake_discord, settings):
    _, desk = asleep
    async with on_discord(fake_discord, desk, settings, patience=0) as bot:
        alice, mallory = bot.discord.visitor("alice"), bot.discord.visitor("mallory")
        wish = await alice.slash("poem", form="couplet")
        await wish.until(lambda e: e.answered)
        hers = await (await mallory.press(wish.message, "Take it back")).until(lambda e: e.follow_ups)
        assert hers.follow_ups[0].everything == "Only who made this wish can take it back."
        assert hers.follow_ups[0].ephemeral
        button = wish.message
        await alice.press(button, "Take it back")
        await wish.until(lambda e: e.texts == ["This wish was taken back."])
        assert bot.desk.worker.depth == 0


async def test_enough_is_told_as_a_time(worker, store, fake_discord, settings):
    quota = Quota(Allowance(burst=3, per_minute=3), people=OwnBuckets(lambda: 0.0))
    async with on_discord(fake_discord, Desk(worker, store, quota), settings) as bot:
        alice, bob = (bot.discord.visitor(name) for name in ("alice", "bob"))
        blend = {"a": "大漠孤煙直", "b": "長河落日圓", "steps": 2}
        await (await alice.slash("blend", blend)).until_answered()
        told = await (await alice.slash("blend", blend)).until_answered()
        assert told.texts == ["That is enough for a moment: again in 20 s\\."] or "again in 20 s" in told.texts[0]
        _, message = await posted(bot.discord, bot.desk)
        assert "> " in (await (await bob.press(message, "Again")).until_answered()).texts[0]
