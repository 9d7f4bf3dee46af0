"""However often a host starts the program, Discord is not asked more often than it bears."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest
from aiohttp import web
from discord.gateway import KeepAliveHandler
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.chat import starts
from bot.chat.client import run
from bot.chat.identifies import KEPT, pause_before
from bot.chat.starts import LONGEST, Starts
from bot.errors import DiscordRefused, IdentifiesSpent
from tests.bot.chat.conftest import on_discord
from tests.fake_discord import dropped, failing, rate_limited

DAY_MS = 86_400_000


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_each_failed_start_makes_the_next_wait_longer_up_to_a_bound(tmp_path):
    clock = Clock()
    pauses = []
    for _ in range(10):
        start = Starts(tmp_path / "starts.json", "a.b.c", clock)  # as another process would
        pauses.append(start.pause())
        clock.now += start.pause()
        assert start.pause() == 0.0
        start.failed()
    assert pauses[:4] == [0.0, 10.0, 20.0, 40.0]
    assert pauses[-1] == LONGEST
    assert Starts(tmp_path / "starts.json", "another.token", clock).pause() == 0.0
    Starts(tmp_path / "starts.json", "a.b.c", clock).succeeded()
    assert Starts(tmp_path / "starts.json", "a.b.c", clock).pause() == 0.0


def test_the_token_is_not_in_the_file_and_a_spoilt_file_is_none(tmp_path):
    start = Starts(tmp_path / "new" / "starts.json", "a.b.c", Clock())
    start.failed()
    assert "a.b.c" not in start.file.read_text()
    for text in ("", "[]", "{}", '{"token": 1}', "\x00"):
        start.file.write_text(text)
        assert start.pause() == 0.0


def test_a_clock_that_was_set_back_makes_nobody_wait_longer_than_the_bound(tmp_path):
    clock = Clock()
    start = Starts(tmp_path / "starts.json", "a.b.c", clock)
    start.failed()
    clock.now -= 10**6
    assert start.pause() == 10.0


async def test_a_refused_token_is_counted_and_a_good_start_forgets_it(fake_discord, desk, settings, tmp_path):
    refused = settings.model_copy(update={"discord_token": SecretStr("not.the.token")})
    with pytest.raises(DiscordRefused):
        await run(desk, refused)
    assert json.loads((tmp_path / "starts.json").read_text())["failed"] == 1
    asked = fake_discord.rest.calls.count("me")
    waiting = asyncio.create_task(run(desk, refused))
    await asyncio.wait([waiting], timeout=0.05)
    assert not waiting.done()
    assert fake_discord.rest.calls.count("me") == asked
    waiting.cancel()
    await asyncio.wait([waiting])
    Starts(tmp_path / "starts.json", settings.discord_token.get_secret_value()).failed()
    (tmp_path / "starts.json").write_text(
        json.dumps(json.loads((tmp_path / "starts.json").read_text()) | {"last": 0.0})
    )
    async with on_discord(fake_discord, desk, settings) as bot:
        assert await bot.listens()
    assert not (tmp_path / "starts.json").exists()


@pytest.mark.parametrize("fault", [dropped(), failing(403), rate_limited(via=False)], ids=["dropped", "403", "ban"])
async def test_where_discord_is_out_of_reach_it_tries_again_with_growing_pauses(
    fault, fake_discord, desk, settings, monkeypatch, caplog
):
    monkeypatch.setattr(starts, "FIRST_TRY", 0.001)
    monkeypatch.setattr(starts, "LONGEST_TRY", 0.003)
    fake_discord.faults.add("me", fault, times=8)  # discord.py itself may ask several times
    async with on_discord(fake_discord, desk, settings) as bot:
        assert await bot.listens()
    told = [float(r.args[2]) for r in caplog.records if "cannot be reached" in r.getMessage()]
    assert told[:3] == [0.001, 0.002, 0.003]
    assert set(told[3:]) <= {0.003}


@given(st.integers(1, 2000), st.integers(0, 2000), st.integers(0, DAY_MS))
def test_at_the_pace_that_is_kept_the_identifies_are_never_used_up(total, remaining, reset_after):
    limit = {"total": total, "remaining": min(remaining, total), "reset_after": reset_after}
    while limit["reset_after"] > 1:
        pause = pause_before(limit)
        if 2 * limit["remaining"] > total:
            assert pause == 0.0
        limit["reset_after"] -= 1000 * pause
        if limit["reset_after"] <= 1:
            break  # Discord counts anew
        limit["remaining"] -= 1
        assert limit["remaining"] >= min(KEPT, total // 2)


async def test_with_few_identifies_left_a_start_waits_before_it_identifies(fake_discord, desk, settings, caplog):
    fake_discord.faults.add("gateway", counted(remaining=100, reset_after=30_000), times=10)
    async with on_discord(fake_discord, desk, settings) as bot:
        assert await bot.listens()
    assert "100 identifies of 1000 are left; waiting 0 s" in caplog.text


async def test_with_none_left_it_does_not_identify(fake_discord, desk, settings):
    told = asyncio.Event()
    fake_discord.faults.add("gateway", counted(remaining=KEPT, reset_after=3_600_000, told=told))
    waiting = asyncio.create_task(run(desk, settings))
    await told.wait()
    await asyncio.wait([waiting], timeout=0.05)
    assert not waiting.done()
    assert fake_discord.gateway.identifies == 0
    waiting.cancel()
    await asyncio.wait([waiting])


async def test_a_session_that_is_gone_when_none_are_left_ends_the_program(bot):
    bot.discord.faults.add("gateway", counted(remaining=KEPT, reset_after=3_600_000))
    await bot.discord.gateway.invalidate(resumable=False)
    await asyncio.wait([bot.job])
    assert isinstance(bot.job.exception(), IdentifiesSpent)
    assert bot.discord.gateway.identifies == 1
    for thread in threading.enumerate():  # discord.py leaves it to the end of the process
        if isinstance(thread, KeepAliveHandler):
            thread.stop()
            thread.join()


async def test_where_discord_does_not_tell_its_count_it_is_not_waited_for(fake_discord, desk, settings, caplog):
    fake_discord.faults.add("gateway", failing(404))
    async with on_discord(fake_discord, desk, settings) as bot:
        assert await bot.listens()
    assert "does not say how often" in caplog.text


def counted(*, remaining: int, reset_after: int, told: asyncio.Event | None = None):
    """Discord's answer about the gateway, with so many identifies left for so many milliseconds."""

    async def fault(request, handler, clock):
        answer = json.loads((await handler(request)).body)
        answer["session_start_limit"] |= {"remaining": remaining, "reset_after": reset_after}
        if told is not None:
            told.set()
        return web.Response(body=json.dumps(answer), headers={"Content-Type": "application/json"})

    return fault
