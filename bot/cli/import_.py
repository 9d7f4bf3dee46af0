from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.process import carry_out
from bot.settings import Settings
from bot.store import transfer


def job(file: Annotated[Path, typer.Argument(help="What `export` wrote.")]) -> None:
    """Fill an empty database with what `export` wrote, all of it or nothing."""

    async def import_(settings: Settings) -> int:
        await transfer.import_all(settings.database, file)
        return 0

    carry_out(import_)
