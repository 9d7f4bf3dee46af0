"""A person at a place, and all they can do there. Each act returns the exchange, which gathers what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import options as typed
from .channels import pressable
from .commands import ON_MESSAGE, ON_USER
from .components import BUTTON, SELECTS
from .exchange import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Exchange
from .messages import Message, Upload
from .modals import Modal
from .people import Person, Place, Role
from .selects import Resolved, pick

if TYPE_CHECKING:
    from .server import FakeDiscord

Json = dict[str, Any]

LINK, PREMIUM = 5, 6


@dataclass(frozen=True)
class Visitor:
    """`alice = discord.visitor("alice", locale="zh-CN")`. Every act raises AssertionError where Discord's own client
    would not let a person do it: a command that is not offered, a disabled button, an option out of bounds."""

    discord: FakeDiscord
    person: Person
    place: Place

    def at(self, place: Place) -> Visitor:
        """The same person elsewhere."""
        return Visitor(self.discord, self.person, place)

    async def slash(
        self, name: str, options: Mapping[str, Any] | None = None, *, unchecked: bool = False, **more: Any
    ) -> Exchange:
        """Uses `/poem`, or `/privacy export`; options by name, in `options` or as keywords.

        People, roles and channels are given as Person, Role, Place. `unchecked` sends what no client would let pass.
        """
        first, *path = name.split()
        command, given = self.discord.commands.find(first, self.place, person=self.person), {**(options or {}), **more}
        if not unchecked:
            typed.check_options(command, path, given)
        return await self._send(COMMAND, typed.command_data(command, path, given, Resolved(self.place)))

    async def complete(self, name: str, option: str, text: str = "", **others: Any) -> Exchange:
        """Types `text` into an option and waits for what is offered: `exchange.choices`."""
        first, *path = name.split()
        command = self.discord.commands.find(first, self.place, person=self.person)
        known = typed.schema(command, path)
        assert known.get(option, {}).get("autocomplete"), f"{option} of /{name} does not complete"
        given = {**others, option: text}
        data = typed.command_data(command, path, given, Resolved(self.place), focused=option)
        return await self._send(AUTOCOMPLETE, data)

    async def menu(self, name: str, target: Message | Person | Visitor) -> Exchange:
        """Uses a context menu's command on a message or a person."""
        thing = target.person if isinstance(target, Visitor) else target
        kind = ON_MESSAGE if isinstance(thing, Message) else ON_USER
        if isinstance(thing, Message):
            self._require(thing)
        command = self.discord.commands.find(name, self.place, person=self.person, kind=kind)
        resolved = Resolved(self.place)
        own = {"id": command["id"], "name": name, "type": kind, "target_id": resolved.add(thing)}
        return await self._send(COMMAND, own | {"resolved": resolved.to_json()})

    async def press(self, message: Message, button: str) -> Exchange:
        """Presses a button, called by its label, emoji or custom id."""
        self._require(message)
        found = pressable(message, button, [BUTTON])
        assert found["style"] not in (LINK, PREMIUM), f"{button!r} is a link"
        data = {"component_type": BUTTON, "custom_id": found["custom_id"], "id": found["id"]}
        return await self._send(COMPONENT, data, source=message)

    async def choose(self, message: Message, select: str, *values: str | Person | Role | Place | Visitor) -> Exchange:
        """Chooses in a select, called by its placeholder or custom id: options by label or value, or whole things."""
        self._require(message)
        found, resolved = pressable(message, select, SELECTS), Resolved(self.place)
        things = [value.person if isinstance(value, Visitor) else value for value in values]
        data = {"component_type": found["type"], "custom_id": found["custom_id"], "id": found["id"]}
        data["values"] = pick(found, things, resolved)
        if resolved.to_json():
            data["resolved"] = resolved.to_json()
        return await self._send(COMPONENT, data, source=message)

    async def submit(self, modal: Modal | Exchange, values: Mapping[str, Any] | None = None) -> Exchange:
        """Fills in a modal, its fields called by label or custom id, and sends it; the rest stays as it stood."""
        opened = modal.modal if isinstance(modal, Exchange) else modal
        assert opened is not None, "no modal was opened"
        assert opened.opened_by.person == self.person, f"{opened.opened_by.person.name} has it open"
        data, _ = opened.filled_in(values or {})
        opener = opened.opened_by
        return await self._send(MODAL_SUBMIT, data, source=opener.source, opened_by=opener)

    def say(self, content: str, files: Mapping[str, bytes] | None = None) -> Message:
        """Writes a message of their own in the channel."""
        uploads = [Upload(i, name, body) for i, (name, body) in enumerate((files or {}).items())]
        return self.discord.channels.say(self.place, {"content": content}, uploads, author=self.person.user())

    def sees(self, message: Message) -> bool:
        return self.discord.channels.sees(self.person, message)

    def _require(self, message: Message) -> None:
        assert self.sees(message), f"{self.person.name} sees no such message"
        assert message.channel_id == self.place.channel_id, f"{self.person.name} is in another channel"

    async def _send(self, kind: int, data: Json, **more: Any) -> Exchange:
        return await self.discord.interact(kind, data, person=self.person, place=self.place, **more)
