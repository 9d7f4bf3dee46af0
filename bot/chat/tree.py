"""The commands as discord.py holds them, and how a press or a modal finds its function."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import app_commands, ui

from bot.chat import errors
from bot.chat.commands import COMMANDS
from bot.chat.ids import PATTERN, Id
from bot.chat.locale import Translator
from bot.chat.presses import MODALS, PRESSES, Press
from bot.chat.presses.given import data
from bot.errors import StrangeButton

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.chat.client import Interaction


class Tree(app_commands.CommandTree[Any]):
    """Commands for servers, direct messages and private channels, however the bot was installed."""

    def __init__(self, client: discord.Client) -> None:
        super().__init__(
            client,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )
        for command in COMMANDS:
            self.add_command(command)

    async def prepare(self) -> None:
        await self.set_translator(Translator())

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        return interaction.client.takes(interaction)

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        await errors.answer(interaction, error)


class Pressed(ui.DynamicItem[Any], template=PATTERN):
    """Any button or select of ours, of any version, whenever its message was posted."""

    def __init__(self, item: ui.Item[Any], press: Id) -> None:
        super().__init__(item)
        self.press = press

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        press = Id.parse(match.string)
        assert press is not None
        return cls(item, press)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        if interaction.client.takes(interaction):
            await routed(PRESSES, interaction, self.press)


async def submitted(interaction: Interaction) -> None:
    """A modal was sent off. discord.py knows only those that this process has shown."""
    press = Id.parse(str(data(interaction).get("custom_id", "")))
    if press is not None and interaction.client.takes(interaction):
        await routed(MODALS, interaction, press)


async def routed(presses: Mapping[str, Press], interaction: Interaction, press: Id) -> None:
    try:
        if press.name not in presses:
            raise StrangeButton
        await presses[press.name](interaction, press)
    except Exception as error:
        await errors.answer(interaction, error)
