"""The jobs of `python -m bot`, one module each: its function `job` is the command, its docstring the help.

A module is imported only when its job is called or help is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

import typer
from typer.core import TyperCommand, TyperGroup

JOBS = {
    "run": "bot.cli.run",
    "doctor": "bot.cli.doctor",
    "migrate": "bot.cli.migrate",
    "bench": "bot.cli.bench",
    "backup": "bot.cli.backup",
    "restore": "bot.cli.restore",
    "export": "bot.cli.export",
    "import": "bot.cli.import_",
    "bench-store": "bot.cli.bench_store",
    "sync": "bot.cli.sync",
    "healthy": "bot.cli.healthy",
    "card": "bot.cli.card",
    "xray": "bot.cli.xray",
    "map": "bot.cli.map",
}


class _Jobs(TyperGroup):
    def list_commands(self, ctx: object) -> list[str]:
        return list(JOBS)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand:
        if cmd_name not in JOBS:
            raise typer.BadParameter(f"There is no job {cmd_name!r}. Choose one of {', '.join(JOBS)}.")
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(cmd_name)(import_module(JOBS[cmd_name]).job)
        return cast(TyperCommand, typer.main.get_command(alone))


cli = typer.Typer(cls=_Jobs, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

EPILOG = (
    "Settings come from the environment and .env; see .env.example. Exit codes: 0 done or told to stop, 1 a line of a "
    "pipe could not be answered, a fault was found or the ending had to be cut short, 2 settings or usage, 3 Discord refused the token, 4 the "
    "database cannot be used, 5 the weights cannot be used."
)


@cli.callback(invoke_without_command=True, epilog=EPILOG)
def lanting(context: typer.Context) -> None:
    """Run Lanting: on Discord where DISCORD_TOKEN is set, otherwise as a console on standard input."""
    if context.invoked_subcommand is None:
        import_module(JOBS["run"]).job()
