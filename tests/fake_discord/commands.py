"""The commands a bot has registered, and which of them a person finds at a place."""

from __future__ import annotations

from typing import Any

from . import payloads, refusals
from .channels import refuse_if
from .clock import Clock
from .command_limits import check_commands
from .people import GUILD_INSTALL, Person, Place

Json = dict[str, Any]

CHAT_INPUT, ON_USER, ON_MESSAGE = 1, 2, 3
CREATES_A_DAY, DAY = 200, 24 * 60 * 60.0


class Commands:
    """`syncs` has every list that was sent, `everywhere` and `by_guild` what stands now."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.everywhere: list[Json] = []
        self.by_guild: dict[str, list[Json]] = {}
        self.syncs: list[list[Json]] = []
        self._creates: list[tuple[float, str | None]] = []

    def of(self, guild: str | None) -> list[Json]:
        return self.by_guild.get(guild, []) if guild else self.everywhere

    def replace(self, guild: str | None, commands: list[Json]) -> list[Json]:
        """Raises DiscordError, and then the old ones stay."""
        refuse_if(check_commands(commands))
        known = {(c["name"], c["type"]): c["id"] for c in self.of(guild)}
        self._count_creates(guild, sum((c["name"], c.get("type") or CHAT_INPUT) not in known for c in commands))
        self.syncs.append(commands)
        stored = [self._stored(command, known, guild) for command in commands]
        if guild:
            self.by_guild[guild] = stored
        else:
            self.everywhere = stored
        return stored

    def _count_creates(self, guild: str | None, new: int) -> None:
        """A command counts as created when none of its name and type stood there."""
        since = self._clock.now - DAY
        self._creates = [create for create in self._creates if create[0] > since]
        if sum(where == guild for _, where in self._creates) + new > CREATES_A_DAY:
            raise refusals.too_many_creates(CREATES_A_DAY)
        self._creates += [(self._clock.now, guild)] * new

    def _stored(self, command: Json, known: dict[tuple[str, int], str], guild: str | None) -> Json:
        defaults = {"type": CHAT_INPUT, "description": "", "default_member_permissions": None, "nsfw": False}
        kind = command.get("type") or CHAT_INPUT
        given: Json = {
            "id": known.get((command["name"], kind)) or str(self._clock.snowflake()),
            "type": kind,
            "application_id": str(payloads.APPLICATION_ID),
            "version": str(self._clock.snowflake()),
        }
        if command.get("default_member_permissions") is not None:
            given["default_member_permissions"] = str(command["default_member_permissions"])
        return defaults | command | given | ({"guild_id": guild} if guild else {})

    def find(self, name: str, place: Place, *, person: Person | None = None, kind: int = CHAT_INPUT) -> Json:
        """The command as a person finds it at a place. Raises AssertionError where they do not."""
        person = person or Person()
        every = [*self.of(str(place.guild_id)), *self.everywhere]
        for command in every:
            if command["name"] == name and command["type"] == kind and _offered(command, place, person):
                return command
        raise AssertionError(f"nobody finds /{name} there; the bot has {[c['name'] for c in every]}")


def _offered(command: Json, place: Place, person: Person) -> bool:
    contexts = command.get("contexts")
    installs = command.get("integration_types") or [GUILD_INSTALL]
    needed = int(command.get("default_member_permissions") or 0)
    return (
        (contexts is None or place.context in contexts)
        and not set(installs).isdisjoint(place.installed)
        and (place.guild_id is None or person.may(needed))
    )
