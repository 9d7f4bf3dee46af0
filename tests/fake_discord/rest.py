"""The door of Discord's REST: routes by name, bodies read, faults met, refusals told."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from aiohttp import web

from . import refusals, schemas
from .channels import refuse_if
from .exchange import Exchange
from .faults import json_response
from .messages import Upload
from .operations import Operation, Operations, Request
from .refusals import DiscordError

if TYPE_CHECKING:
    from .server import FakeDiscord

Json = dict[str, Any]
PREFIX = "/api/v10"
Served: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Rest:
    """Each operation has a name, by which faults are planned: `discord.faults.add("callback", failing(500))`."""

    def __init__(self, discord: FakeDiscord) -> None:
        self.discord = discord
        self.calls: list[str] = []

    @property
    def commands(self) -> list[Json]:
        return self.discord.commands.everywhere

    @property
    def guild_commands(self) -> dict[str, list[Json]]:
        return self.discord.commands.by_guild

    @property
    def syncs(self) -> list[list[Json]]:
        return self.discord.commands.syncs

    def routes(self) -> list[web.RouteDef]:
        operations = Operations(self.discord).all()
        served = [
            web.route(operation.method, PREFIX + operation.path, self._serve(operation)) for operation in operations
        ]
        return [*served, web.get("/attachments/{channel}/{attachment}/{filename}", self._attachment)]

    def _serve(self, operation: Operation) -> Served:
        async def serve(request: web.Request) -> web.StreamResponse:
            try:
                answer = await self._answer(operation, request)
            except DiscordError as refusal:
                if refusal.code == refusals.INVALID_FORM:
                    self.discord.invalid.append(f"{operation.name}: {refusal}")
                if (exchange := self._exchange(request)) is not None:
                    exchange.refused.append(refusal)
                    await exchange.changed()
                return json_response(refusal.body, refusal.status)
            except ConnectionError:  # the client went away in the middle of its request
                raise
            except Exception as bug:
                # A client would take it for a fault of Discord's and hide it from the test.
                self.discord.misspoken.append(f"{operation.name}: {bug!r}")
                raise
            if self.discord.check_answers and answer is not None:
                wrong = schemas.breaches("answers", operation.name, answer)
                self.discord.misspoken += [f"{operation.name}: {breach}" for breach in wrong]
            return web.Response(status=204) if answer is None else json_response(answer)

        async def meet_faults(request: web.Request) -> web.StreamResponse:
            self.calls.append(operation.name)
            return await self.discord.faults.meet(operation.name, request, serve)

        return meet_faults

    async def _answer(self, operation: Operation, request: web.Request) -> Json | list[Json] | None:
        if operation.by_bot and request.headers.get("Authorization") != f"Bot {self.discord.token}":
            raise refusals.unauthorized()
        body, uploads = await read_body(request) if request.can_read_body else (None, [])
        exchange = self._exchange(request)
        refuse_if(schemas.breaches("requests", operation.name, body))
        answer = operation.run(Request(request.match_info, request.query, body, uploads, exchange))
        if exchange is not None:
            await exchange.changed()
        return answer

    def _exchange(self, request: web.Request) -> Exchange | None:
        token = request.match_info.get("interaction_token") or request.match_info.get("webhook_token")
        return self.discord.exchanges.get(token or "")

    async def _attachment(self, request: web.Request) -> web.Response:
        found = self.discord.channels.attachment(int(request.match_info["attachment"]))
        return web.Response(status=404) if found is None else web.Response(body=found.content)


async def read_body(request: web.Request) -> tuple[Any, list[Upload]]:
    """The JSON of a request and its files, from plain JSON or from a multipart form. Raises DiscordError."""
    try:
        if not request.content_type.startswith("multipart/"):
            return await request.json(), []
        form = await request.post()
        uploads = [
            Upload(_index(key), field.filename, field.file.read())
            for key, field in form.items()
            if isinstance(field, web.FileField)
        ]
        return json.loads(str(form["payload_json"])), uploads
    except web.HTTPRequestEntityTooLarge:
        raise refusals.too_large() from None
    except ValueError:
        raise refusals.invalid_json() from None


def _index(key: str) -> int:
    """`files[3]` -> 3"""
    return int(key.removeprefix("files[").removesuffix("]"))
