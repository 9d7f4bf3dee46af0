from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.backup import sqlite_file
from bot.cli.process import carry_out
from bot.settings import Settings
from bot.store import copies


def job(file: Annotated[Path, typer.Argument(help="A copy that `backup` made.")]) -> None:
    """Put a copy in the database's place, while no program has it open; what stood there is kept beside it."""

    async def restore(settings: Settings) -> int:
        copies.restore(file, sqlite_file(settings))
        return 0

    carry_out(restore)
