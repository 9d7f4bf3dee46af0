"""A bot without a library: for tests of what the fake itself does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypeAlias

import aiohttp

from . import payloads
from .exchange import COMMAND, DEFERRED_REPLY, Exchange
from .people import SERVER, Place
from .server import FakeDiscord

Verdict: TypeAlias = tuple[int, int | None]
"""Status and Discord's code of an error."""
OK: Verdict = (200, None)
GONE: Verdict = (204, None)
INVALID_FORM: Verdict = (400, 50035)


@dataclass
class Wire:
    discord: FakeDiscord
    session: aiohttp.ClientSession

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        files: dict[str, bytes] | None = None,
        token: str | None = None,
    ) -> tuple[Verdict, Any]:
        how: dict[str, Any] = {"json": body} if body is not None else {}
        if files:
            how = {"data": _form(body, files)}
        headers = {"Authorization": f"Bot {token or self.discord.token}"}
        async with self.session.request(method, self.discord.api + path, headers=headers, **how) as response:
            told = await response.read()
            answer = json.loads(told or "null") if response.content_type == "application/json" else None
            return (response.status, answer.get("code") if isinstance(answer, dict) else None), answer

    async def say(self, body: Any, place: Place = SERVER, **how: Any) -> tuple[Verdict, Any]:
        return await self.call("POST", f"/channels/{place.channel_id}/messages", body, **how)

    async def put_commands(self, commands: Any) -> tuple[Verdict, Any]:
        return await self.call("PUT", f"/applications/{payloads.APPLICATION_ID}/commands", commands)

    async def answer(self, exchange: Exchange, kind: int, data: Any = None, **how: Any) -> tuple[Verdict, Any]:
        body = {"type": kind} | ({"data": data} if data is not None else {})
        path = f"/interactions/{exchange.id}/{exchange.token}/callback?with_response=1"
        return await self.call("POST", path, body, **how)

    async def callback(self, exchange: Exchange, kind: int, data: Any = None) -> Verdict:
        return (await self.answer(exchange, kind, data))[0]

    async def follow_up(self, exchange: Exchange, body: Any) -> Verdict:
        return (await self.call("POST", f"/webhooks/{payloads.APPLICATION_ID}/{exchange.token}", body))[0]

    async def edit(self, exchange: Exchange, body: Any, which: str = "@original") -> Verdict:
        return (await self.call("PATCH", self.message_path(exchange, which), body))[0]

    def message_path(self, exchange: Exchange, which: str = "@original") -> str:
        return f"/webhooks/{payloads.APPLICATION_ID}/{exchange.token}/messages/{which}"

    async def asked(self, place: Place = SERVER) -> Exchange:
        return await self.discord.interact(COMMAND, {"id": "1", "name": "poem", "type": 1}, place=place)

    async def deferred(self, place: Place = SERVER) -> Exchange:
        exchange = await self.asked(place)
        assert await self.callback(exchange, DEFERRED_REPLY) == OK
        return exchange


def _form(body: Any, files: dict[str, bytes]) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", json.dumps(body))
    for i, (name, content) in enumerate(files.items()):
        form.add_field(f"files[{i}]", content, filename=name)
    return form


def codes(answer: dict[str, Any], path: str) -> list[str]:
    """The codes at a place of an error's tree. Raises KeyError where there are none."""
    node = answer["errors"]
    for key in filter(None, path.split(".")):
        node = node[key]
    return [error["code"] for error in node["_errors"]]
