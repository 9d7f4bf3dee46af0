"""The shipped face, 楷: which characters it has, and how one is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bot.errors import FontMissing
from vae.script import to_traditional

FOLDER = Path(__file__).parent / "fonts"
LACUNA = "□"
"""Stands for a character without a glyph, as editors of old texts print what cannot be read."""


@dataclass(frozen=True)
class Typeface:
    """Font files, the first that has a character draws it."""

    files: tuple[tuple[Path, frozenset[str]], ...]

    @classmethod
    @cache
    def shipped(cls) -> Typeface:
        """Raises FontMissing."""
        lists = sorted(FOLDER.glob("kai-*.txt"))
        try:
            files = [(path.with_suffix(".ttf"), frozenset(path.read_text(encoding="utf-8"))) for path in lists]
        except OSError as error:
            raise FontMissing(path=FOLDER) from error
        if not files or not all(path.exists() for path, _ in files):
            raise FontMissing(path=FOLDER)
        return cls(tuple(files))

    def has(self, char: str) -> bool:
        return any(char in chars for _, chars in self.files)

    def shown(self, text: str) -> str:
        """The text as it can be drawn; what is invisible is left out.

        A Simplified character that no free font has stands in its Traditional form, anything else as a lacuna.
        """
        return "".join(self._drawable(char) for char in text if char.isprintable())

    def _drawable(self, char: str) -> str:
        return next((form for form in (char, to_traditional(char)) if self.has(form)), LACUNA)

    def glyph(self, char: str, size: int) -> tuple[Image.Image, int, int]:
        """The ink of a character (mode L), and where its left upper corner lies from the em square's, in pixels."""
        return _glyph(self._file(char), char, size)

    def advance(self, text: str, size: int) -> float:
        """How wide a line of text is, in pixels."""
        return sum(_advance(self._file(char), char, size) for char in text)

    def _file(self, char: str) -> Path:
        return next((path for path, chars in self.files if char in chars), self.files[0][0])


@lru_cache(maxsize=64)
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def _advance(path: Path, char: str, size: int) -> float:
    return _font(path, size).getlength(char)


@lru_cache(maxsize=2048)
def _glyph(path: Path, char: str, size: int) -> tuple[Image.Image, int, int]:
    font = _font(path, size)
    left, top, right, bottom = font.getbbox(char)
    ink = Image.new("L", (max(1, round(right - left)), max(1, round(bottom - top))))
    ImageDraw.Draw(ink).text((-left, -top), char, fill=255, font=font)
    return ink, round(left), round(top)
