"""A walk that outgrows a message, on its way to a person: longer than any that can be asked for, and set type."""

from __future__ import annotations

import pytest
from discord import app_commands

from bot.chat.commands import COMMANDS
from bot.chat.replies import Reply
from bot.service.blend_lines import Walk
from bot.service.desk import Written
from tests.bot.chat.conftest import numbers, on_discord, verses
from tests.fake_discord import dropped
from tests.fake_discord.payloads import FOREIGN_SERVER, SERVER
from vae.poem import BlendRequest, Form, Poem, Recipe

RECIPE = Recipe(model="0" * 12, random_seed=1, request=BlendRequest(a="大漠孤煙直", b="長河落日圓"))
POEM = Poem(("白日依山盡黃河",) * 8, Form.QILV, RECIPE)
WALK = Walk("大漠孤煙直", "長河落日圓", tuple(Written(number, POEM) for number in range(1, 61)))


@app_commands.command(name="long-walk", description="The longest walk there is")
async def long_walk(interaction):
    reply = await Reply.begin(interaction)
    await reply.walk(WALK)


@pytest.fixture
async def bot(fake_discord, desk, settings, monkeypatch):
    monkeypatch.setattr("bot.chat.tree.COMMANDS", (*COMMANDS, long_walk))
    async with on_discord(fake_discord, desk, settings) as bot:
        yield bot


@pytest.mark.parametrize("place", [SERVER, FOREIGN_SERVER], ids=["server", "user install"])
async def test_no_poem_is_lost_or_cut_though_a_connection_breaks(place, bot):
    bot.discord.faults.add("follow_up", dropped())
    exchange = await bot.asked("long-walk", place=place)
    await exchange.until(lambda exchange: len(numbers(exchange)) == 60)
    assert exchange.refused == []
    assert len(exchange.messages) > 1
    assert numbers(exchange) == list(range(1, 61))
    for text in exchange.texts:
        assert len(verses(text)) % Form.QILV.lines == 0
    assert all(message.pings == [] for message in exchange.messages)
    assert all(message.allowed_mentions == {"parse": []} for message in exchange.messages)
