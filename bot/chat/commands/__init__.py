"""The commands, one file each: a signature, and one call of the service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from discord import app_commands

from bot.chat.commands.about import about
from bot.chat.commands.blend import blend
from bot.chat.commands.check import check
from bot.chat.commands.favourites import favourites
from bot.chat.commands.help import help_
from bot.chat.commands.menus import MENUS
from bot.chat.commands.poem import poem
from bot.chat.commands.privacy import privacy
from bot.chat.commands.settings import settings
from bot.chat.commands.top import top

AnyCommand: TypeAlias = "app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu"

COMMANDS: Sequence[AnyCommand] = (poem, blend, favourites, top, check, settings, privacy, help_, about, *MENUS)
