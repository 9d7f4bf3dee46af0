"""`python -m bot` with a token: how the process begins and ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from tests.fake_discord import FakeDiscord

ROOT = Path(__file__).parents[3]


async def start(discord: FakeDiscord, database: Path, token: str) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fake_discord.against", discord.api, discord.gateway_url, "bot"),
        env=os.environ | {"DISCORD_TOKEN": token, "DATABASE_URL": f"sqlite:///{database}", "DEVICE": "cpu"},
        cwd=ROOT,
        stdout=PIPE,
        stderr=PIPE,
    )


async def test_a_refused_token_ends_it_with_one_line_and_3(tmp_path):
    async with FakeDiscord() as discord:
        process = await start(discord, tmp_path / "lanting.db", "not.the.token")
        out, err = await process.communicate()
    assert process.returncode == 3
    said = err.decode().splitlines()[-1]
    assert said.startswith("lanting: Discord refused the token in DISCORD_TOKEN.")
    assert "Traceback" not in err.decode()
    assert b"not.the.token" not in out + err


async def test_a_signal_ends_it_with_0_and_the_poems_are_kept(tmp_path):
    database = tmp_path / "lanting.db"
    async with FakeDiscord() as discord:
        process = await start(discord, database, discord.token)
        try:
            await discord.gateway.connected()
            exchange = await discord.slash("poem", {"seed": "床前明月光", "form": "couplet"})
            await exchange.until_answered()
        finally:
            process.send_signal(signal.SIGTERM)
            _, err = await process.communicate()
        await discord.gateway.disconnected()
    assert process.returncode == 0
    assert "Traceback" not in err.decode()
    assert exchange.texts[0].startswith("> 床前明月光，")
    with sqlite3.connect(database) as kept:
        assert kept.execute("SELECT count(*) FROM poems").fetchone() == (1,)
