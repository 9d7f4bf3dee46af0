"""What Discord and people are told: the token, the commands, the translations."""

from __future__ import annotations

import base64
import binascii
import re

from bot.chat.sizes import COMMAND_TEXT, breaches, command_text, told_offline
from bot.doctor.finding import Finding
from bot.locales.parity import faults
from bot.settings import Settings

_TOKEN = re.compile(r"(?P<id>[\w-]{18,})\.[\w-]{6,}\.[\w-]{27,}", re.ASCII)
AGAIN = "Install the program again."


async def token(settings: Settings) -> Finding:
    """Its shape alone; whether Discord takes it, only Discord knows."""
    held = settings.discord_token
    if held is None:
        return Finding.well("token", "none, so the console runs; with one behind DISCORD_TOKEN, Discord")
    matched = _TOKEN.fullmatch(held.get_secret_value())
    application = None if matched is None else _number_in(matched["id"])
    if application is None:
        said = "DISCORD_TOKEN has not the shape of a bot's token: three parts with dots between, the first a number"
        return Finding.fault("token", said, "Copy it from the page Bot of your application, not its secret or its key.")
    return Finding.well("token", f"has the shape of one, of application {application}")


def _number_in(part: str) -> int | None:
    try:
        text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return int(text) if text.isdecimal() else None


async def commands(_: Settings) -> Finding:
    told = await told_offline()
    if wrong := list(breaches(told)):
        return Finding.fault("commands", f"Discord would refuse them: {'; '.join(wrong)}", AGAIN)
    largest = max(told, key=command_text)
    said = f"{len(told)} within Discord's limits; the largest, {largest['name']}, has {command_text(largest)}"
    return Finding.well("commands", f"{said} of {COMMAND_TEXT} characters")


async def translations(_: Settings) -> Finding:
    wanted = {text for command in await told_offline() for text in _texts(command)}
    if wrong := faults(wanted):
        return Finding.fault("translations", "; ".join(wrong), AGAIN)
    return Finding.well("translations", "every language says every text, with the same particulars")


def _texts(thing: dict[str, object]) -> list[str]:
    """The English names and descriptions of a command, its options and their choices."""
    own = [text for key in ("name", "description") if isinstance(text := thing.get(key), str) and text]
    inner = [*_list(thing.get("options")), *_list(thing.get("choices"))]
    return own + [text for part in inner for text in _texts(part)]


def _list(parts: object) -> list[dict[str, object]]:
    return parts if isinstance(parts, list) else []
