from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.pictures import save
from bot.cli.process import carry_out
from bot.pictures.card import SEAL_TEXT, card_of_text
from bot.pictures.studio import draw_card
from bot.pictures.styles import Style
from bot.service.draw import note_of
from bot.settings import Settings


def job(
    text: Annotated[str | None, typer.Option("--text", help="The poem; standard input where it is left out.")] = None,
    title: Annotated[str, typer.Option("--title", help="Stands small at its head.")] = "",
    seal: Annotated[str, typer.Option("--seal", help="One to four characters.")] = SEAL_TEXT,
    style: Annotated[Style, typer.Option("--style", help="The paper.")] = Style.PAPER,
    out: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path("poem.png"),
) -> None:
    """Draw a poem, or any text, as a card."""

    async def draw(_: Settings) -> int:
        card = card_of_text(sys.stdin.read() if text is None else text)
        return save(draw_card(dataclasses.replace(card, title=title, seal=seal, note=note_of(card.lines)), style), out)

    carry_out(draw)
