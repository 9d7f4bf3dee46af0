"""Lines from a pipe, whatever comes down it."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress

LINE_LIMIT = 1 << 16
"""Bytes of one line that are read; a line of 5,000 Chinese characters has 15,000."""


def split_lines(chunks: Iterable[bytes], limit: int = LINE_LIMIT) -> Iterator[bytes]:
    r"""The lines in the chunks without their \n; of a line longer than `limit` bytes only the first `limit` + 1."""
    held = b""
    for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for line in whole:
            yield (held + line)[: limit + 1]
            held = b""
        held = (held + rest)[: limit + 1]
    if held:
        yield held


def decoded(line: bytes) -> str:
    """UTF-8 with a replacement character for what is not; a byte order mark at its head is dropped."""
    return line.decode("utf-8", "replace").removeprefix("\ufeff")


async def piped_lines() -> AsyncIterator[bytes]:
    """The lines of standard input. Raises OSError where it cannot be read.

    A thread reads them, one ahead of the taker: not every kind of file can be waited for by an event loop. It reads the
    descriptor itself, since a thread inside `sys.stdin` would hold a lock that the interpreter wants when it ends.
    """
    if sys.stdin is None:
        return
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes | OSError | None] = asyncio.Queue()
    wanted = threading.Semaphore(2)

    def hand_over(line: bytes | OSError | None) -> None:
        wanted.acquire()
        with suppress(RuntimeError):  # the loop is closed: nobody takes lines any more
            loop.call_soon_threadsafe(lines.put_nowait, line)

    def read(descriptor: int) -> None:
        try:
            for line in split_lines(iter(lambda: os.read(descriptor, 1 << 16), b"")):
                hand_over(line)
            hand_over(None)
        except OSError as error:
            hand_over(error)

    threading.Thread(target=read, args=(sys.stdin.fileno(),), name="standard input", daemon=True).start()
    while (line := await lines.get()) is not None:
        if isinstance(line, OSError):
            raise line
        wanted.release()
        yield line
