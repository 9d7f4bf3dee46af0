"""The same service at a terminal or in a pipe: what runs when there is no token."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from bot.console.commands import HELP, Help, Quit, parse
from bot.console.lines import LINE_LIMIT, decoded, piped_lines
from bot.console.screen import NobodyReadsError, Pipe, Screen, Terminal
from bot.errors import BotError, OutputError, PoetGone, StoreError
from bot.logs import begin
from bot.service.blend_lines import blend_lines
from bot.service.desk import CONSOLE, Desk
from bot.service.write_poem import write_poem
from vae.errors import PoetError
from vae.poem import BlendRequest, WriteRequest


async def run(desk: Desk) -> int:
    """Answers line by line until the input ends: 0, or 1 where a line of a pipe could not be answered.

    Raises StoreError, PoetGone or OutputError: what no other line could mend.
    """
    try:
        if at_terminal():
            from bot.console.terminal import typed_lines  # noqa: PLC0415 - pipes start quicker without

            Terminal().say("Type /help for the commands, /quit to leave.", "dim")
            await _answer_all(desk, Terminal(), typed_lines())
            return 0
        return 1 if await _answer_all(desk, Pipe(), _piped()) else 0
    except NobodyReadsError:
        return 0


def at_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


@contextmanager
def waking() -> Iterator[None]:
    """Says at a terminal, and only there, why nothing happens yet."""
    note = "Waking the poet …"
    shown = sys.stderr is not None and sys.stderr.isatty()
    if shown:
        print(note, end="", file=sys.stderr, flush=True)  # noqa: T201
    try:
        yield
    finally:
        if shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)  # noqa: T201


async def _piped() -> AsyncIterator[str | BotError]:
    try:
        async for line in piped_lines():
            yield decoded(line) if len(line) <= LINE_LIMIT else _too_long()
    except OSError as error:
        yield BotError(reason=f"Standard input cannot be read: {error.strerror}.")


def _too_long() -> BotError:
    return BotError(reason=f"The line has more than {LINE_LIMIT} bytes. Give a line or a few words.")


async def _answer_all(desk: Desk, screen: Screen, lines: AsyncIterator[str | BotError]) -> int:
    """How many lines could not be answered."""
    failed = 0
    number = 0
    async for line in lines:
        number += 1
        try:
            if isinstance(line, BotError):
                raise line
            begin([line])
            if not await _answer(desk, screen, line):
                break
        except (StoreError, PoetGone, OutputError):
            raise
        except (PoetError, BotError) as error:
            failed += 1
            screen.complain(f"line {number}: {error}" if isinstance(screen, Pipe) else str(error))
    return failed


async def _answer(desk: Desk, screen: Screen, line: str) -> bool:
    """False once the person wants to leave."""
    if not line.strip():
        return True
    match parse(line):
        case WriteRequest() as request:
            screen.poem(await write_poem(desk, CONSOLE, request))
        case BlendRequest() as request:
            screen.walk(await blend_lines(desk, CONSOLE, request))
        case Help():
            screen.say(HELP)
        case Quit():
            return False
    return True
