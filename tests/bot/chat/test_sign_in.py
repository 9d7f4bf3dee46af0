"""The bot comes to Discord: its token and its commands."""

from __future__ import annotations

import asyncio
import logging

import pytest
from pydantic import SecretStr

from bot.chat.client import run
from bot.chat.sync import commands_file
from bot.cli import cli
from bot.errors import DiscordRefused
from tests.bot.chat.conftest import on_discord
from tests.fake_discord import failing, rate_limited
from tests.fake_discord.payloads import BOT_DM, GUILD, GUILD_INSTALL, PRIVATE_CHANNEL, USER_INSTALL
from vae.poem import Form

NONE_OF_THE_INTENTS = 0


async def test_it_asks_for_no_intents(bot):
    (session,) = bot.discord.gateway.sessions.values()
    assert session.intents == NONE_OF_THE_INTENTS


async def test_it_tells_discord_its_commands_once(bot):
    (commands,) = bot.discord.rest.syncs
    slash = [command["name"] for command in commands if command.get("type", 1) == 1]
    assert slash == ["poem", "blend", "favourites", "top", "check", "settings", "privacy", "help", "about"]
    assert [command["name"] for command in commands if command["type"] == 3] == [
        "Answer in verse",
        "Blend with my last favourite",
        "Check the prosody",
    ]


async def test_it_tells_them_again_only_where_they_have_changed(fake_discord, desk, settings):
    for told in (1, 1):
        async with on_discord(fake_discord, desk, settings):
            assert len(fake_discord.rest.syncs) == told
    known = commands_file(settings)
    known.write_text(known.read_text().replace("Write a classical", "Write a modern"))
    async with on_discord(fake_discord, desk, settings):
        assert len(fake_discord.rest.syncs) == 2
    async with on_discord(fake_discord, desk, settings):
        assert len(fake_discord.rest.syncs) == 2


def test_a_dry_run_shows_what_would_be_told_anew(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/lanting.db")
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)
    for job in (["sync", "--dry-run"], ["sync"]):
        with pytest.raises(SystemExit) as ended:
            cli(job)
        assert '+  "name": "poem",' in capsys.readouterr().out
        assert ended.value.code == (0 if "--dry-run" in job else 2)


async def test_its_commands_are_offered_everywhere_and_however_it_is_installed(bot):
    for command in bot.discord.rest.commands:
        if command["name"] == "settings":  # a server's own
            assert (command["contexts"], command["integration_types"]) == ([GUILD], [GUILD_INSTALL])
            continue
        assert sorted(command["contexts"]) == [GUILD, BOT_DM, PRIVATE_CHANNEL]
        assert sorted(command["integration_types"]) == [GUILD_INSTALL, USER_INSTALL]


async def test_discord_bounds_what_it_can_bound(bot):
    poem, blend = ({o["name"]: o for o in bot.discord.command(name)["options"]} for name in ("poem", "blend"))
    assert poem["seed"]["max_length"] == blend["a"]["max_length"] == blend["b"]["max_length"] == 400
    assert (blend["steps"]["min_value"], blend["steps"]["max_value"]) == (2, 25)
    assert [name for name in (*poem, *blend) if (poem | blend)[name].get("required")] == ["a", "b"]


async def test_each_form_is_a_choice_with_its_name_in_chinese_and_english(bot):
    choices = bot.discord.command("poem")["options"][1]["choices"]
    assert [choice["value"] for choice in choices] == [form.value for form in Form]
    for choice, form in zip(choices, Form, strict=True):
        assert choice["name"].startswith(form.chinese)
        assert choice["name"].isascii() is False
        assert any(word in choice["name"] for word in ("couplet", "quatrain", "verse"))


async def test_a_token_that_discord_refuses_ends_it_with_one_sentence(fake_discord, desk, settings):
    settings = settings.model_copy(update={"discord_token": SecretStr("not.the.token")})
    with pytest.raises(DiscordRefused) as refused:
        await run(desk, settings)
    assert "DISCORD_TOKEN" in str(refused.value)
    assert "not.the.token" not in str(refused.value)


async def test_a_token_that_is_withdrawn_ends_it_too(bot):
    await bot.discord.gateway.close(4004)
    await asyncio.wait([bot.job])
    assert isinstance(bot.job.exception(), DiscordRefused)


@pytest.mark.parametrize("fault", [failing(500), rate_limited()], ids=["500", "429"])
async def test_a_passing_fault_at_sign_in_is_waited_out(fault, fake_discord, desk, settings):
    fake_discord.faults.add("me", fault)
    fake_discord.faults.add("put_commands", fault)
    async with on_discord(fake_discord, desk, settings) as bot:
        assert await bot.listens()


async def test_commands_that_discord_will_not_take_leave_the_known_ones_working(fake_discord, desk, settings, caplog):
    async with on_discord(fake_discord, desk, settings):
        pass
    commands_file(settings).unlink()
    fake_discord.faults.add("put_commands", failing(403))
    async with on_discord(fake_discord, desk, settings) as bot:
        assert await bot.listens()
    assert "did not take the commands" in caplog.text


async def test_it_starts_without_a_warning(fake_discord, desk, settings, caplog):
    async with on_discord(fake_discord, desk, settings) as bot:
        assert await bot.listens()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_it_logs_how_to_invite_it(fake_discord, desk, settings, caplog):
    caplog.set_level(logging.INFO, "bot.chat")
    async with on_discord(fake_discord, desk, settings) as bot:
        assert await bot.listens()
    assert "discord.com/oauth2/authorize?client_id=" in caplog.text
    assert settings.discord_token.get_secret_value() not in caplog.text
