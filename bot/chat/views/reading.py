"""How a poem sounds and what its images mean, for those who do not read Chinese."""

from __future__ import annotations

import unicodedata

from bot.chat.locale import Say
from bot.chat.page import Page, frame, packed, text
from bot.chat.text import plain
from bot.service.read_aloud import ReadingAloud


def reading_page(say: Say, reading: ReadingAloud) -> Page:
    verse = "\n\n".join(map(_line, reading.lines))
    blocks = [f"```\n{verse}\n```"]
    if reading.glosses:
        blocks.append(f"**{say('A gloss of its images, not a translation')}**")
        blocks += [f"{image}: {plain(meaning)}" for image, meaning in reading.glosses]
    return Page(frame(*map(text, packed(blocks))))


def _line(line: tuple[tuple[str, str], ...]) -> str:
    """Characters, and under each its sound, in columns of a typeface whose Chinese characters are two letters wide."""
    cells = [(char, sound, max(2, len(sound)) + 1) for char, sound in line]
    characters = "".join(char + " " * (width - _width(char)) for char, _, width in cells)
    return f"{characters.rstrip()}\n{''.join(sound.ljust(width) for _, sound, width in cells).rstrip()}"


def _width(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
