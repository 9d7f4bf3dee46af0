from __future__ import annotations

import typer

from bot.cli.process import carry_out
from bot.doctor import State, examine
from bot.settings import Settings

COLOURS = {State.WELL: "green", State.NOTE: "yellow", State.FAULT: "red"}


def job() -> None:
    """Look at all that the program needs here, without Discord, and say what to do: exit code 0, or 1 for a fault."""
    carry_out(_examined)


async def _examined(settings: Settings) -> int:
    faults = 0
    async for finding in examine(settings):
        typer.secho(str(finding), fg=COLOURS[finding.state])
        faults += finding.state is State.FAULT
    typer.echo(f"{faults} to be mended." if faults else "All is well.")
    return 1 if faults else 0
