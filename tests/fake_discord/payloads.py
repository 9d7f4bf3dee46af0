"""People, places and the JSON that Discord tells of them: every key that discord.py 2.7 cannot do without."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]

APPLICATION_ID = 1_100_000_000_000_000_001
BOT_ID = APPLICATION_ID
OWNER_ID = 1_100_000_000_000_000_002
ATTACHMENT_SIZE_LIMIT = 10 * 1024 * 1024
ALL_PERMISSIONS = str((1 << 50) - 1)

GUILD, BOT_DM, PRIVATE_CHANNEL = 0, 1, 2
GUILD_INSTALL, USER_INSTALL = 0, 1
TEXT_CHANNEL, DM_CHANNEL, GROUP_CHANNEL = 0, 1, 3


@dataclass(frozen=True)
class Person:
    id: int = 1_200_000_000_000_000_001
    name: str = "li_bai"
    locale: str = "en-US"

    def user(self) -> Json:
        return user(self.id, self.name)

    def member(self) -> Json:
        return {
            "user": self.user(),
            "roles": [],
            "joined_at": "2024-01-01T00:00:00+00:00",
            "deaf": False,
            "mute": False,
            "flags": 0,
            "permissions": ALL_PERMISSIONS,
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
                "permissions": ALL_PERMISSIONS,
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


def user(user_id: int, name: str, *, bot: bool = False) -> Json:
    return {
        "id": str(user_id),
        "username": name,
        "discriminator": "0",
        "global_name": None,
        "avatar": None,
        "bot": bot,
        "system": False,
        "public_flags": 0,
    }


def bot_user() -> Json:
    return user(BOT_ID, "lanting", bot=True) | {"verified": True, "mfa_enabled": True, "flags": 0, "email": None}


def application() -> Json:
    return {
        "id": str(APPLICATION_ID),
        "name": "lanting",
        "description": "",
        "icon": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": user(OWNER_ID, "owner"),
        "verify_key": "0" * 64,
        "flags": 0,
        "team": None,
        "integration_types_config": {"0": {}, "1": {}},
    }


def guild(place: Place) -> Json:
    return {"id": str(place.guild_id), "locale": place.locale, "features": []}


def full_guild(place: Place) -> Json:
    """What GUILD_CREATE carries, for those who ask for the guilds intent."""
    return guild(place) | {
        "name": "The Orchid Pavilion",
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "owner_id": str(OWNER_ID),
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "roles": [],
        "emojis": [],
        "stickers": [],
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "vanity_url_code": None,
        "description": None,
        "banner": None,
        "premium_tier": 0,
        "preferred_locale": place.locale,
        "public_updates_channel_id": None,
        "nsfw_level": 0,
        "premium_progress_bar_enabled": False,
        "safety_alerts_channel_id": None,
        "joined_at": "2024-01-01T00:00:00+00:00",
        "large": False,
        "unavailable": False,
        "member_count": 2,
        "voice_states": [],
        "members": [],
        "channels": [place.channel(Person())],
        "threads": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def interaction(kind: int, *, interaction_id: int, token: str, person: Person, place: Place, data: Json) -> Json:
    payload: Json = {
        "id": str(interaction_id),
        "application_id": str(APPLICATION_ID),
        "type": kind,
        "token": token,
        "version": 1,
        "data": data,
        "attachment_size_limit": ATTACHMENT_SIZE_LIMIT,
        "locale": person.locale,
        "entitlements": [],
        "authorizing_integration_owners": place.owners(person),
        "context": place.context,
        "channel": place.channel(person),
        "channel_id": str(place.channel_id),
        "app_permissions": ALL_PERMISSIONS,
    }
    if place.guild_id is None:
        return payload | {"user": person.user()}
    return payload | {
        "guild_id": str(place.guild_id),
        "guild": guild(place),
        "guild_locale": place.locale,
        "member": person.member(),
    }
