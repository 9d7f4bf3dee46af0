"""Discord is told the commands, but only when they have changed: it counts how often one tells it."""

from __future__ import annotations

import difflib
import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import discord

from bot.chat.tree import Tree
from bot.errors import DiscordRefused, DiscordUnreachable, SettingsError
from bot.settings import Settings

log = logging.getLogger(__name__)


def commands_file(settings: Settings) -> Path:
    """Where it is written down what Discord was told last. Where that is lost, it is told once more."""
    database = settings.database
    return (database.parent if isinstance(database, Path) else Path("data")) / "commands.json"


async def sync(tree: Tree, known: Path) -> None:
    """Where Discord will not have the commands, those it knows already go on working."""
    if digest(await payload(tree)) == _digest_of(known, tree.client.application_id):
        return
    try:
        await tell(tree, known)
    except discord.HTTPException:
        log.exception("Discord did not take the commands")


async def tell(tree: Tree, known: Path) -> None:
    """Tells Discord the commands, and writes down that it was told. Raises discord.HTTPException."""
    told = await payload(tree)
    await tree.sync()
    _remember(known, tree.client.application_id, told)


async def sync_by_hand(settings: Settings, *, say: Callable[[str], None], dry_run: bool) -> int:
    """Says what would be told anew, and tells it unless this is a dry run. Raises SettingsError without a token,
    DiscordRefused, DiscordUnreachable."""
    client = discord.Client(intents=discord.Intents.none())
    tree, known = Tree(client), commands_file(settings)
    await tree.prepare()
    say(difference(known, await payload(tree)) or "Discord was told these very commands last.")
    if dry_run:
        return 0
    if settings.discord_token is None:
        raise SettingsError(reason="DISCORD_TOKEN is empty; without a token there is no Discord to tell.")
    try:
        async with client:
            await client.login(settings.discord_token.get_secret_value())
            await tell(tree, known)
    except discord.LoginFailure:
        raise DiscordRefused from None
    except (OSError, discord.HTTPException) as error:
        raise DiscordUnreachable(reason=f"{type(error).__name__}: {error}") from error
    return 0


async def payload(tree: Tree) -> list[dict[str, Any]]:
    """The commands as Discord would be told them, in all languages."""
    translator = tree.translator
    assert translator is not None
    return [await command.get_translated_payload(tree, translator) for command in tree._get_all_commands()]


def digest(told: list[dict[str, Any]]) -> str:
    return hashlib.sha256(_canonical(told).encode()).hexdigest()


def difference(known: Path, told: list[dict[str, Any]]) -> str:
    """What Discord was told last against what it would be told now, line by line; empty where they are the same."""
    return "\n".join(
        difflib.unified_diff(
            _canonical(_remembered(known).get("commands", [])).splitlines(),
            _canonical(told).splitlines(),
            "what Discord was told",
            "what it would be told",
            lineterm="",
        )
    )


def _canonical(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)


def _digest_of(known: Path, application: int | None) -> str | None:
    kept = _remembered(known)
    return digest(kept["commands"]) if kept.get("application") == application and "commands" in kept else None


def _remembered(known: Path) -> dict[str, Any]:
    try:
        kept = json.loads(known.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _remember(known: Path, application: int | None, told: list[dict[str, Any]]) -> None:
    try:
        known.parent.mkdir(parents=True, exist_ok=True)
        known.write_text(_canonical({"application": application, "commands": told}), encoding="utf-8")
    except OSError as error:
        log.warning("%s cannot be written (%s): Discord will be told the commands at the next start too", known, error)
