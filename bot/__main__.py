"""`python -m bot`: the Discord bot where there is a token, a console where there is none; and the jobs around it."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):  # until the job has its own handlers
        signal.signal(number, lambda *_: sys.exit(0))
    from bot.cli import cli  # noqa: PLC0415 - after the handlers: a signal now shows no traceback

    cli(prog_name="python -m bot")


if __name__ == "__main__":
    main()
