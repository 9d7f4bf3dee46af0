"""FakeDiscord: the server, and the people at the other end of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from . import payloads
from .channels import Channels
from .clock import Clock
from .commands import Commands
from .exchange import Exchange
from .faults import Faults
from .gateway import Gateway
from .people import MEMBER, SERVER, Person, Place, Role
from .rest import PREFIX, Rest
from .visitor import Visitor

Json = dict[str, Any]


class FakeDiscord:
    """Listens on a free port of 127.0.0.1 between `__aenter__` and `__aexit__`.

    `invalid` has every body that Discord's schemas or limits refused, as a sentence; the pytest fixture fails a test
    that leaves any there. With `check_answers`, what the schemas find wrong with the fake's own answers joins
    its own faults in `misspoken`.
    """

    def __init__(self, token: str = "fake.bot.token", *, check_answers: bool = False) -> None:
        self.token, self.check_answers = token, check_answers
        self.invalid: list[str] = []
        self.misspoken: list[str] = []
        self.clock = Clock()
        self.faults = Faults(self.clock)
        self.channels = Channels(self.clock)
        self.commands = Commands(self.clock)
        self.gateway = Gateway(self)
        self.rest = Rest(self)
        self.people: dict[int, Person] = {}
        self.roles: list[Role] = []
        self.exchanges: dict[str, Exchange] = {}
        self.port = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        return f"{self.origin}{PREFIX}"

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
        self.channels.origin = self.origin
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.gateway.drop()
        await self._runner.cleanup()

    # Who is there

    def visitor(
        self,
        name: str,
        place: Place = SERVER,
        *,
        locale: str = "en-US",
        permissions: int = MEMBER,
        roles: tuple[Role, ...] = (),
    ) -> Visitor:
        """Somebody, at a place; the same name is the same person, with what is said of them now."""
        known = [person for person in self.people.values() if person.name == name]
        own = known[0].id if known else self.clock.snowflake()
        return Visitor(self, self._met(Person(own, name, locale, permissions, roles)), place)

    def role(self, name: str, permissions: int = 0) -> Role:
        """A new role of the server."""
        self.roles.append(Role(self.clock.snowflake(), name, permissions))
        return self.roles[-1]

    def _met(self, person: Person) -> Person:
        self.people[person.id] = person
        return person

    def forget(self) -> None:
        """Lets go of all that was said and asked, so that a soak in one process weighs the bot and not this."""
        self.exchanges.clear()
        self.channels.messages.clear()
        self.rest.calls.clear()
        for session in self.gateway.sessions.values():
            session.events.clear()

    # What they do; `Visitor` has the rest

    def command(self, name: str, place: Place = payloads.SERVER) -> Json:
        """The command as everyone finds it at a place. Raises AssertionError where they do not."""
        return self.commands.find(name, place)

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
        return await Visitor(self, person or Person(), place).slash(name, options, unchecked=unchecked)

    async def interact(
        self, kind: int, data: Json, *, person: Person | None = None, place: Place = payloads.SERVER, **more: Any
    ) -> Exchange:
        """An interaction of any kind, as it stands in `data`; `more` goes to Exchange."""
        self.channels.places.setdefault(place.channel_id, place)
        exchange = Exchange(self.channels, kind, self._met(person or Person()), place, data, **more)
        self.exchanges[exchange.token] = exchange
        await self.gateway.dispatch_of(place.guild_id, "INTERACTION_CREATE", exchange.payload())
        return exchange
