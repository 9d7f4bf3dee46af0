"""One interaction and all that came of it: Discord's rules of when a bot may say what."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import limits, payloads, refusals
from .clock import Clock
from .limits import Breach
from .messages import LOADING, Message
from .payloads import Person, Place

Json = dict[str, Any]

PING, COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 1, 2, 3, 4, 5
REPLY, DEFERRED_REPLY, CHOICES, MODAL = 4, 5, 8, 9
ANSWERS_TO = {COMMAND: {REPLY, DEFERRED_REPLY, MODAL}, AUTOCOMPLETE: {CHOICES}}
PATIENCE = 60.0
"""Real seconds after which a test that waits for the bot is told what it waited for in vain."""


class Exchange:
    """What a person asked, and what the bot made of it. Tests read `texts`, `messages`, `choices` and `modal`."""

    def __init__(self, clock: Clock, kind: int, person: Person, place: Place, data: Json) -> None:
        self.clock, self.kind, self.person, self.place, self.data = clock, kind, person, place, data
        self.id = clock.snowflake()
        self.token = f"interaction-token-{self.id}"
        self.asked_at = clock.now
        self.acknowledged_after: float | None = None
        self.answer_type: int | None = None
        self.original: Message | None = None
        self.follow_ups: list[Message] = []
        self.follow_up_requests = 0
        self.choices: list[Json] | None = None
        self.modal: Json | None = None
        self.refused: list[refusals.DiscordError] = []
        self._changed = asyncio.Condition()

    # What tests read and wait for

    @property
    def messages(self) -> list[Message]:
        """What stands in the channel now, in order."""
        said = [self.original, *self.follow_ups]
        return [message for message in said if message is not None and not message.deleted]

    @property
    def texts(self) -> list[str]:
        return [message.everything for message in self.messages if not message.loading]

    @property
    def answered(self) -> bool:
        """Whether the person has something to read or do, and nothing still says "is thinking ..."."""
        return bool(self.texts) and not any(message.loading for message in self.messages)

    async def until(self, what: Callable[[Exchange], object], patience: float = PATIENCE) -> Exchange:
        """Waits, in real time, for what the bot does next. Raises AssertionError when it does not."""
        try:
            async with asyncio.timeout(patience), self._changed:
                await self._changed.wait_for(lambda: what(self))
        except TimeoutError:
            raise AssertionError(f"waited in vain; the bot said {self.texts}, Discord said {self.refused}") from None
        return self

    async def until_answered(self) -> Exchange:
        return await self.until(lambda exchange: exchange.answered)

    async def changed(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def payload(self) -> Json:
        return payloads.interaction(
            self.kind, interaction_id=self.id, token=self.token, person=self.person, place=self.place, data=self.data
        )

    # What the bot does

    def acknowledge(self, body: Json, files: dict[str, bytes]) -> Json:
        """The callback: the first answer, within three seconds."""
        if self.answer_type is not None:
            raise refusals.already_acknowledged()
        if self.clock.now - self.asked_at > limits.ACKNOWLEDGE_WITHIN:
            raise refusals.unknown_interaction()
        kind, data = int(body.get("type", 0)), body.get("data") or {}
        if kind not in ANSWERS_TO.get(self.kind, ()):
            raise refusals.invalid_form([Breach(("type",), "BASE_TYPE_CHOICES", f"{kind} does not answer {self.kind}")])
        message = self._first_answer(kind, data, files)
        self.answer_type, self.acknowledged_after = kind, self.clock.now - self.asked_at
        return self._callback_reply(kind, message)

    def edit(self, message_id: str, body: Json, files: dict[str, bytes]) -> Message:
        return self._edit(self.find(message_id), body, files)

    def find(self, message_id: str) -> Message:
        self._require_token()
        for message in self.messages:
            if message_id == str(message.id) or (message_id == "@original" and message is self.original):
                return message
        raise refusals.unknown_message()

    def delete(self, message_id: str) -> None:
        self.find(message_id).deleted = True

    def follow_up(self, body: Json, files: dict[str, bytes]) -> Message:
        """A further message; the first one after a deferral takes the place of "is thinking ..."."""
        self._require_token()
        if self.place.only_user_installed and self.follow_up_requests >= limits.USER_INSTALL_FOLLOW_UPS:
            raise refusals.too_many_follow_ups()
        if self.original is not None and self.original.loading and not self.original.deleted:
            message = self._edit(self.original, body, files)
        else:
            message = self._new_message(body, files)
            self.follow_ups.append(message)
        self.follow_up_requests += 1
        return message

    # How Discord judges it

    def _require_token(self) -> None:
        if self.clock.now - self.asked_at > limits.TOKEN_LIVES:
            raise refusals.invalid_webhook_token()
        if self.answer_type is None:
            raise refusals.unknown_webhook()

    def _first_answer(self, kind: int, data: Json, files: dict[str, bytes]) -> Message | None:
        if kind == REPLY:
            self.original = self._new_message(data, files)
        elif kind == DEFERRED_REPLY:
            # A deferral may set EPHEMERAL and nothing else.
            flags = int(data.get("flags") or 0) & limits.EPHEMERAL
            self.original = Message(self.clock.snowflake(), self.place.channel_id, self.clock.iso(), flags | LOADING)
        elif kind == CHOICES:
            refuse_if(limits.check_choices(data.get("choices") or ()))
            self.choices = data.get("choices") or []
        elif kind == MODAL:
            refuse_if(limits.check_modal(data))
            self.modal = data
        return self.original

    def _new_message(self, body: Json, files: dict[str, bytes]) -> Message:
        refuse_if(limits.check_message(body, files=len(files)))
        message = Message(self.clock.snowflake(), self.place.channel_id, self.clock.iso())
        message.write(body, files)
        if message.empty:
            raise refusals.empty_message()
        return message

    def _edit(self, message: Message, body: Json, files: dict[str, bytes]) -> Message:
        v2 = message.flags & limits.IS_COMPONENTS_V2
        refuse_if(limits.check_message({**body, "flags": int(body.get("flags") or 0) | v2}, files=len(files)))
        before = vars(message).copy()
        message.write(body, files)
        if message.empty:
            vars(message).update(before)
            raise refusals.empty_message()
        message.edited = self.clock.iso()
        return message

    def _callback_reply(self, kind: int, message: Message | None) -> Json:
        interaction: Json = {"id": str(self.id), "type": self.kind}
        resource: Json = {"type": kind}
        if message is not None:
            interaction |= {
                "response_message_id": str(message.id),
                "response_message_loading": message.loading,
                "response_message_ephemeral": message.ephemeral,
            }
            resource["message"] = message.to_json()
        return {"interaction": interaction, "resource": resource}


def refuse_if(breaches: Iterable[Breach]) -> None:
    if found := list(breaches):
        raise refusals.invalid_form(found)


def command_data(command: Mapping[str, Any], options: Mapping[str, Any]) -> Json:
    """What Discord sends when a person uses `command` with `options`."""
    types = {option["name"]: option["type"] for option in command.get("options") or ()}
    return {
        "id": command["id"],
        "name": command["name"],
        "type": command.get("type", 1),
        "options": [{"name": name, "type": types.get(name, 3), "value": value} for name, value in options.items()],
    }


def check_options(command: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Refuses, as a person's own Discord would, what the command's options do not allow. Raises AssertionError."""
    known = {option["name"]: option for option in command.get("options") or ()}
    assert set(options) <= set(known), f"/{command['name']} has no option {set(options) - set(known)}"
    for name, option in known.items():
        if name not in options:
            assert not option.get("required"), f"/{command['name']} needs {name}"
            continue
        value = options[name]
        if choices := option.get("choices"):
            assert value in [choice["value"] for choice in choices], f"{value!r} is no choice of {name}"
        measure = len(value) if isinstance(value, str) else value
        low, high = ("min_length", "max_length") if isinstance(value, str) else ("min_value", "max_value")
        assert option.get(low, measure) <= measure <= option.get(high, measure), f"{name} is out of bounds: {measure}"
