"""One message of ours, in Components V2: text, rows of buttons, pictures."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import discord
from discord import ui

from bot.chat.ids import Id

TEXT_LIMIT = 4000
"""Characters of all texts of a message together."""
FILE_FROM = 3 * TEXT_LIMIT
"""Text longer than so many characters is handed over as a file."""

Button: TypeAlias = ui.Button[Any]
Part: TypeAlias = ui.Item[Any]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message. alt: what it shows, for who does not see it."""

    name: str
    data: bytes
    alt: str | None = None

    @property
    def url(self) -> str:
        """By which a part of the same message names it."""
        return f"attachment://{self.name}"

    def opened(self) -> discord.File:
        """A fresh one for each request, which reads it to its end."""
        return discord.File(io.BytesIO(self.data), self.name, description=shortened(self.alt, 1024) or None)


class Page(ui.LayoutView):
    """A message. discord.py need not remember it: all that a press means stands in the custom id."""

    def __init__(self, *parts: Part, files: Sequence[Attachment] = ()) -> None:
        super().__init__(timeout=None)
        for part in parts:
            self.add_item(part)
        self.attachments = tuple(files)
        self.stop()

    @property
    def files(self) -> list[discord.File]:
        return [file.opened() for file in self.attachments]


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a select. Discord shows at most 100 characters of a label or description."""

    label: str
    value: str
    description: str | None = None


def text_page(content: str) -> Page:
    return Page(text(content))


def text(content: str) -> ui.TextDisplay[Any]:
    return ui.TextDisplay(content)


def gallery(file: Attachment) -> ui.MediaGallery[Any]:
    return ui.MediaGallery(discord.MediaGalleryItem(file.url, description=shortened(file.alt, 1024) or None))


def file(attachment: Attachment) -> ui.File[Any]:
    return ui.File(attachment.url)


def frame(*parts: Part) -> ui.Container[Any]:
    return ui.Container(*parts)


def row(*items: Part) -> ui.ActionRow[Any]:
    return ui.ActionRow(*items)


def button(
    label: str, press: Id, emoji: str | None = None, *, danger: bool = False, disabled: bool = False
) -> ui.Button[Any]:
    style = discord.ButtonStyle.danger if danger else discord.ButtonStyle.secondary
    return ui.Button(label=label[:80], custom_id=str(press), emoji=emoji, style=style, disabled=disabled)


def select(placeholder: str, press: Id, choices: Iterable[Choice]) -> ui.ActionRow[Any]:
    options = [
        discord.SelectOption(label=shortened(c.label, 100), value=c.value, description=shortened(c.description, 100))
        for c in choices
    ]
    return ui.ActionRow(ui.Select(custom_id=str(press), placeholder=placeholder[:150], options=options))


def shortened(told: str | None, limit: int) -> str:
    told = told or ""
    return told if len(told) <= limit else told[: limit - 1] + "…"


def packed(blocks: Iterable[str], limit: int = TEXT_LIMIT) -> list[str]:
    """The blocks, in order, a line break between them, in as few texts of at most `limit` characters as can be.

    A block longer than the limit is broken between its lines, and a line longer than that where the limit falls.
    """
    texts: list[str] = []
    for block in blocks:
        for piece in _pieces(block, limit):
            if texts and len(texts[-1]) + 1 + len(piece) <= limit:
                texts[-1] += "\n" + piece
            else:
                texts.append(piece)
    return texts


def _pieces(block: str, limit: int) -> Iterable[str]:
    if len(block) <= limit:
        return [block]
    lines = (line[i : i + limit] for line in block.split("\n") for i in range(0, max(len(line), 1), limit))
    return packed(lines, limit)
