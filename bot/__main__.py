"""`python -m bot`: the Discord bot where there is a token, a console where there is none."""

from __future__ import annotations

import argparse
import signal
import sys


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="Run Lanting: on Discord where DISCORD_TOKEN is set, otherwise as a console on standard input.",
        epilog="Settings come from the environment and .env; see .env.example. Exit codes: 0 done or told to stop, 1 a "
        "line of a pipe could not be answered or Discord is out of reach, 2 settings or usage, 3 Discord refused the "
        "token, 4 the database cannot be used, 5 the weights cannot be used.",
    )
    parser.add_argument(
        "job", nargs="?", choices=["run", "migrate"], default="run", help="migrate: only bring the database up to date"
    )
    job = parser.parse_args().job
    for number in (signal.SIGTERM, signal.SIGINT):  # until the app has its own handlers
        signal.signal(number, lambda *_: sys.exit(0))
    from bot.app import main as run  # noqa: PLC0415 - after the handlers: a signal now shows no traceback

    sys.exit(run(job))


if __name__ == "__main__":
    main()
