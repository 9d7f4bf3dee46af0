"""A whole server as JSON: what GUILD_CREATE and `GET /guilds/...` carry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .payloads import OWNER_ID, guild
from .people import MEMBER, Person, Place, Role

Json = dict[str, Any]


def roles(place: Place, others: Iterable[Role] = ()) -> list[Json]:
    """@everyone, whose id is the server's, and the others."""
    return [Role(place.guild_id or 0, "@everyone", MEMBER).to_json(), *(role.to_json() for role in others)]


def rest_guild(place: Place, others: Iterable[Role] = ()) -> Json:
    return {key: value for key, value in guild(place).items() if key != "locale"} | {
        "name": "The Orchid Pavilion",
        "icon": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "owner_id": str(OWNER_ID),
        "region": "us-west",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "roles": roles(place, others),
        "emojis": [],
        "stickers": [],
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "description": None,
        "banner": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": place.locale,
        "public_updates_channel_id": None,
        "nsfw": False,
        "nsfw_level": 0,
        "premium_progress_bar_enabled": False,
        "safety_alerts_channel_id": None,
        "incidents_data": None,
    }


def gateway_guild(place: Place, others: Iterable[Role] = ()) -> Json:
    """For those who ask for the guilds intent."""
    return rest_guild(place, others) | {
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
