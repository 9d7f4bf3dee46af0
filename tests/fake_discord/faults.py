"""What can go wrong on Discord's side: a fault of REST is any function of a request and its handler; an event of the
gateway may lack a key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from aiohttp import web

from .clock import Clock

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
Fault: TypeAlias = Callable[[web.Request, Handler, Clock], Awaitable[web.StreamResponse]]


def rate_limited(retry_after: float = 0.3, *, via: bool = True, everywhere: bool = False) -> Fault:
    """429. Without `Via` discord.py takes it for a ban by Cloudflare and does not try again.

    `everywhere`: it is the global limit of the bot, not that of a route.
    """

    async def fault(request: web.Request, handler: Handler, clock: Clock) -> web.Response:
        headers = {"Retry-After": str(retry_after), "X-RateLimit-Scope": "global" if everywhere else "shared"}
        headers |= {"Via": "1.1 google"} if via else {}
        headers |= {"X-RateLimit-Global": "true"} if everywhere else {}
        body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": everywhere}
        return json_response(body, 429, headers)

    return fault


def failing(status: int = 500) -> Fault:
    async def fault(request: web.Request, handler: Handler, clock: Clock) -> web.Response:
        return json_response({"message": f"{status}: something broke", "code": 0}, status)

    return fault


def slow(seconds: float) -> Fault:
    """The request is on its way for so long, on Discord's clock."""

    async def fault(request: web.Request, handler: Handler, clock: Clock) -> web.StreamResponse:
        clock.advance(seconds)
        return await handler(request)

    return fault


def answer_lost(status: int = 502) -> Fault:
    """Discord does what it was asked, but the client hears of an error, and may ask a second time."""

    async def fault(request: web.Request, handler: Handler, clock: Clock) -> web.Response:
        await handler(request)
        return json_response({"message": f"{status}: something broke", "code": 0}, status)

    return fault


def dropped() -> Fault:
    """The connection breaks before an answer."""

    async def fault(request: web.Request, handler: Handler, clock: Clock) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    return fault


def lacking(path: str) -> Fault:
    """Discord's answer lacks a key, given as `interaction.id`."""

    async def fault(request: web.Request, handler: Handler, clock: Clock) -> web.StreamResponse:
        answer = await handler(request)
        assert isinstance(answer, web.Response)
        assert isinstance(answer.body, bytes)
        return json_response(without(json.loads(answer.body), path), answer.status)

    return fault


class Held:
    """The request waits until the test lets it go: `await held.reached.wait()`, then `held.let_go.set()`."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.let_go = asyncio.Event()

    async def __call__(self, request: web.Request, handler: Handler, clock: Clock) -> web.StreamResponse:
        self.reached.set()
        await self.let_go.wait()
        return await handler(request)


@dataclass
class _Planned:
    operation: str
    fault: Fault
    times: int
    after: int


class Faults:
    """Faults planned for operations by name (`operations.py` names them), and for the gateway's events."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._planned: list[_Planned] = []
        self._lost: list[tuple[str, str]] = []

    def add(self, operation: str, fault: Fault, *, times: int = 1, after: int = 0) -> None:
        """The next `times` requests meet it, once `after` requests have passed unharmed; what was planned first, first."""
        self._planned.append(_Planned(operation, fault, times, after))

    def lose(self, event: str, path: str, *, times: int = 1) -> None:
        """The next `times` events of a kind lack a key: `faults.lose("INTERACTION_CREATE", "member.user")`."""
        self._lost += [(event, path)] * times

    async def meet(self, operation: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        for planned in self._planned:
            if planned.operation != operation or planned.times <= 0:
                continue
            if planned.after > 0:
                planned.after -= 1
                continue
            planned.times -= 1
            return await planned.fault(request, handler, self._clock)
        return await handler(request)

    def spoilt(self, event: str, data: Any) -> Any:
        """An event's data as it is sent."""
        for planned in self._lost:
            if planned[0] == event:
                self._lost.remove(planned)
                return without(data, planned[1])
        return data


def without(data: Any, path: str) -> Any:
    """A copy without the key at `path`. Raises KeyError where there is none, since the fault would be none."""
    key, _, rest = path.partition(".")
    if rest:
        return {**data, key: without(data[key], rest)}
    left = dict(data)
    del left[key]
    return left


def json_response(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    # No charset in the content type: discord.py reads JSON only where it is exactly `application/json`.
    return web.Response(
        body=json.dumps(body, ensure_ascii=False).encode(),
        status=status,
        content_type="application/json",
        headers=headers,
    )
