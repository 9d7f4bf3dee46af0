"""The papers a picture can be drawn on, and the inks that go with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from PIL import Image

from bot.pictures.scene import Ink

Colour: TypeAlias = tuple[int, int, int]


class Style(StrEnum):
    """宣紙, black on rice paper; 磁青, gold on indigo paper as sutras were written; 拓本, white as in a rubbing of a stone."""

    PAPER = "paper"
    INDIGO = "indigo"
    RUBBING = "rubbing"


@dataclass(frozen=True, slots=True)
class Palette:
    """paper: the ground's colour; grain: how far single fibres stray from it, in levels of 255; inks by purpose."""

    paper: Colour
    grain: int
    inks: Mapping[Ink, Colour]


PALETTES: dict[Style, Palette] = {
    Style.PAPER: Palette(
        (245, 239, 224),
        10,
        {
            Ink.TEXT: (38, 34, 30),
            Ink.FAINT: (128, 114, 94),
            Ink.LINE: (205, 190, 162),
            Ink.SEAL: (181, 52, 38),
            Ink.CLOUD: (206, 192, 166),
            Ink.PAPER: (252, 247, 235),
        },
    ),
    Style.INDIGO: Palette(
        (26, 38, 62),
        8,
        {
            Ink.TEXT: (226, 196, 128),
            Ink.FAINT: (158, 146, 116),
            Ink.LINE: (74, 84, 100),
            Ink.SEAL: (196, 70, 52),
            Ink.CLOUD: (66, 80, 106),
            Ink.PAPER: (246, 238, 220),
        },
    ),
    Style.RUBBING: Palette(
        (34, 33, 32),
        14,
        {
            Ink.TEXT: (236, 231, 220),
            Ink.FAINT: (158, 152, 142),
            Ink.LINE: (86, 83, 79),
            Ink.SEAL: (190, 62, 46),
            Ink.CLOUD: (82, 80, 76),
            Ink.PAPER: (246, 242, 234),
        },
    ),
}


@lru_cache(maxsize=6)
def ground(style: Style, width: int, height: int) -> Image.Image:
    """The empty sheet, mode RGB: fibres over the paper's colour. Do not draw on it.

    Few and sharp: a PNG of soft noise would be ten times as large, and ten times as slow to write.
    """
    palette = PALETTES[style]
    rng = np.random.default_rng(0)  # the same sheet every time, so that pictures can be compared
    shade = np.zeros((height, width))
    for _ in range(width * height // 2500):
        x, y, length = int(rng.integers(width)), int(rng.integers(height)), int(rng.integers(4, 28))
        level = rng.choice((-1.0, -0.6, 0.8))
        if rng.random() < 0.7:
            shade[y, x : x + length] = level
        else:
            shade[y : y + length, x] = level
    coloured = np.array(palette.paper) + shade[..., None] * palette.grain
    return Image.fromarray(coloured.clip(0, 255).astype(np.uint8))
