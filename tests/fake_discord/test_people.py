"""What people can do reaches a real discord.py client, and its answers reach them."""

from __future__ import annotations

import asyncio

import pytest

from tests.fake_discord import FakeDiscord
from tests.fake_discord.conftest import Client, everything, on_line
from tests.fake_discord.people import DIRECT_MESSAGE, FOREIGN_SERVER, GROUP, MANAGER, SERVER

PLACES = {"server": SERVER, "direct message": DIRECT_MESSAGE, "group": GROUP, "user install": FOREIGN_SERVER}
everywhere = pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())


@everywhere
async def test_a_command_a_button_and_a_select(place, fake_discord, bot):
    alice = fake_discord.visitor("alice", place)
    asked = await (await alice.slash("poem", seed="月")).until_answered()
    assert asked.texts == ["Poem 1"]
    pressed = await (await alice.press(asked.message, "Again")).until_answered()
    assert pressed.message is asked.message
    assert asked.texts == ["Poem 2"]
    chosen = await (await alice.choose(asked.message, "Stars", "4 stars")).until_answered()
    assert chosen.texts == ["['4']"]
    assert chosen.message.ephemeral
    assert not fake_discord.visitor("bob", place).sees(chosen.message)


@everywhere
@pytest.mark.parametrize("locale", ["en-US", "zh-TW"])
async def test_the_bot_is_told_who_asks_from_where(place, locale, fake_discord, bot):
    exchange = await fake_discord.visitor("alice", place, locale=locale).slash("where")
    await exchange.until_answered()
    assert exchange.texts == [f"alice {locale} {place.guild_id} {sorted(place.installed)}"]


async def test_a_button_works_after_a_restart(fake_discord):
    alice = fake_discord.visitor("alice")
    async with on_line(fake_discord, everything):
        asked = await (await alice.slash("poem")).until_answered()
    async with on_line(fake_discord, everything):
        await (await alice.press(asked.message, "Again")).until_answered()
    assert asked.texts == ["Poem 2"]


async def test_a_modal_can_be_sent_after_a_restart(fake_discord):
    alice = fake_discord.visitor("alice")
    async with on_line(fake_discord, everything):
        opened = await (await alice.slash("form")).until_answered()
    async with on_line(fake_discord, everything) as client:
        heard = asyncio.get_running_loop().create_future()
        client.event(listener(heard))
        await alice.submit(opened, {"A line": "明月"})
        interaction = await heard
        assert interaction.data["custom_id"] == opened.modal.custom_id
        await interaction.response.defer()
        assert fake_discord.rest.calls[-1] == "callback"


def listener(heard):
    async def on_interaction(interaction):
        heard.set_result(interaction)

    return on_interaction


async def test_a_long_soak_leaves_nothing_behind_that_is_forgotten(fake_discord, bot):
    alice = fake_discord.visitor("alice")
    await (await alice.slash("poem")).until_answered()
    fake_discord.forget()
    assert fake_discord.channels.said(SERVER) == []
    fake_discord.gateway.drop()
    assert (await (await alice.slash("poem")).until_answered()).texts == ["Poem 1"]
    assert fake_discord.gateway.resumes == 1


@everywhere
async def test_a_modal_is_filled_in(place, fake_discord, bot):
    alice, bob = fake_discord.visitor("alice", place), fake_discord.visitor("bob", place)
    opened = await (await alice.slash("form")).until_answered()
    assert opened.modal.title == "Blend"
    assert opened.modal.labels == ["A line", "Form", "Reader"]
    with pytest.raises(AssertionError, match="must be filled in"):
        await alice.submit(opened)
    with pytest.raises(AssertionError, match="takes 0 to 5"):
        await alice.submit(opened, {"A line": "床前明月光光"})
    with pytest.raises(AssertionError, match="alice has it open"):
        await bob.submit(opened)
    sent = await (await alice.submit(opened, {"A line": "床前明月光", "Reader": bob.person})).until_answered()
    assert sent.texts == ["床前明月光 ['q'] ['bob']"]


@everywhere
async def test_context_menus(place, fake_discord, bot):
    alice, bob = fake_discord.visitor("alice", place), fake_discord.visitor("bob", place)
    said = bob.say("海上生明月")
    answer = await (await alice.menu("Answer in verse", said)).until_answered()
    assert answer.texts == ["to bob: 海上生明月"]
    assert (await (await alice.menu("Greet", bob)).until_answered()).texts == ["Good day, bob"]


async def test_autocompletion(fake_discord, bot):
    exchange = await fake_discord.visitor("alice").complete("poem", "seed", "明")
    await exchange.until_answered()
    assert exchange.choices == [{"name": "明月", "value": "月"}]


async def test_subcommands_and_options_of_the_server(fake_discord, bot):
    alice = fake_discord.visitor("alice")
    assert (await (await alice.slash("privacy export")).until_answered()).texts == ["kept"]
    role = fake_discord.role("Poets")
    with pytest.raises(AssertionError, match="nobody finds /settings"):
        await alice.slash("settings", role=role, channel=SERVER)
    manager = fake_discord.visitor("manager", permissions=MANAGER)
    exchange = await (await manager.slash("settings", role=role, channel=SERVER)).until_answered()
    assert exchange.texts == ["Poets orchid-pavilion"]


async def test_files_can_be_read_back(fake_discord, bot):
    exchange = await (await fake_discord.visitor("alice").slash("picture")).until_answered()
    assert exchange.message.files == {"card.png": b"png", "poem.txt": b"verse"}
    assert exchange.message.alt_texts == ["moon over water", None, None]
    seen = await bot.get_partial_messageable(SERVER.channel_id).fetch_message(exchange.message.id)
    gallery, file = seen.components
    assert gallery.items[0].media.attachment_id == seen.attachments[0].id
    assert file.media.url == seen.attachments[1].url
    assert [await attachment.read() for attachment in seen.attachments] == [b"png", b"verse"]


async def test_the_bot_speaks_edits_and_deletes_in_a_channel(fake_discord, bot):
    channel = bot.get_partial_messageable(SERVER.channel_id)
    message = await channel.send("晨")
    await message.edit(content="暮")
    assert [said.content for said in fake_discord.channels.said(SERVER)] == ["暮"]
    await message.delete()
    assert fake_discord.channels.said(SERVER) == []


async def test_the_bot_looks_up_a_server_without_intents(fake_discord, bot):
    alice, role = fake_discord.visitor("alice"), fake_discord.role("Poets")
    guild = await bot.fetch_guild(SERVER.guild_id)
    assert [found.name for found in await guild.fetch_roles()] == ["@everyone", role.name]
    assert (await guild.fetch_member(alice.person.id)).name == "alice"
    assert (await bot.fetch_channel(SERVER.channel_id)).name == "orchid-pavilion"
    assert (await bot.fetch_user(alice.person.id)).name == "alice"


async def test_nobody_presses_what_is_not_there(fake_discord: FakeDiscord, bot: Client):
    alice = fake_discord.visitor("alice")
    asked = await (await alice.slash("poem")).until_answered()
    with pytest.raises(AssertionError, match="0 are called 'Back'"):
        await alice.press(asked.message, "Back")
    with pytest.raises(AssertionError, match="the options are"):
        await alice.choose(asked.message, "Stars", "6 stars")
    with pytest.raises(AssertionError, match="another channel"):
        await alice.at(DIRECT_MESSAGE).press(asked.message, "Again")
    message = asked.message
    message.deleted = True
    with pytest.raises(AssertionError, match="sees no such message"):
        await alice.press(message, "Again")
