"""A message as everyone sees it, with its files."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from . import components, limits, payloads
from .filenames import cleansed_reference
from .people import Person

Json = dict[str, Any]
LOADING = 1 << 7
SETTABLE_ONCE = limits.EPHEMERAL | limits.SUPPRESS_NOTIFICATIONS
"""Flags that a message gets when it is sent, or never."""
DEFAULT, REPLY, SLASH_REPLY, MENU_REPLY = 0, 19, 20, 23
_MENTIONS = {
    "everyone": re.compile(r"@(everyone|here)"),
    "users": re.compile(r"<@!?(\d+)>"),
    "roles": re.compile(r"<@&(\d+)>"),
}


@dataclass(frozen=True)
class Upload:
    """A file of a multipart request: `files[index]`."""

    index: int
    filename: str
    content: bytes


@dataclass
class Attachment:
    id: int
    filename: str
    content: bytes
    description: str | None
    url: str

    def to_json(self) -> Json:
        described = {"description": self.description} if self.description else {}
        kind, _ = mimetypes.guess_type(self.filename)
        return {
            "id": str(self.id),
            "filename": self.filename,
            "size": len(self.content),
            "url": self.url,
            "proxy_url": self.url,
            **({"content_type": kind} if kind else {}),
            **described,
        }

    def media(self) -> Json:
        kind, _ = mimetypes.guess_type(self.filename)
        own = {"id": str(self.id), "url": self.url, "proxy_url": self.url, "attachment_id": str(self.id)}
        return own | {"width": None, "height": None, "content_type": kind}


@dataclass
class Message:
    id: int
    channel_id: int
    sent: str
    flags: int = 0
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    allowed_mentions: Json | None = None
    attachments: list[Attachment] = field(default_factory=list)
    edited: str | None = None
    deleted: bool = False
    type: int = DEFAULT
    author: Json = field(default_factory=payloads.bot_user)
    seen_by: Person | None = None
    """The only one who sees it, where it is ephemeral."""
    origin: Json | None = None
    """`interaction_metadata`: the interaction that brought it."""
    replies_to: int | None = None

    @property
    def loading(self) -> bool:
        """Whether it still stands there as "is thinking ..."."""
        return bool(self.flags & LOADING)

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & limits.EPHEMERAL)

    @property
    def v2(self) -> bool:
        return bool(self.flags & limits.IS_COMPONENTS_V2)

    @property
    def by_bot(self) -> bool:
        return bool(self.author["id"] == str(payloads.BOT_ID))

    @property
    def files(self) -> dict[str, bytes]:
        return {attachment.filename: attachment.content for attachment in self.attachments}

    @property
    def everything(self) -> str:
        """All its text, wherever it stands."""
        shown = [part.get("content") for _, part in components.walk(self.components)]
        return "\n".join(filter(None, [self.content, *(e.get("description") for e in self.embeds), *shown]))

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons, or their emoji, in order."""
        every = [part for _, part in components.walk(self.components) if part["type"] == components.BUTTON]
        return [components.names(button)[0] for button in every]

    @property
    def alt_texts(self) -> list[str | None]:
        """What is said of each of its pictures and files to those who do not see them."""
        items = [part for _, part in components.walk(self.components) if part["type"] == components.THUMBNAIL]
        items += [item for _, part in components.walk(self.components) for item in part.get("items") or ()]
        return [*(item.get("description") for item in items), *(file.description for file in self.attachments)]

    @property
    def pings(self) -> list[str]:
        """Whom Discord would notify: what is mentioned and was not forbidden."""
        allowed = self.allowed_mentions
        parse = set(_MENTIONS) if allowed is None else set(allowed.get("parse") or ())
        found: list[str] = []
        for kind, pattern in _MENTIONS.items():
            named = set((allowed or {}).get(kind) or ()) if kind != "everyone" else set()
            found += [who for who in pattern.findall(self.everything) if kind in parse or who in named]
        return found

    @property
    def empty(self) -> bool:
        return not (self.content.strip() or self.embeds or self.components or self.attachments)

    def write(self, data: Json, attachments: Sequence[Attachment]) -> None:
        """Take over what a request says; keys it leaves out stay as they are."""
        self.flags = (self.flags | int(data.get("flags") or 0)) & ~LOADING
        self.attachments = list(attachments)
        if "content" in data:
            self.content = data["content"] or ""
        if "embeds" in data:
            self.embeds = [_kept(embed) for embed in data["embeds"] or []]
        if "components" in data:
            self.components = components.kept(data["components"] or [])
        self.allowed_mentions = data.get("allowed_mentions")
        self._resolve_media()

    def _resolve_media(self) -> None:
        own = {f"attachment://{attachment.filename}": attachment for attachment in self.attachments}
        for _, part in components.walk(self.components):
            for _, media in components.media_of(part):
                if found := own.get(cleansed_reference(media["url"])):
                    media.update(found.media())
                    if part["type"] == components.FILE:
                        part.update({"name": found.filename, "size": len(found.content)})
                else:
                    # A picture from elsewhere, or one that was resolved before.
                    media.setdefault("id", media.get("attachment_id", "0"))
                    media.setdefault("proxy_url", media["url"])
        for embed in self.embeds:
            for key in ("image", "thumbnail"):
                if isinstance(embed.get(key), dict) and (
                    found := own.get(cleansed_reference(embed[key].get("url") or ""))
                ):
                    embed[key] |= {"url": found.url, "proxy_url": found.url}

    def to_json(self) -> Json:
        said: Json = {
            "id": str(self.id),
            "type": self.type,
            "channel_id": str(self.channel_id),
            "author": {key: value for key, value in self.author.items() if key not in ("email", "verified")},
            "content": self.content,
            "timestamp": self.sent,
            "edited_timestamp": self.edited,
            "tts": False,
            "mention_everyone": "everyone" in self.pings,
            "mentions": [],
            "mention_roles": [],
            "attachments": [attachment.to_json() for attachment in self.attachments],
            "embeds": self.embeds,
            "components": self.components,
            "pinned": False,
            "flags": self.flags,
        }
        if self.by_bot:
            said["application_id"] = str(payloads.APPLICATION_ID)
        if self.origin is not None:
            said |= {"webhook_id": str(payloads.APPLICATION_ID), "interaction_metadata": self.origin}
        if self.replies_to is not None:
            said["message_reference"] = {
                "type": 0,
                "channel_id": str(self.channel_id),
                "message_id": str(self.replies_to),
            }
        return said


def _kept(embed: Json) -> Json:
    """As Discord keeps and sends it."""
    fields = [{"inline": False} | field for field in embed.get("fields") or ()]
    return {"type": "rich"} | embed | ({"fields": fields} if fields else {})


def attachment_url(origin: str, channel_id: int, attachment_id: int, filename: str) -> str:
    return f"{origin}/attachments/{channel_id}/{attachment_id}/{quote(filename)}"
