"""The log: for people at a terminal, a JSON object a line elsewhere; never a token, nor what a person typed."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

QUIET = ("alembic", "aiosqlite", "discord.http", "asyncio")
"""Loggers that would tell what people typed, or too much."""


def set_up(level: str, stream: TextIO | None = None) -> None:
    """Sends the program's log to standard error, or to `stream`."""
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s") if out.isatty() else Json()
    )
    logging.basicConfig(level=level.upper(), handlers=[handler])
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class Json(logging.Formatter):
    """time (UTC), level, logger, message; error with its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, str] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)
