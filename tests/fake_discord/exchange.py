"""One interaction and all that came of it: Discord's rules of when a bot may say what."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import limits, messages, payloads, refusals
from .channels import Channels, refuse_if
from .clock import PATIENCE
from .limits import Breach
from .messages import Message, Upload
from .modals import Modal
from .people import USE_EXTERNAL_APPS, Person, Place

Json = dict[str, Any]

PING, COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 1, 2, 3, 4, 5
REPLY, DEFERRED_REPLY, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9


class Exchange:
    """What a person asked, and what the bot made of it. Tests read `texts`, `messages`, `choices` and `modal`.

    `source` is the message whose button was pressed, `opened_by` the exchange that opened the modal.
    """

    def __init__(
        self,
        channels: Channels,
        kind: int,
        person: Person,
        place: Place,
        data: Json,
        *,
        source: Message | None = None,
        opened_by: Exchange | None = None,
    ) -> None:
        self.channels, self.clock = channels, channels.clock
        self.kind, self.person, self.place, self.data = kind, person, place, data
        self.source, self.opened_by = source, opened_by
        self.id = self.clock.snowflake()
        self.token = f"interaction-token-{self.id}"
        self.asked_at = self.clock.now
        self.acknowledged_after: float | None = None
        self.answer_type: int | None = None
        self.original: Message | None = None
        self.updated = False
        self.follow_ups: list[Message] = []
        self.follow_up_requests = 0
        self.choices: list[Json] | None = None
        self.modal: Modal | None = None
        self.refused: list[refusals.DiscordError] = []
        self._changed = asyncio.Condition()

    # What tests read and wait for

    @property
    def messages(self) -> list[Message]:
        """What stands in the channel now and came of this, in order; with the source, where it was changed."""
        said = [self.original if self.original is not self.source or self.updated else None, *self.follow_ups]
        return [message for message in said if message is not None and not message.deleted]

    @property
    def message(self) -> Message:
        """The one message that came of it. Raises AssertionError where there are more or none."""
        said = self.messages
        assert len(said) == 1, f"{len(said)} messages: {[message.everything for message in said]}"
        return said[0]

    @property
    def texts(self) -> list[str]:
        return [message.everything for message in self.messages if not message.loading]

    @property
    def answered(self) -> bool:
        """Whether the person has something to read or do, and nothing still says "is thinking ..."."""
        if self.choices is not None or self.modal is not None:
            return True
        return bool(self.texts) and not any(message.loading for message in self.messages)

    @property
    def failed(self) -> bool:
        """Whether the person reads "The application did not respond"."""
        return self.answer_type is None and self.clock.now - self.asked_at > limits.ACKNOWLEDGE_WITHIN

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
        payload = payloads.interaction(
            self.kind,
            interaction_id=self.id,
            token=self.token,
            person=self.person,
            place=self.place,
            data=self.data,
            permissions=self.channels.permissions(self.place),
        )
        return payload if self.source is None else payload | {"message": self.source.to_json()}

    # What the bot does

    def acknowledge(self, body: Json, files: Sequence[Upload]) -> Json:
        """The callback: the first answer, within three seconds."""
        if self.answer_type is not None:
            raise refusals.already_acknowledged()
        if self.clock.now - self.asked_at > limits.ACKNOWLEDGE_WITHIN:
            raise refusals.unknown_interaction()
        kind, data = int(body.get("type", 0)), body.get("data") or {}
        if kind not in self._possible_answers():
            raise refusals.invalid_form([Breach(("type",), "BASE_TYPE_CHOICES", f"{kind} does not answer {self.kind}")])
        self._first_answer(kind, data, files)
        self.answer_type, self.acknowledged_after = kind, self.clock.now - self.asked_at
        return self._callback_reply(kind)

    def edit(self, message_id: str, body: Json, files: Sequence[Upload]) -> Message:
        message = self.find(message_id)
        self.channels.edit(message, body, files)
        self.updated |= message is self.source
        return message

    def find(self, message_id: str) -> Message:
        self._require_token()
        for message in [self.original, *self.follow_ups]:
            if message is None or message.deleted:
                continue
            if message_id == str(message.id) or (message_id == "@original" and message is self.original):
                return message
        raise refusals.unknown_message()

    def delete(self, message_id: str) -> None:
        self.find(message_id).deleted = True

    def follow_up(self, body: Json, files: Sequence[Upload]) -> Message:
        """A further message; the first one after a deferral takes the place of "is thinking ..."."""
        self._require_token()
        if self.place.only_user_installed and self.follow_up_requests >= limits.USER_INSTALL_FOLLOW_UPS:
            raise refusals.too_many_follow_ups()
        if self.original is not None and self.original.loading and not self.original.deleted:
            message = self.original
            self.channels.edit(message, body, files)
        else:
            message = self._say(body, files, type=messages.REPLY, replies_to=self.original and self.original.id)
            self.follow_ups.append(message)
        self.follow_up_requests += 1
        return message

    # How Discord judges it

    def _possible_answers(self) -> set[int]:
        if self.kind == AUTOCOMPLETE:
            return {CHOICES}
        possible = {REPLY, DEFERRED_REPLY} | ({UPDATE, DEFERRED_UPDATE} if self.source is not None else set())
        # A modal can be closed without a word, wherever it was opened; but no modal follows a modal.
        return possible | ({DEFERRED_UPDATE} if self.kind == MODAL_SUBMIT else {MODAL})

    def _require_token(self) -> None:
        if self.clock.now - self.asked_at > limits.TOKEN_LIVES:
            raise refusals.invalid_webhook_token()
        if self.answer_type is None:
            raise refusals.unknown_webhook()

    def _first_answer(self, kind: int, data: Json, files: Sequence[Upload]) -> None:
        if kind == REPLY:
            self.original = self._say(data, files, under="data", **self._first_words())
        elif kind == DEFERRED_REPLY:
            # A deferral may set EPHEMERAL and nothing else.
            flags = self._flags(data) & limits.EPHEMERAL
            self.original = self.channels.waiting(self.place, flags, **self._origin(flags), **self._first_words())
        elif kind == DEFERRED_UPDATE:
            self.original = self.source
        elif kind == UPDATE and self.source is not None:
            with refusals.under("data"):
                self.channels.edit(self.source, data, files)
            self.original, self.updated = self.source, True
        elif kind == CHOICES:
            with refusals.under("data"):
                refuse_if(limits.check_choices(data.get("choices") or ()))
            self.choices = data.get("choices") or []
        elif kind == MODAL:
            with refusals.under("data"):
                refuse_if(limits.check_modal(data))
            self.modal = Modal(data, self)

    def _first_words(self) -> Json:
        if self.kind == COMMAND:
            return {"type": messages.SLASH_REPLY if self.data.get("type", 1) == 1 else messages.MENU_REPLY}
        if self.source is not None:
            return {"type": messages.REPLY, "replies_to": self.source.id}
        return {}

    def _say(self, body: Json, files: Sequence[Upload], *, under: str = "", **more: Any) -> Message:
        with refusals.under(under):
            flags = self._flags(body)
            return self.channels.say(self.place, body | {"flags": flags}, files, **self._origin(flags), **more)

    def _flags(self, body: Json) -> int:
        """In a server that has not installed it, the application speaks to all only where the person may let it."""
        abroad = self.place.only_user_installed and self.place.guild_id is not None
        hushed = abroad and not self.person.may(USE_EXTERNAL_APPS)
        return int(body.get("flags") or 0) | (limits.EPHEMERAL if hushed else 0)

    def _origin(self, flags: int) -> Json:
        return {
            "origin": self.metadata(),
            "seen_by": self.person if flags & limits.EPHEMERAL else None,
        }

    def metadata(self) -> Json:
        """`interaction_metadata` of the messages that come of it."""
        told: Json = {
            "id": str(self.id),
            "type": self.kind,
            "user": self.person.user(),
            "authorizing_integration_owners": self.place.owners(self.person),
        }
        if self.kind == COMPONENT and self.source is not None:
            told["interacted_message_id"] = str(self.source.id)
        if self.opened_by is not None:
            told["triggering_interaction_metadata"] = self.opened_by.metadata()
        if target := self.data.get("target_id"):
            is_user: Mapping[str, Any] = self.data["resolved"].get("users", {})
            told |= {"target_user": is_user[target]} if target in is_user else {"target_message_id": target}
        return told

    def _callback_reply(self, kind: int) -> Json:
        message = self.original
        interaction: Json = {"id": str(self.id), "type": self.kind}
        resource: Json = {"type": kind}
        if message is not None:
            interaction |= {
                "response_message_id": str(message.id),
                "response_message_loading": message.loading,
                "response_message_ephemeral": message.ephemeral,
            }
        if message is not None and kind in (REPLY, UPDATE):
            resource["message"] = message.to_json()
        return {"interaction": interaction} | ({"resource": resource} if kind in (REPLY, UPDATE) else {})
