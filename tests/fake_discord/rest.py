"""Discord's REST, as far as a bot of slash commands goes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from . import limits, payloads, refusals
from .exchange import Exchange, refuse_if
from .faults import json_response
from .refusals import DiscordError

if TYPE_CHECKING:
    from .server import FakeDiscord

Json = dict[str, Any]
PREFIX = "/api/v10"


class Rest:
    """Each operation has a name, by which faults are planned: `discord.faults.add("callback", failing(500))`."""

    def __init__(self, discord: FakeDiscord) -> None:
        self.discord = discord
        self.commands: list[Json] = []
        self.guild_commands: dict[str, list[Json]] = {}
        self.syncs: list[list[Json]] = []
        self.calls: list[str] = []

    def routes(self) -> list[web.RouteDef]:
        application, webhook = "/applications/{application}", "/webhooks/{application}/{token}"
        operations: list[tuple[str, str, str, Operation]] = [
            ("me", "GET", "/users/@me", self.me),
            ("application", "GET", "/oauth2/applications/@me", self.application),
            ("gateway", "GET", "/gateway/bot", self.gateway),
            ("get_commands", "GET", f"{application}/commands", self.get_commands),
            ("put_commands", "PUT", f"{application}/commands", self.put_commands),
            ("get_commands", "GET", f"{application}/guilds/{{guild}}/commands", self.get_commands),
            ("put_commands", "PUT", f"{application}/guilds/{{guild}}/commands", self.put_commands),
            ("callback", "POST", "/interactions/{id}/{token}/callback", self.callback),
            ("get_message", "GET", f"{webhook}/messages/{{message}}", self.get_message),
            ("edit_message", "PATCH", f"{webhook}/messages/{{message}}", self.edit_message),
            ("delete_message", "DELETE", f"{webhook}/messages/{{message}}", self.delete_message),
            ("follow_up", "POST", webhook, self.follow_up),
        ]
        return [web.route(method, PREFIX + path, self._serve(name, run)) for name, method, path, run in operations]

    def _serve(self, name: str, run: Operation) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            try:
                body = await run(request)
            except DiscordError as refusal:
                exchange = self.discord.exchanges.get(request.match_info.get("token", ""))
                if exchange is not None:
                    exchange.refused.append(refusal)
                    await exchange.changed()
                return json_response(refusal.body, refusal.status)
            return web.Response(status=204) if body is None else json_response(body)

        async def meet_faults(request: web.Request) -> web.StreamResponse:
            self.calls.append(name)
            return await self.discord.faults.meet(name, request, serve)

        return meet_faults

    # With the bot's token

    def _require_bot(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bot {self.discord.token}":
            raise refusals.unauthorized()

    async def me(self, request: web.Request) -> Json:
        self._require_bot(request)
        return payloads.bot_user()

    async def application(self, request: web.Request) -> Json:
        self._require_bot(request)
        return payloads.application()

    async def gateway(self, request: web.Request) -> Json:
        self._require_bot(request)
        start = {"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1}
        return {"url": self.discord.gateway_url, "shards": 1, "session_start_limit": start}

    async def get_commands(self, request: web.Request) -> list[Json]:
        """Localisations are left out unless asked for, as Discord does."""
        self._require_bot(request)
        asked = request.query.get("with_localizations", "").lower() in ("true", "1")
        hidden = () if asked else ("name_localizations", "description_localizations")
        return [{key: value for key, value in c.items() if key not in hidden} for c in self._commands_of(request)]

    async def put_commands(self, request: web.Request) -> list[Json]:
        self._require_bot(request)
        payload: list[Json] = await request.json()
        refuse_if(limits.check_commands(payload))
        self.syncs.append(payload)
        known = {(c["name"], c.get("type", 1)): c["id"] for c in self._commands_of(request)}
        commands = [self._stored(command, known) for command in payload]
        if guild := request.match_info.get("guild"):
            self.guild_commands[guild] = commands
        else:
            self.commands = commands
        return commands

    def _commands_of(self, request: web.Request) -> list[Json]:
        guild = request.match_info.get("guild")
        return self.guild_commands.get(guild, []) if guild else self.commands

    def _stored(self, command: Json, known: dict[tuple[str, int], str]) -> Json:
        defaults = {"type": 1, "default_member_permissions": None, "nsfw": False}
        given = {
            "id": known.get((command["name"], command.get("type", 1)), str(self.discord.clock.snowflake())),
            "application_id": str(payloads.APPLICATION_ID),
            "version": str(self.discord.clock.snowflake()),
        }
        return defaults | command | given

    # With an interaction's token

    def _exchange(self, request: web.Request, otherwise: DiscordError) -> Exchange:
        exchange = self.discord.exchanges.get(request.match_info["token"])
        if exchange is None or request.match_info.get("id", str(exchange.id)) != str(exchange.id):
            raise otherwise
        return exchange

    async def callback(self, request: web.Request) -> Json:
        exchange = self._exchange(request, refusals.unknown_interaction())
        reply = exchange.acknowledge(*await read_body(request))
        await exchange.changed()
        return reply

    async def get_message(self, request: web.Request) -> Json:
        exchange = self._exchange(request, refusals.unknown_webhook())
        return exchange.find(request.match_info["message"]).to_json()

    async def edit_message(self, request: web.Request) -> Json:
        exchange = self._exchange(request, refusals.unknown_webhook())
        message = exchange.edit(request.match_info["message"], *await read_body(request))
        await exchange.changed()
        return message.to_json()

    async def delete_message(self, request: web.Request) -> None:
        exchange = self._exchange(request, refusals.unknown_webhook())
        exchange.delete(request.match_info["message"])
        await exchange.changed()

    async def follow_up(self, request: web.Request) -> Json:
        exchange = self._exchange(request, refusals.unknown_webhook())
        message = exchange.follow_up(*await read_body(request))
        await exchange.changed()
        return message.to_json()


Operation = Callable[[web.Request], Awaitable[Json | list[Json] | None]]


async def read_body(request: web.Request) -> tuple[Json, dict[str, bytes]]:
    """The JSON of a request and its files by name, from plain JSON or from a multipart form."""
    if not request.content_type.startswith("multipart/"):
        return await request.json(), {}
    form = await request.post()
    files = {field.filename: field.file.read() for field in form.values() if isinstance(field, web.FileField)}
    return json.loads(str(form["payload_json"])), files
