"""A real discord.py client on the fake, small enough to read: what a bot of any feature does, and no more."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands

from tests.fake_discord import FakeDiscord
from tests.fake_discord.fixture import fake_discord
from tests.fake_discord.wire import Wire

__all__ = ["fake_discord"]


class Client(discord.Client):
    """Without intents. `prepare` adds commands to the tree and items to the client."""

    def __init__(self, prepare: Callable[[Client], None]) -> None:
        super().__init__(intents=discord.Intents.none())
        self.tree = app_commands.CommandTree(
            self,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        )
        self._prepare = prepare
        self.job: asyncio.Task[None] | None = None

    async def setup_hook(self) -> None:
        self._prepare(self)
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Never waits."""


@asynccontextmanager
async def on_line(fake: FakeDiscord, prepare: Callable[[Client], None]) -> AsyncIterator[Client]:
    async with Client(prepare) as client:
        job = client.job = asyncio.create_task(client.start(fake.token))
        connected = asyncio.create_task(fake.gateway.connected())
        try:
            await asyncio.wait([job, connected], return_when=asyncio.FIRST_COMPLETED)
            if job.done():
                connected.cancel()
                job.result()
            yield client
        finally:
            await client.close()
            await asyncio.wait([job])
            await fake.gateway.disconnected()


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    """Not `fake_discord`, which fails the test over what it refuses."""
    async with FakeDiscord(check_answers=True) as fake, aiohttp.ClientSession() as session:
        yield Wire(fake, session)
        assert fake.misspoken == []


@pytest.fixture
async def bot(fake_discord: FakeDiscord) -> AsyncIterator[Client]:
    fake_discord.check_answers = True
    async with on_line(fake_discord, everything) as client:
        yield client


class Again(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"again:1:(?P<number>\d+)"):
    """A button that outlives its client."""

    def __init__(self, number: int) -> None:
        super().__init__(discord.ui.Button(label="Again", custom_id=f"again:1:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(cls, interaction: Any, item: Any, match: Any) -> Again:
        return cls(int(match["number"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(view=page(self.number + 1))


class Stars(discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"stars:1"):
    def __init__(self) -> None:
        options = [discord.SelectOption(label=f"{i} stars", value=str(i)) for i in range(1, 6)]
        super().__init__(discord.ui.Select(placeholder="Stars", custom_id="stars:1", options=options))

    @classmethod
    async def from_custom_id(cls, interaction: Any, item: Any, match: Any) -> Stars:
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"{interaction.data['values']}", ephemeral=True)


def page(number: int) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    box = discord.ui.Container(accent_colour=0x8B0000)
    box.add_item(discord.ui.TextDisplay(f"Poem {number}"))
    box.add_item(discord.ui.Separator())
    box.add_item(discord.ui.ActionRow(Again(number)))
    box.add_item(discord.ui.ActionRow(Stars()))
    view.add_item(box)
    return view


class Form(discord.ui.Modal, title="Blend"):
    line = discord.ui.Label(text="A line", component=discord.ui.TextInput(max_length=5, required=True))
    form = discord.ui.Label(
        text="Form",
        component=discord.ui.Select(options=[discord.SelectOption(label="Quatrain", value="q", default=True)]),
    )
    reader = discord.ui.Label(text="Reader", component=discord.ui.UserSelect(required=False))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        readers = [user.name for user in self.reader.component.values]
        said = f"{self.line.component.value} {self.form.component.values} {readers}"
        await interaction.response.send_message(said)


def everything(client: Client) -> None:
    tree = client.tree
    client.add_dynamic_items(Again, Stars)

    @tree.command()
    async def poem(interaction: discord.Interaction, seed: str = "") -> None:
        """Writes a poem."""
        await interaction.response.defer()
        await interaction.edit_original_response(view=page(1))

    @poem.autocomplete("seed")
    async def seeds(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{current}月", value="月")]

    @tree.command()
    async def where(interaction: discord.Interaction) -> None:
        """Tells who asks from where."""
        owners = sorted(interaction._integration_owners)
        said = f"{interaction.user.name} {interaction.locale.value} {interaction.guild_id} {owners}"
        await interaction.response.send_message(said, ephemeral=True)

    @tree.command()
    async def form(interaction: discord.Interaction) -> None:
        """Opens a modal."""
        await interaction.response.send_modal(Form())

    @tree.command()
    async def picture(interaction: discord.Interaction) -> None:
        """A picture with a word for those who do not see it."""
        view = discord.ui.LayoutView()
        gallery = discord.ui.MediaGallery()
        gallery.add_item(media="attachment://card.png", description="moon over water")
        view.add_item(gallery)
        view.add_item(discord.ui.File("attachment://poem.txt"))
        files = [discord.File(io.BytesIO(b"png"), "card.png"), discord.File(io.BytesIO(b"verse"), "poem.txt")]
        await interaction.response.send_message(view=view, files=files)

    @tree.context_menu(name="Answer in verse")
    async def answer(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"to {message.author.name}: {message.content}")

    @tree.context_menu(name="Greet")
    async def greet(interaction: discord.Interaction, user: discord.User) -> None:
        await interaction.response.send_message(f"Good day, {user.name}")

    privacy = app_commands.Group(name="privacy", description="What is kept")

    @privacy.command()
    async def export(interaction: discord.Interaction) -> None:
        """Everything."""
        await interaction.response.send_message("kept", ephemeral=True)

    tree.add_command(privacy)

    @tree.command()
    @app_commands.default_permissions(manage_guild=True)
    async def settings(
        interaction: discord.Interaction, role: discord.Role, channel: app_commands.AppCommandChannel
    ) -> None:
        """For those who manage the server."""
        await interaction.response.send_message(f"{role.name} {channel.name}")
