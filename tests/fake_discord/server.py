"""FakeDiscord: the server, and the person at the other end of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from . import payloads
from .clock import Clock
from .exchange import COMMAND, Exchange, check_options, command_data
from .faults import Faults
from .gateway import Gateway
from .payloads import Person, Place
from .rest import PREFIX, Rest

Json = dict[str, Any]


class FakeDiscord:
    """Listens on a free port of 127.0.0.1 between `__aenter__` and `__aexit__`."""

    def __init__(self, token: str = "fake.bot.token") -> None:
        self.token = token
        self.clock = Clock()
        self.faults = Faults(self.clock)
        self.gateway = Gateway(self)
        self.rest = Rest(self)
        self.exchanges: dict[str, Exchange] = {}
        self.port = 0

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/gateway"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=25 * 1024 * 1024)
        app.add_routes([*self.rest.routes(), web.get("/gateway", self.gateway.serve)])
        # A bot that hangs on to its connections must not hold up the end of a test.
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.gateway.drop()
        await self._runner.cleanup()

    def command(self, name: str, place: Place = payloads.SERVER) -> Json:
        """The command as people find it at a place. Raises AssertionError where they do not."""
        for command in [*self.rest.guild_commands.get(str(place.guild_id), []), *self.rest.commands]:
            if command["name"] == name and command["type"] == 1 and _offered(command, place):
                return command
        raise AssertionError(f"nobody finds /{name} there; the bot has {[c['name'] for c in self.rest.commands]}")

    async def slash(
        self,
        name: str,
        options: Mapping[str, Any] | None = None,
        *,
        person: Person | None = None,
        place: Place = payloads.SERVER,
        unchecked: bool = False,
    ) -> Exchange:
        """A person uses a slash command. `unchecked` sends what no Discord client would let a person send."""
        command, options = self.command(name, place), options or {}
        if not unchecked:
            check_options(command, options)
        return await self.interact(COMMAND, command_data(command, options), person=person, place=place)

    async def interact(
        self, kind: int, data: Json, *, person: Person | None = None, place: Place = payloads.SERVER
    ) -> Exchange:
        """An interaction of any kind, as it stands in `data`."""
        exchange = Exchange(self.clock, kind, person or Person(), place, data)
        self.exchanges[exchange.token] = exchange
        await self.gateway.dispatch("INTERACTION_CREATE", exchange.payload())
        return exchange


def _offered(command: Json, place: Place) -> bool:
    contexts = command.get("contexts")
    installs = command.get("integration_types") or [payloads.GUILD_INSTALL]
    return (contexts is None or place.context in contexts) and not set(installs).isdisjoint(place.installed)
