"""The log: an event a line, for people at a terminal, as JSON elsewhere; a request's code through all of it.

Never a token; and nothing of what a person typed, unless LOG_TEXT asks for it.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

QUIET = {
    "alembic": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "asyncio": logging.WARNING,
    "discord.http": logging.WARNING,
    "discord": logging.INFO,
}
"""Loggers that would tell what people typed, or too much, below these levels."""

# The part of an address by which anybody may answer in the bot's name.
_TOKEN_IN_ADDRESS = re.compile(r"((?:webhooks|interactions)/\d+/)[^/\s\"'?]+")
_HAN = re.compile(r"[\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(slots=True)
class Asked:
    """A request. code: by which it is found in the log; typed: what the person typed; outcome: what came of it."""

    code: str = ""
    typed: tuple[str, ...] = ()
    outcome: str = "answered"


_ASKED: ContextVar[Asked] = ContextVar("asked", default=Asked())  # noqa: B039 - never changed: `begin` sets another


def asked() -> Asked:
    """The request that this task, or thread, is about; one without a code where it is about none."""
    return _ASKED.get()


def begin(typed: Iterable[str] = ()) -> Asked:
    """From here on this task is about a new request."""
    begun = Asked(secrets.token_hex(3), tuple(text for text in typed if text.strip()))
    _ASKED.set(begun)
    return begun


def came_to(outcome: str) -> None:
    """Says what came of this task's request, where that is not an answer."""
    if (request := asked()).code:
        request.outcome = outcome


@contextmanager
def about(*requests: Asked) -> Iterator[None]:
    """What is logged within is about requests that came elsewhere."""
    codes = ",".join(dict.fromkeys(request.code for request in requests if request.code))
    token = _ASKED.set(Asked(codes, tuple(text for request in requests for text in request.typed)))
    try:
        yield
    finally:
        _ASKED.reset(token)


def set_up(level: str, *, text: bool = False, hidden: Iterable[str] = ()) -> None:
    """Sends the program's log to standard error. text: whether it may tell what people typed; hidden: what it must never
    tell."""
    logging.basicConfig(level=level.upper(), handlers=[handler(sys.stderr, text=text, hidden=hidden)])
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(least, logging.getLogger().level))


def handler(stream: TextIO, *, text: bool = False, hidden: Iterable[str] = ()) -> logging.Handler:
    made = logging.StreamHandler(stream)
    made.setFormatter((ForPeople if stream.isatty() else Json)(text=text, hidden=tuple(hidden)))
    return made


class _Discreet(logging.Formatter):
    def __init__(self, *, text: bool, hidden: tuple[str, ...]) -> None:
        super().__init__()
        self._text, self._hidden = text, hidden

    def format(self, record: logging.LogRecord) -> str:
        request = asked()
        message = self._discreet(record.getMessage(), request, strange=False)
        error = None
        if record.exc_info:
            error = self._discreet(self.formatException(record.exc_info), request, strange=True)
        if self._text and (typed := getattr(record, "typed", None)):
            message = f"{message}; typed: {json.dumps(typed, ensure_ascii=False)}"
        return self._written(record, request.code, message, error)

    @abstractmethod
    def _written(self, record: logging.LogRecord, code: str, message: str, error: str | None) -> str: ...

    def _discreet(self, told: str, request: Asked, *, strange: bool) -> str:
        """strange: what is told was not worded by us."""
        for secret in self._hidden:
            told = told.replace(secret, "***")
        told = _TOKEN_IN_ADDRESS.sub(r"\1***", told)
        if self._text:
            return told
        for text in request.typed:
            told = told.replace(text, "…") if len(text) > 2 else told
            for word in re.findall(r"[^\W\d_]{3,}", text):
                told = re.sub(rf"(?i)\b{word}\b", "…", told)
        # Typed in one script, a character may turn up in the other.
        return _HAN.sub("□", told) if request.code or strange else told


class ForPeople(_Discreet):
    """A traceback stands below its line."""

    def _written(self, record: logging.LogRecord, code: str, message: str, error: str | None) -> str:
        line = "".join(char if char.isprintable() else "\ufffd" for char in message)
        about_it = f" [{code}]" if code else ""
        written = f"{self.formatTime(record)} {record.levelname} {record.name}{about_it}: {line}"
        return written if error is None else f"{written}\n{error}"


class Json(_Discreet):
    """time (UTC), level, logger, request (its code), message; error with its traceback."""

    def _written(self, record: logging.LogRecord, code: str, message: str, error: str | None) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            **({"request": code} if code else {}),
            "message": message,
            **({} if error is None else {"error": error}),
        }
        return json.dumps(told, ensure_ascii=False)
