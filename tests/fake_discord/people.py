"""People, roles and places: who speaks with the bot, and where."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]

GUILD, BOT_DM, PRIVATE_CHANNEL = 0, 1, 2
GUILD_INSTALL, USER_INSTALL = 0, 1
TEXT_CHANNEL, DM_CHANNEL, GROUP_CHANNEL = 0, 1, 3

ADMINISTRATOR, MANAGE_GUILD, VIEW_CHANNEL, SEND_MESSAGES = 1 << 3, 1 << 5, 1 << 10, 1 << 11
MANAGE_MESSAGES, EMBED_LINKS, ATTACH_FILES, READ_MESSAGE_HISTORY = 1 << 13, 1 << 14, 1 << 15, 1 << 16
MENTION_EVERYONE, USE_APPLICATION_COMMANDS, USE_EXTERNAL_APPS = 1 << 17, 1 << 31, 1 << 50

MEMBER = (
    VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | MENTION_EVERYONE
    | USE_APPLICATION_COMMANDS
    | USE_EXTERNAL_APPS
)
"""What everyone may do in a new server, as far as it matters to a bot."""
MANAGER = MEMBER | MANAGE_GUILD | MANAGE_MESSAGES
ABROAD = ATTACH_FILES | EMBED_LINKS | MENTION_EVERYONE
"""What an application may do where only a person has installed it."""


@dataclass(frozen=True)
class Role:
    id: int
    name: str
    permissions: int = 0

    def to_json(self) -> Json:
        return {
            "id": str(self.id),
            "name": self.name,
            "permissions": str(self.permissions),
            "position": 1,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
        }


@dataclass(frozen=True)
class Person:
    id: int = 1_200_000_000_000_000_001
    name: str = "li_bai"
    locale: str = "en-US"
    permissions: int = MEMBER
    roles: tuple[Role, ...] = ()

    def may(self, permissions: int) -> bool:
        return bool(self.permissions & ADMINISTRATOR) or self.permissions & permissions == permissions

    def user(self) -> Json:
        return user(self.id, self.name)

    def member(self) -> Json:
        """Without the permissions, which stand only in interactions."""
        return {
            "user": self.user(),
            "nick": None,
            "avatar": None,
            "banner": None,
            "roles": [str(role.id) for role in self.roles],
            "joined_at": "2024-01-01T00:00:00+00:00",
            "premium_since": None,
            "communication_disabled_until": None,
            "pending": False,
            "deaf": False,
            "mute": False,
            "flags": 0,
        }


@dataclass(frozen=True)
class Place:
    """Where a person calls the bot from, and how the bot came to be there."""

    kind: Literal["guild", "bot_dm", "private"]
    channel_id: int
    guild_id: int | None = None
    installed: tuple[int, ...] = (GUILD_INSTALL,)
    locale: str = "en-US"

    @property
    def context(self) -> int:
        return {"guild": GUILD, "bot_dm": BOT_DM, "private": PRIVATE_CHANNEL}[self.kind]

    @property
    def only_user_installed(self) -> bool:
        return self.installed == (USER_INSTALL,)

    def owners(self, person: Person) -> Json:
        home = str(self.guild_id or 0)
        return {str(kind): home if kind == GUILD_INSTALL else str(person.id) for kind in self.installed}

    def channel(self, person: Person) -> Json:
        common: Json = {"id": str(self.channel_id), "last_message_id": None, "flags": 0}
        if self.kind == "guild":
            return common | {
                "type": TEXT_CHANNEL,
                "guild_id": str(self.guild_id),
                "name": "orchid-pavilion",
                "position": 0,
                "permission_overwrites": [],
                "nsfw": False,
                "parent_id": None,
                "topic": None,
                "rate_limit_per_user": 0,
            }
        if self.kind == "bot_dm":
            return common | {"type": DM_CHANNEL, "recipients": [person.user()]}
        return common | {
            "type": GROUP_CHANNEL,
            "recipients": [person.user()],
            "name": None,
            "icon": None,
            "owner_id": str(person.id),
        }

    def elsewhere(self) -> Place:
        """The same place as one meets it when only the person has installed the application."""
        return dataclasses.replace(self, installed=(USER_INSTALL,))


SERVER = Place("guild", 1_300_000_000_000_000_001, 1_300_000_000_000_000_000)
DIRECT_MESSAGE = Place("bot_dm", 1_300_000_000_000_000_002)
GROUP = Place("private", 1_300_000_000_000_000_003, installed=(USER_INSTALL,))
FOREIGN_SERVER = Place("guild", 1_300_000_000_000_000_005, 1_300_000_000_000_000_004, installed=(USER_INSTALL,))


def server_of_shard(shard: int, count: int, number: int = 0) -> Place:
    """A server that Discord counts to a shard; another for each number."""
    guild_id = ((SERVER.guild_id or 0) >> 22) // count * count + (number + 1) * count + shard << 22
    return Place("guild", guild_id + 1, guild_id)


def user(user_id: int, name: str, *, bot: bool = False) -> Json:
    return {
        "id": str(user_id),
        "username": name,
        "discriminator": "0",
        "global_name": None,
        "avatar": None,
        "primary_guild": None,
        "bot": bot,
        "system": False,
        "flags": 0,
        "public_flags": 0,
    }
