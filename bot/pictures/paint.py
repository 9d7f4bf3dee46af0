"""From a scene to pixels, and from pixels to a file's bytes."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from bot.pictures.scene import Dot, Glyph, Ink, Run, Scene, Seal, Stroke
from bot.pictures.styles import PALETTES, Colour, Style, ground
from bot.pictures.typeface import Typeface

COLOURS = 48
"""In the palette of a finished picture: enough for paper, inks and their soft edges."""
SMOOTH = 4
"""Lines and dots are drawn this many times larger, then shrunk, which softens their edges."""


def paint(scene: Scene, style: Style, face: Typeface) -> Image.Image:
    """The scene on the style's paper, mode RGB."""
    sheet = ground(style, scene.width, scene.height).copy()
    inks = PALETTES[style].inks
    for mark in scene.marks:
        match mark:
            case Glyph(char, x, y, size, ink):
                _write(sheet, face, char, x - size / 2, y - size / 2, size, inks[ink])
            case Run(text, x, y, size, width, ink, centred):
                left = x - width / 2 if centred else x
                for i, char in enumerate(text):
                    _write(sheet, face, char, left + face.advance(text[:i], size), y - size / 2, size, inks[ink])
            case Dot(x, y, radius, ink, line):
                mask = _disc(round(radius * 8) / 8, line)
                sheet.paste(inks[ink], (round(x - mask.width / 2), round(y - mask.height / 2)), mask)
            case Stroke():
                _draw(sheet, mark, inks[mark.ink])
            case Seal(text, x, y, size):
                mask = _seal(face, text, size)
                corner = (round(x), round(y))
                sheet.paste(inks[Ink.PAPER], (*corner, corner[0] + size, corner[1] + size), _block(size))
                sheet.paste(inks[Ink.SEAL], corner, mask)
    return sheet


def png(image: Image.Image) -> bytes:
    """A PNG of few colours."""
    out = io.BytesIO()
    _flat(image).save(out, "PNG", compress_level=6)
    return out.getvalue()


def gif(images: Sequence[Image.Image], seconds: float) -> bytes:
    """An animation that shows each picture for so long, without end."""
    first, *rest = [_flat(image) for image in images]
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=rest, duration=round(seconds * 1000), loop=0, optimize=False)
    return out.getvalue()


def _flat(image: Image.Image) -> Image.Image:
    return image.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


def _write(sheet: Image.Image, face: Typeface, char: str, left: float, top: float, size: int, colour: Colour) -> None:
    ink, dx, dy = face.glyph(char, size)
    sheet.paste(colour, (round(left) + dx, round(top) + dy), ink)


def _draw(sheet: Image.Image, stroke: Stroke, colour: Colour) -> None:
    pairs = list(itertools.pairwise(stroke.points))
    if all(x == to_x or y == to_y for (x, y), (to_x, to_y) in pairs):
        for (x, y), (to_x, to_y) in pairs:  # along the pixels there are no edges to soften
            half = stroke.line / 2
            box = (min(x, to_x) - half, min(y, to_y) - half, max(x, to_x) + half, max(y, to_y) + half)
            left, top, right, bottom = map(round, box)
            sheet.paste(colour, (left, top, max(right, left + 1), max(bottom, top + 1)))
        return
    xs, ys = [x for x, _ in stroke.points], [y for _, y in stroke.points]
    pad = stroke.line + 2
    left, top = int(min(xs) - pad), int(min(ys) - pad)
    size = (int(max(xs) + pad) - left, int(max(ys) + pad) - top)
    mask = Image.new("L", (size[0] * SMOOTH, size[1] * SMOOTH))
    points = [((x - left) * SMOOTH, (y - top) * SMOOTH) for x, y in stroke.points]
    ImageDraw.Draw(mask).line(points, fill=255, width=max(1, round(stroke.line * SMOOTH)), joint="curve")
    sheet.paste(colour, (left, top), mask.resize(size, Image.Resampling.BOX))


@lru_cache(maxsize=64)
def _disc(radius: float, line: float) -> Image.Image:
    side = int(radius * 2 + 3)
    large = Image.new("L", (side * SMOOTH, side * SMOOTH))
    middle, reach = side * SMOOTH / 2, radius * SMOOTH
    box = (middle - reach, middle - reach, middle + reach, middle + reach)
    draw = ImageDraw.Draw(large)
    if line:
        draw.ellipse(box, outline=255, width=max(1, round(line * SMOOTH)))
    else:
        draw.ellipse(box, fill=255)
    return large.resize((side, side), Image.Resampling.BOX)


@lru_cache(maxsize=16)
def _block(size: int) -> Image.Image:
    """The face of a seal, rim and all."""
    block = Image.new("L", (size, size))
    ImageDraw.Draw(block).rounded_rectangle((0, 0, size - 1, size - 1), radius=size * 0.09, fill=255)
    return block


@lru_cache(maxsize=64)
def _seal(face: Typeface, text: str, size: int) -> Image.Image:
    """The ink of a seal in relief 白文: the square is red, the characters are not; its rim is worn."""
    rng = np.random.default_rng(len(text))
    large = _block(size).copy()
    for char, x, y, em in _seal_places(text, size):
        ink, dx, dy = face.glyph(char, em)
        large.paste(0, (round(x - em / 2) + dx, round(y - em / 2) + dy), ink)
    pixels = np.asarray(large).copy()
    worn = Image.fromarray((rng.random((size // 4 + 1, size // 4 + 1)) * 255).astype(np.uint8))
    pixels[np.asarray(worn.resize((size, size), Image.Resampling.BICUBIC)) > 246] = 0
    return Image.fromarray(pixels)


def _seal_places(text: str, size: int) -> list[tuple[str, float, float, int]]:
    """Characters with centres and sizes: in columns from right to left, two high."""
    columns = [text] if len(text) <= 2 else [text[:2], text[2:4]] if len(text) > 3 else [text[0], text[1:3]]
    inner = size * 0.86
    width = inner / len(columns)
    places = []
    for i, column in enumerate(columns):
        x = size / 2 + inner / 2 - width * (i + 0.5)
        height = inner / len(column)
        em = int(min(width, height) * 0.98)
        for j, char in enumerate(column):
            places.append((char, x, (size - inner) / 2 + height * (j + 0.5), em))
    return places
