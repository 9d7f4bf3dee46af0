from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.pictures import save
from bot.cli.process import carry_out
from bot.pictures.card import card_of_text
from bot.pictures.studio import draw_xray
from bot.pictures.styles import Style
from bot.settings import Settings


def job(
    text: Annotated[str | None, typer.Option("--text", help="The poem; standard input where it is left out.")] = None,
    style: Annotated[Style, typer.Option("--style", help="The paper.")] = Style.PAPER,
    out: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path("tones.png"),
) -> None:
    """Draw the tones of a poem, and what breaks its form."""

    async def draw(_: Settings) -> int:
        return save(draw_xray(card_of_text(sys.stdin.read() if text is None else text).lines, style), out)

    carry_out(draw)
