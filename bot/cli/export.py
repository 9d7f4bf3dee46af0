from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.process import carry_out
from bot.settings import Settings
from bot.store import transfer


def job(file: Annotated[Path, typer.Argument(help="Where the JSON Lines go.")]) -> None:
    """Write everything the database holds as JSON Lines, for `import` into another, SQLite or PostgreSQL."""

    async def export(settings: Settings) -> int:
        await transfer.export_all(settings.database, file)
        return 0

    carry_out(export)
