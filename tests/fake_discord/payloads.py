"""The JSON that Discord tells of the bot, its application, servers and interactions: every key discord.py 2.7 needs."""

from __future__ import annotations

from typing import Any

from .people import (
    BOT_DM,
    DIRECT_MESSAGE,
    FOREIGN_SERVER,
    GROUP,
    GUILD,
    GUILD_INSTALL,
    PRIVATE_CHANNEL,
    SERVER,
    USER_INSTALL,
    Person,
    Place,
    Role,
    user,
)

__all__ = [
    "BOT_DM",
    "DIRECT_MESSAGE",
    "FOREIGN_SERVER",
    "GROUP",
    "GUILD",
    "GUILD_INSTALL",
    "PRIVATE_CHANNEL",
    "SERVER",
    "USER_INSTALL",
    "Person",
    "Place",
    "Role",
    "user",
]

Json = dict[str, Any]

APPLICATION_ID = 1_100_000_000_000_000_001
BOT_ID = APPLICATION_ID
OWNER_ID = 1_100_000_000_000_000_002
ATTACHMENT_SIZE_LIMIT = 10 * 1024 * 1024


def bot_user() -> Json:
    own = {"verified": True, "mfa_enabled": True, "email": None, "locale": "en-US"}
    return user(BOT_ID, "lanting", bot=True) | own


def application() -> Json:
    return {
        "id": str(APPLICATION_ID),
        "type": None,
        "name": "lanting",
        "description": "",
        "icon": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": user(OWNER_ID, "owner"),
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "team": None,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": 1,
        "approximate_user_install_count": 1,
        "approximate_user_authorization_count": 1,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {}, "1": {}},
    }


def guild(place: Place) -> Json:
    """As much as an interaction tells."""
    return {"id": str(place.guild_id), "locale": place.locale, "features": []}


def interaction(
    kind: int, *, interaction_id: int, token: str, person: Person, place: Place, data: Json, permissions: int
) -> Json:
    """`permissions`: what the application may do at the place."""
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
        "channel": place.channel(person) | {"permissions": str(person.permissions)},
        "channel_id": str(place.channel_id),
        "app_permissions": str(permissions),
    }
    if place.guild_id is None:
        return payload | {"user": person.user()}
    return payload | {
        "guild_id": str(place.guild_id),
        "guild": guild(place),
        "guild_locale": place.locale,
        "member": person.member() | {"permissions": str(person.permissions)},
    }
