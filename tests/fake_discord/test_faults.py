"""Each fault reaches a real discord.py client as the real thing would."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest

from tests.fake_discord import answer_lost, dropped, failing, lacking, rate_limited, slow
from tests.fake_discord.faults import without
from tests.fake_discord.people import SERVER

PASSING = {
    "429": rate_limited(),
    "429 for all": rate_limited(everywhere=True),
    "500": failing(500),
    "502": failing(502),
    "late": slow(60),
    "answer lost": answer_lost(),
}


@pytest.fixture
def channel(bot):
    return bot.get_partial_messageable(SERVER.channel_id)


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
async def test_what_passes_is_tried_again(fault, channel, fake_discord):
    fake_discord.faults.add("create_message", fault)
    await channel.send("月")
    assert {message.content for message in fake_discord.channels.said(SERVER)} == {"月"}


async def test_a_lost_answer_is_an_act_done_twice(channel, fake_discord):
    fake_discord.faults.add("create_message", answer_lost())
    await channel.send("月")
    assert len(fake_discord.channels.said(SERVER)) == 2


async def test_a_broken_connection_is_told_to_the_caller(channel, fake_discord):
    fake_discord.faults.add("create_message", dropped())
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await channel.send("月")
    assert fake_discord.channels.said(SERVER) == []


async def test_a_429_is_waited_out_on_discords_clock(channel, fake_discord):
    fake_discord.faults.add("create_message", rate_limited(600))
    before = fake_discord.clock.now
    await channel.send("月")
    assert fake_discord.clock.now - before == pytest.approx(600)


async def test_a_429_without_via_is_a_ban(channel, fake_discord):
    fake_discord.faults.add("create_message", rate_limited(via=False))
    with pytest.raises(discord.HTTPException, match="429"):
        await channel.send("月")


async def test_a_fault_comes_when_and_as_often_as_planned(channel, fake_discord):
    fake_discord.faults.add("create_message", failing(403), after=1, times=2)
    await channel.send("first")
    for _ in range(2):
        with pytest.raises(discord.Forbidden):
            await channel.send("never")
    await channel.send("last")
    assert [message.content for message in fake_discord.channels.said(SERVER)] == ["first", "last"]


async def test_an_answer_can_lack_a_key(channel, fake_discord):
    fake_discord.faults.add("create_message", lacking("id"))
    with pytest.raises(KeyError, match="id"):
        await channel.send("月")


async def test_an_event_that_lacks_a_key_ends_the_client(bot, fake_discord):
    fake_discord.faults.lose("INTERACTION_CREATE", "attachment_size_limit")
    await fake_discord.visitor("alice").slash("where")
    await asyncio.wait([bot.job])
    assert isinstance(bot.job.exception(), KeyError)


def test_a_key_that_is_not_there_cannot_be_lost():
    assert without({"a": {"b": 1, "c": 2}}, "a.b") == {"a": {"c": 2}}
    with pytest.raises(KeyError):
        without({"a": {}}, "a.b")


async def test_an_event_that_nobody_has_heard_of_is_nothing(bot, fake_discord):
    await fake_discord.gateway.dispatch("MOON_RISE", {"over": "the sea"})
    assert (await (await fake_discord.visitor("alice").slash("where")).until_answered()).texts


async def disturbed(gateway, how):
    if how == "dropped":
        gateway.drop()
    elif how == "op 7":
        await gateway.ask_to_reconnect()
    elif how == "op 9, resumable":
        await gateway.invalidate(resumable=True)
    elif how == "op 9":
        await gateway.invalidate(resumable=False)


@pytest.mark.parametrize("how", ["dropped", "op 7", "op 9, resumable"])
async def test_a_disturbed_session_is_resumed(how, bot, fake_discord):
    await disturbed(fake_discord.gateway, how)
    exchange = await fake_discord.visitor("alice").slash("where")
    await exchange.until_answered()
    assert (fake_discord.gateway.identifies, fake_discord.gateway.resumes) == (1, 1)


async def test_a_lost_session_is_begun_anew(bot, fake_discord):
    await disturbed(fake_discord.gateway, "op 9")
    await fake_discord.gateway.until(lambda gateway: gateway.identifies == 2)
    exchange = await fake_discord.visitor("alice").slash("where")
    await exchange.until_answered()
