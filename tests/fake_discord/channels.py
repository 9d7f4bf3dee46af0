"""What stands in the channels: it outlives every client of the bot, so that buttons of old messages can be pressed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from . import components, limits, messages, refusals
from .clock import PATIENCE, Clock
from .filenames import cleansed
from .limits import Breach
from .messages import Attachment, Message, Upload
from .payloads import ATTACHMENT_SIZE_LIMIT
from .people import (
    ABROAD,
    ATTACH_FILES,
    DIRECT_MESSAGE,
    FOREIGN_SERVER,
    GROUP,
    MANAGE_MESSAGES,
    MEMBER,
    SEND_MESSAGES,
    SERVER,
    VIEW_CHANNEL,
    Person,
    Place,
)

Json = dict[str, Any]


class Channels:
    """Tests read `said(place)`, add places with `add`, and take rights away with `permit`."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.origin = ""
        self.places: dict[int, Place] = {}
        self.messages: dict[int, Message] = {}
        self._permissions: dict[int, int] = {}
        self._said = asyncio.Event()
        for place in (SERVER, DIRECT_MESSAGE, GROUP, FOREIGN_SERVER):
            self.add(place)

    # What tests do and read

    def add(self, place: Place) -> Place:
        self.places[place.channel_id] = place
        return place

    def servers(self) -> list[Place]:
        """Those that have installed the application."""
        return [place for place in self.places.values() if place.guild_id is not None and not place.only_user_installed]

    def permit(self, place: Place, permissions: int) -> None:
        """From now on the bot may do this and no more there."""
        self._permissions[place.channel_id] = permissions

    def permissions(self, place: Place) -> int:
        return self._permissions.get(place.channel_id, ABROAD if place.only_user_installed else MEMBER)

    def said(self, place: Place) -> list[Message]:
        """What stands in a channel now, in order."""
        return [m for m in self.messages.values() if m.channel_id == place.channel_id and not m.deleted]

    async def until_said(self, place: Place) -> list[Message]:
        """Waits, in real time, until something stands in a channel. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE):
            while not self.said(place):
                self._said.clear()
                await self._said.wait()
        return self.said(place)

    # What Discord does for everyone

    def say(self, place: Place, body: Json, uploads: Sequence[Upload], **more: Any) -> Message:
        """A new message. Raises DiscordError."""
        settable = limits.SUPPRESS_EMBEDS | limits.IS_COMPONENTS_V2 | messages.SETTABLE_ONCE
        flags = int(body.get("flags") or 0) & settable
        message = Message(self.clock.snowflake(), place.channel_id, self.clock.iso(), **more)
        self.rewrite(message, body | {"flags": flags}, uploads)
        self.messages[message.id] = message
        self._said.set()
        return message

    def waiting(self, place: Place, flags: int, **more: Any) -> Message:
        """ "Lanting is thinking ..." """
        message = Message(self.clock.snowflake(), place.channel_id, self.clock.iso(), flags | messages.LOADING, **more)
        self.messages[message.id] = message
        return message

    def edit(self, message: Message, body: Json, uploads: Sequence[Upload]) -> None:
        """Raises DiscordError, and then nothing has changed."""
        settable = limits.SUPPRESS_EMBEDS | limits.IS_COMPONENTS_V2
        self.rewrite(message, body | {"flags": int(body.get("flags") or 0) & settable}, uploads)
        message.edited = self.clock.iso()

    def rewrite(self, message: Message, body: Json, uploads: Sequence[Upload]) -> None:
        if any(len(upload.content) > ATTACHMENT_SIZE_LIMIT for upload in uploads):
            raise refusals.too_large()
        # What an edit leaves out stays, and must agree with what it brings.
        standing = {"content": message.content, "embeds": message.embeds, "components": message.components}
        flags = int(body.get("flags") or 0) | message.flags
        attachments = self._attached(message, body, uploads)
        refuse_if(limits.check_message({**standing, **body, "flags": flags}))
        refuse_if(limits.check_files(body, [attachment.filename for attachment in attachments]))
        before = vars(message).copy()
        message.write(body, attachments)
        if message.empty:
            vars(message).update(before)
            raise refusals.empty_message()
        if limits.too_much_v2_text(message.components):
            vars(message).update(before)
            raise refusals.internal_error()

    def _attached(self, message: Message, body: Json, uploads: Sequence[Upload]) -> list[Attachment]:
        """Those that stay and those that are new. A list of attachments drops the old ones that it does not name."""
        listed = {str(entry["id"]): entry for entry in body.get("attachments") or ()}
        new = {str(upload.index) for upload in uploads}
        standing = {str(attachment.id) for attachment in message.attachments}
        if unknown := set(listed) - new - standing:
            at = [i for i, name in enumerate(listed) if name in unknown]
            refuse_if([Breach(("attachments", i, "id"), "ATTACHMENT_NOT_FOUND", "Unknown attachment") for i in at])
        stays = [a for a in message.attachments if body.get("attachments") is None or str(a.id) in listed]
        return [*stays, *(self._stored(message, upload, listed.get(str(upload.index), {})) for upload in uploads)]

    def _stored(self, message: Message, upload: Upload, entry: Json) -> Attachment:
        name = cleansed(entry.get("filename") or upload.filename)
        own = self.clock.snowflake()
        url = messages.attachment_url(self.origin, message.channel_id, own, name)
        return Attachment(own, name, upload.content, entry.get("description"), url)

    def attachment(self, attachment_id: int) -> Attachment | None:
        every = (file for message in self.messages.values() if not message.deleted for file in message.attachments)
        return next((file for file in every if file.id == attachment_id), None)

    # What the bot does with its own token, in channels it can get at

    def place(self, channel_id: str, *needed: int) -> Place:
        """The place of a channel, where the bot has the permissions. Raises DiscordError."""
        place = self.places.get(int(channel_id))
        if place is None:
            raise refusals.unknown_channel()
        if place.only_user_installed or not self.permissions(place) & VIEW_CHANNEL:
            raise refusals.missing_access()
        if any(not self.permissions(place) & permission for permission in needed):
            raise refusals.missing_permissions()
        return place

    def post(self, channel_id: str, body: Json, uploads: Sequence[Upload]) -> Message:
        needed = (SEND_MESSAGES, ATTACH_FILES) if uploads else (SEND_MESSAGES,)
        return self.say(self.place(channel_id, *needed), without_ephemeral(body), uploads)

    def get(self, channel_id: str, message_id: str) -> Message:
        self.place(channel_id)
        message = self.messages.get(int(message_id))
        if message is None or message.deleted or message.ephemeral or message.channel_id != int(channel_id):
            raise refusals.unknown_message()
        return message

    def edit_own(self, channel_id: str, message_id: str, body: Json, uploads: Sequence[Upload]) -> Message:
        message = self.get(channel_id, message_id)
        if not message.by_bot:
            raise refusals.not_the_author()
        self.edit(message, body, uploads)
        return message

    def delete(self, channel_id: str, message_id: str) -> None:
        message = self.get(channel_id, message_id)
        if not message.by_bot:
            self.place(channel_id, MANAGE_MESSAGES)
        message.deleted = True

    def sees(self, person: Person, message: Message) -> bool:
        return not message.deleted and (message.seen_by is None or message.seen_by.id == person.id)


def without_ephemeral(body: Json) -> Json:
    """Only answers to interactions can be ephemeral."""
    return body | {"flags": int(body.get("flags") or 0) & ~limits.EPHEMERAL}


def refuse_if(breaches: Iterable[Breach]) -> None:
    if found := list(breaches):
        raise refusals.invalid_form(found)


def pressable(message: Message, name: str, kinds: Iterable[int]) -> Json:
    """A component of a message that a person can use. Raises AssertionError where there is none, or it is disabled."""
    component = components.find(message.components, name, kinds)
    assert not component.get("disabled"), f"{name!r} is disabled"
    return component
