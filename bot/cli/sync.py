from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from bot.chat.sync import sync_by_hand
from bot.cli.process import carry_out


def job(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be told anew; asks nobody.")] = False,
) -> None:
    """Tell Discord the commands now. Each start does so too, where they have changed."""
    carry_out(partial(sync_by_hand, say=typer.echo, dry_run=dry_run))
