"""A message the bot has said, as everyone sees it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from . import limits, payloads

Json = dict[str, Any]
LOADING = 1 << 7
_MENTIONS = {
    "everyone": re.compile(r"@(everyone|here)"),
    "users": re.compile(r"<@!?(\d+)>"),
    "roles": re.compile(r"<@&(\d+)>"),
}


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
    files: dict[str, bytes] = field(default_factory=dict)
    edited: str | None = None
    deleted: bool = False

    @property
    def loading(self) -> bool:
        """Whether it still stands there as "is thinking ..."."""
        return bool(self.flags & LOADING)

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & limits.EPHEMERAL)

    @property
    def everything(self) -> str:
        """All its text, wherever it stands."""
        shown = [part.get("content") for _, part in limits.walk(self.components, ())]
        return "\n".join(filter(None, [self.content, *(e.get("description") for e in self.embeds), *shown]))

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

    def write(self, data: Json, files: dict[str, bytes]) -> None:
        """Take over what a request says; keys it leaves out stay as they are."""
        self.flags = (self.flags | int(data.get("flags") or 0)) & ~LOADING
        if "content" in data:
            self.content = data["content"] or ""
        for key in ("embeds", "components"):
            if key in data:
                setattr(self, key, data[key] or [])
        self.allowed_mentions = data.get("allowed_mentions")
        self.files |= files

    @property
    def empty(self) -> bool:
        return not (self.content.strip() or self.embeds or self.components or self.files)

    def to_json(self) -> Json:
        return {
            "id": str(self.id),
            "type": 20,
            "channel_id": str(self.channel_id),
            "author": payloads.user(payloads.BOT_ID, "lanting", bot=True),
            "content": self.content,
            "timestamp": self.sent,
            "edited_timestamp": self.edited,
            "tts": False,
            "mention_everyone": "everyone" in self.pings,
            "mentions": [],
            "mention_roles": [],
            "attachments": [
                {"id": str(i), "filename": name, "size": len(body), "url": "", "proxy_url": ""}
                for i, (name, body) in enumerate(self.files.items())
            ],
            "embeds": [{"type": "rich"} | embed for embed in self.embeds],
            "components": self.components,
            "pinned": False,
            "flags": self.flags,
            "webhook_id": str(payloads.APPLICATION_ID),
            "application_id": str(payloads.APPLICATION_ID),
        }
