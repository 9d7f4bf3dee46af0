"""What each route does. The paths, and the names in them, are those of Discord's OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from . import guilds, payloads, refusals
from .exchange import Exchange
from .messages import Upload
from .people import DIRECT_MESSAGE, Person, Place

if TYPE_CHECKING:
    from .server import FakeDiscord

Json = dict[str, Any]
Answer: TypeAlias = Json | list[Json] | None

COMMANDS = "/applications/{application_id}/commands"
GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"
CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
CHANNEL, GUILD = "/channels/{channel_id}", "/guilds/{guild_id}"


@dataclass(frozen=True)
class Request:
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    uploads: Sequence[Upload]
    exchange: Exchange | None

    def asks(self, key: str) -> bool:
        return self.query.get(key, "").lower() in ("true", "1")


@dataclass(frozen=True)
class Operation:
    """`by_bot`: it asks for the bot's token; the others carry an interaction's token in their path."""

    name: str
    method: str
    path: str
    run: Callable[[Request], Answer]
    by_bot: bool = True


class Operations:
    def __init__(self, discord: FakeDiscord) -> None:
        self.discord = discord
        self.channels = discord.channels

    def all(self) -> list[Operation]:
        message = f"{CHANNEL}/messages/{{message_id}}"
        with_bot_token = [
            Operation("me", "GET", "/users/@me", lambda _: payloads.bot_user()),
            Operation("application", "GET", "/oauth2/applications/@me", lambda _: payloads.application()),
            Operation("gateway", "GET", "/gateway/bot", self.gateway),
            Operation("get_commands", "GET", COMMANDS, self.get_commands),
            Operation("put_commands", "PUT", COMMANDS, self.put_commands),
            Operation("get_commands", "GET", GUILD_COMMANDS, self.get_commands),
            Operation("put_commands", "PUT", GUILD_COMMANDS, self.put_commands),
            Operation("create_message", "POST", f"{CHANNEL}/messages", self.create_message),
            Operation("get_channel_message", "GET", message, self.get_channel_message),
            Operation("edit_channel_message", "PATCH", message, self.edit_channel_message),
            Operation("delete_channel_message", "DELETE", message, self.delete_channel_message),
            Operation("get_channel", "GET", CHANNEL, self.get_channel),
            Operation("open_dm", "POST", "/users/@me/channels", self.open_dm),
            Operation("get_user", "GET", "/users/{user_id}", self.get_user),
            Operation("get_guild", "GET", GUILD, self.get_guild),
            Operation("get_guild_channels", "GET", f"{GUILD}/channels", self.get_guild_channels),
            Operation("get_guild_roles", "GET", f"{GUILD}/roles", self.get_guild_roles),
            Operation("get_member", "GET", f"{GUILD}/members/{{user_id}}", self.get_member),
        ]
        with_interaction_token = [
            Operation("callback", "POST", CALLBACK, self.callback, by_bot=False),
            Operation("follow_up", "POST", WEBHOOK, self.follow_up, by_bot=False),
            *(
                Operation(name, method, f"{WEBHOOK}/messages/{which}", run, by_bot=False)
                for which in ("@original", "{message_id}")
                for name, method, run in (
                    ("get_message", "GET", self.get_message),
                    ("edit_message", "PATCH", self.edit_message),
                    ("delete_message", "DELETE", self.delete_message),
                )
            ),
        ]
        return with_bot_token + with_interaction_token

    # With an interaction's token

    def callback(self, request: Request) -> Answer:
        exchange = request.exchange
        if exchange is None or request.path["interaction_id"] != str(exchange.id):
            raise refusals.unknown_interaction()
        reply = exchange.acknowledge(request.body, request.uploads)
        return reply if request.asks("with_response") else None

    def follow_up(self, request: Request) -> Answer:
        return _exchange(request).follow_up(request.body, request.uploads).to_json()

    def get_message(self, request: Request) -> Answer:
        return _exchange(request).find(_which(request)).to_json()

    def edit_message(self, request: Request) -> Answer:
        return _exchange(request).edit(_which(request), request.body, request.uploads).to_json()

    def delete_message(self, request: Request) -> Answer:
        _exchange(request).delete(_which(request))
        return None

    # With the bot's token: itself and its commands

    def gateway(self, request: Request) -> Answer:
        gateway, start = self.discord.gateway, {"total": 1000, "remaining": 1000, "reset_after": 86_400_000}
        limit = start | {"max_concurrency": gateway.max_concurrency or 1}
        return {"url": self.discord.gateway_url, "shards": gateway.recommended, "session_start_limit": limit}

    def get_commands(self, request: Request) -> Answer:
        """Localisations are left out unless asked for, as Discord does."""
        hidden = () if request.asks("with_localizations") else ("name_localizations", "description_localizations")
        commands = self.discord.commands.of(request.path.get("guild_id"))
        return [{key: value for key, value in command.items() if key not in hidden} for command in commands]

    def put_commands(self, request: Request) -> Answer:
        return self.discord.commands.replace(request.path.get("guild_id"), request.body)

    # With the bot's token: channels, servers and people

    def create_message(self, request: Request) -> Answer:
        return self.channels.post(request.path["channel_id"], request.body, request.uploads).to_json()

    def get_channel_message(self, request: Request) -> Answer:
        return self.channels.get(request.path["channel_id"], request.path["message_id"]).to_json()

    def edit_channel_message(self, request: Request) -> Answer:
        where = request.path["channel_id"], request.path["message_id"]
        return self.channels.edit_own(*where, request.body, request.uploads).to_json()

    def delete_channel_message(self, request: Request) -> Answer:
        self.channels.delete(request.path["channel_id"], request.path["message_id"])
        return None

    def get_channel(self, request: Request) -> Answer:
        return self.channels.place(request.path["channel_id"]).channel(Person())

    def open_dm(self, request: Request) -> Answer:
        return DIRECT_MESSAGE.channel(self._person(request.body["recipient_id"], refusals.unknown_user()))

    def get_user(self, request: Request) -> Answer:
        return self._person(request.path["user_id"], refusals.unknown_user()).user()

    def get_guild(self, request: Request) -> Answer:
        return guilds.rest_guild(self._places(request)[0], self.discord.roles)

    def get_guild_channels(self, request: Request) -> Answer:
        return [place.channel(Person()) for place in self._places(request)]

    def get_guild_roles(self, request: Request) -> Answer:
        return guilds.roles(self._places(request)[0], self.discord.roles)

    def get_member(self, request: Request) -> Answer:
        self._places(request)
        return self._person(request.path["user_id"], refusals.unknown_member()).member()

    def _person(self, user_id: object, otherwise: refusals.DiscordError) -> Person:
        person = self.discord.people.get(int(str(user_id)))
        if person is None:
            raise otherwise
        return person

    def _places(self, request: Request) -> list[Place]:
        """The channels of a server that the bot is in. Raises DiscordError."""
        there = [p for p in self.channels.places.values() if str(p.guild_id) == request.path["guild_id"]]
        if not there:
            raise refusals.unknown_guild()
        if all(place.only_user_installed for place in there):
            raise refusals.missing_access()
        return there


def _exchange(request: Request) -> Exchange:
    if request.exchange is None:
        raise refusals.unknown_webhook()
    return request.exchange


def _which(request: Request) -> str:
    return request.path.get("message_id", "@original")
