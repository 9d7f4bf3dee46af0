"""`python -m bot`: the Discord bot where there is a token, a console where there is none."""

from __future__ import annotations

import argparse
import sys


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="Run Lanting: on Discord where DISCORD_TOKEN is set, otherwise as a console on standard input.",
        epilog="Settings come from the environment and .env; see .env.example.",
    )
    parser.add_argument(
        "job", nargs="?", choices=["run", "migrate"], default="run", help="migrate: only bring the database up to date"
    )
    job = parser.parse_args().job
    try:
        from bot.app import main as run  # noqa: PLC0415 - Ctrl-C while it is imported must not show a traceback

        sys.exit(run(job))
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
