from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.process import carry_out
from bot.errors import BotError
from bot.settings import Settings
from bot.store import copies


def job(file: Annotated[Path, typer.Argument(help="Where the copy goes; an older copy there gives way.")]) -> None:
    """Copy the SQLite database while it is in use; the copy is one moment of it, checked page by page."""

    async def backup(settings: Settings) -> int:
        copies.copy(sqlite_file(settings), file)
        copies.check(file)
        return 0

    carry_out(backup)


def sqlite_file(settings: Settings) -> Path:
    """The file of DATABASE_URL. Raises BotError for a PostgreSQL server, which has tools of its own for this."""
    if isinstance(settings.database, str):
        raise BotError(reason="DATABASE_URL names a PostgreSQL server: use pg_dump, or `export` and `import`.")
    return settings.database
