"""Discord's gateway: sessions that survive their sockets, and what a test can do to both."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from aiohttp import WSMsgType, web

from . import guilds, payloads
from .clock import PATIENCE

if TYPE_CHECKING:
    from .server import FakeDiscord

Json = dict[str, Any]

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 0, 1, 2, 6, 7, 9, 10, 11
NOT_AUTHENTICATED, AUTHENTICATION_FAILED, DECODE_ERROR, INVALID_SHARD = 4003, 4004, 4002, 4010
HEARTBEAT_INTERVAL_MS = 41_250
MOST_BYTES = 4096
GUILDS_INTENT = 1
IDENTIFY_EVERY = 5.0


@dataclass
class Session:
    id: str
    intents: int
    shard: list[int]
    events: list[Json] = field(default_factory=list)
    sequence: int = 0
    socket: web.WebSocketResponse | None = None

    def has(self, guild_id: int | None) -> bool:
        """Whether this shard is told of a server; what is in no server goes to shard 0."""
        number, count = self.shard
        return number == (0 if guild_id is None else (guild_id >> 22) % count)


@dataclass
class Outage:
    """Until Discord's clock has moved on so far, no socket opens; the first one after that waits for `over` to be set."""

    until: float
    nearly_over: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Gateway:
    """Tests wait for `connected`, look at `identifies` and `resumes`, and disturb with the methods at the end.

    `recommended` is the number of shards that `/gateway/bot` tells. `max_concurrency` shards may identify within five
    seconds of Discord's clock, one of each bucket; who comes too early gets op 9 and is counted in `too_early`. While it
    is None, as at first, identifies are not limited.
    """

    def __init__(self, discord: FakeDiscord) -> None:
        self.discord = discord
        self.sessions: dict[str, Session] = {}
        self.sockets: set[web.WebSocketResponse] = set()
        self._closed_by_us: WeakSet[web.WebSocketResponse] = WeakSet()
        self.recommended = 1
        self.max_concurrency: int | None = None
        self.too_early = 0
        self._identified: dict[int, float] = {}
        self._outage: Outage | None = None
        self.refused = 0
        self.identifies = 0
        self.resumes = 0
        self.heartbeats = 0
        self._changed = asyncio.Condition()

    async def until(self, what: Callable[[Gateway], object]) -> None:
        try:
            async with asyncio.timeout(PATIENCE), self._changed:
                await self._changed.wait_for(lambda: what(self))
        except TimeoutError:
            raise AssertionError(
                f"{self.identifies} identifies, {self.resumes} resumes, {self.heartbeats} beats"
            ) from None

    async def connected(self, shards: int = 1) -> None:
        """That many sessions at least have a socket."""
        await self.until(lambda gateway: sum(s.socket is not None for s in gateway.sessions.values()) >= shards)

    async def disconnected(self) -> None:
        await self.until(lambda gateway: not gateway.sockets)

    async def dispatch(self, event: str, data: Json) -> None:
        """To every session; one without a socket gets it when it resumes."""
        for session in list(self.sessions.values()):
            await self._emit(session, event, data)

    async def dispatch_of(self, guild_id: int | None, event: str, data: Json) -> None:
        """To the sessions whose shard has the server, or what happened in none.

        Discord does not say which shard hears of a server where only a person installed the application: it is assumed
        to go by the server's number too.
        """
        for session in list(self.sessions.values()):
            if session.has(guild_id):
                await self._emit(session, event, data)

    # A bot's socket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if self._outage is not None:
            if self.discord.clock.now < self._outage.until:
                self.refused += 1
                return web.Response(status=503)
            self._outage.nearly_over.set()
            await self._outage.over.wait()
            self._outage = None
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.add(socket)
        session: Session | None = None
        try:
            await self._send(socket, HELLO, {"heartbeat_interval": HEARTBEAT_INTERVAL_MS, "_trace": []})
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT or len(frame.data) > MOST_BYTES:
                    await socket.close(code=DECODE_ERROR)
                    break
                session = await self._receive(socket, session, json.loads(frame.data))
        finally:
            self.sockets.discard(socket)
            if session is not None and session.socket is socket:
                session.socket = None
                if socket.close_code in (1000, 1001) and socket not in self._closed_by_us:
                    self.sessions.pop(session.id, None)
            await self._notify()
        return socket

    async def _receive(self, socket: web.WebSocketResponse, session: Session | None, frame: Json) -> Session | None:
        operation, data = frame.get("op"), frame.get("d")
        if operation == HEARTBEAT:
            self.heartbeats += 1
            await self._send(socket, HEARTBEAT_ACK, None)
        elif operation in (IDENTIFY, RESUME) and isinstance(data, dict):
            if data.get("token") != self.discord.token:
                await socket.close(code=AUTHENTICATION_FAILED, message=b"Authentication failed.")
            else:
                session = await (self._identify if operation == IDENTIFY else self._resume)(socket, data)
        elif session is None:
            await socket.close(code=NOT_AUTHENTICATED, message=b"Not authenticated.")
        await self._notify()
        return session

    async def _identify(self, socket: web.WebSocketResponse, data: Json) -> Session | None:
        self.identifies += 1
        shard = data.get("shard") or [0, 1]
        if not 0 <= shard[0] < shard[1]:
            await socket.close(code=INVALID_SHARD, message=b"Invalid shard.")
            return None
        if not self._turn_of(shard[0]):
            self.too_early += 1
            await self._send(socket, INVALID_SESSION, False)
            return None
        session = Session(f"session-{self.discord.clock.snowflake()}", data["intents"], shard)
        self.sessions[session.id] = session
        session.socket = socket
        application = payloads.application()
        theirs = [place for place in self.discord.channels.servers() if session.has(place.guild_id)]
        ready: Json = {
            "v": 10,
            "user": payloads.bot_user(),
            "guilds": [{"id": str(place.guild_id), "unavailable": True} for place in theirs],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.discord.gateway_url,
            "application": {"id": application["id"], "flags": application["flags"]},
            "shard": session.shard,
        }
        await self._emit(session, "READY", ready)
        if session.intents & GUILDS_INTENT:
            for place in theirs:
                await self._emit(session, "GUILD_CREATE", guilds.gateway_guild(place, self.discord.roles))
        return session

    def _turn_of(self, shard: int) -> bool:
        if self.max_concurrency is None:
            return True
        bucket, now = shard % self.max_concurrency, self.discord.clock.now
        if now - self._identified.get(bucket, -IDENTIFY_EVERY) < IDENTIFY_EVERY:
            return False
        self._identified[bucket] = now
        return True

    async def _resume(self, socket: web.WebSocketResponse, data: Json) -> Session | None:
        session = self.sessions.get(data["session_id"])
        if session is None:
            await self._send(socket, INVALID_SESSION, False)
            return None
        self.resumes += 1
        session.socket = socket
        for event in session.events:
            if event["s"] > data["seq"]:
                await socket.send_str(json.dumps(event))
        await self._emit(session, "RESUMED", {"_trace": []})
        return session

    async def _emit(self, session: Session, event: str, data: Json) -> None:
        told = self.discord.faults.spoilt(event, data)
        session.sequence += 1
        session.events.append({"op": DISPATCH, "t": event, "s": session.sequence, "d": told})
        if session.socket is not None and not session.socket.closed:
            await session.socket.send_str(json.dumps(session.events[-1]))

    async def _send(self, socket: web.WebSocketResponse, operation: int, data: object) -> None:
        await socket.send_str(json.dumps({"op": operation, "d": data, "s": None, "t": None}))

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # What a test can do to it

    async def ask_to_reconnect(self) -> None:
        await self._to_all(RECONNECT, None)

    async def invalidate(self, *, resumable: bool, shard: int | None = None) -> None:
        """Every session, or a shard's."""
        for session in [s for s in self.sessions.values() if shard in (None, s.shard[0])]:
            if not resumable:
                del self.sessions[session.id]
            if session.socket is not None:
                await self._send(session.socket, INVALID_SESSION, resumable)

    async def ask_for_heartbeat(self) -> None:
        await self._to_all(HEARTBEAT, None)

    async def close(self, code: int) -> None:
        for socket in list(self.sockets):
            self._closed_by_us.add(socket)
            await socket.close(code=code)

    def drop(self) -> None:
        """Every socket breaks without a goodbye."""
        for session in self.sessions.values():
            session.socket = None
        for socket in list(self.sockets):
            transport = socket._req.transport if socket._req is not None else None
            if transport is not None:
                transport.abort()

    def lose(self, seconds: float) -> Outage:
        """Every socket breaks, and for so long, on Discord's clock, each new one is refused (counted in `refused`)."""
        self._outage = Outage(self.discord.clock.now + seconds)
        self.drop()
        return self._outage

    async def _to_all(self, operation: int, data: object) -> None:
        for socket in list(self.sockets):
            await self._send(socket, operation, data)
