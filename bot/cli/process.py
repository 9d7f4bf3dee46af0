"""What every job of the program shares: settings, log, signals, and how the process ends."""

from __future__ import annotations

import asyncio
import io
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, NoReturn

from bot.console.screen import harmless
from bot.errors import BotError
from bot.logs import set_up
from bot.settings import Settings, read_settings
from vae.errors import PoetError, WeightsError

log = logging.getLogger(__name__)


def carry_out(job: Callable[[Settings], Coroutine[Any, Any, int]]) -> NoReturn:
    """Does the job and ends the process with its exit code; says on standard error what went wrong.

    0 done or told to stop, 1 a line of a pipe failed, a fault was found, the poet is gone or the ending had to be cut short,
    2 settings, 3 Discord refused the token, 4 the store cannot be used, 5 the weights cannot be used.
    """
    try:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8", errors="replace")
        settings = read_settings()
        level = settings.log_level or ("warning" if settings.discord_token is None else "info")
        set_up(level, text=settings.log_text, hidden=settings.secrets)
        _leave(asyncio.run(_until_told(job(settings), settings.shutdown_timeout)))
    except (BotError, PoetError) as error:
        print(harmless(f"lanting: {error}"), file=sys.stderr)  # noqa: T201
        _leave(5 if isinstance(error, WeightsError) else getattr(error, "exit_code", 1))


def _leave(code: int) -> NoReturn:
    """Ends the process. A thread still deep in torch would make the interpreter's own ending abort it."""
    if any(thread.daemon for thread in threading.enumerate()):
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def _cut_short() -> NoReturn:
    """Ends the process now, and those it began: a host would do so without a word."""
    log.critical("the ending took longer than SHUTDOWN_TIMEOUT allows; what was still to be done is left undone")
    for child in multiprocessing.active_children():
        child.kill()
    os._exit(1)


async def _until_told(job: Coroutine[Any, Any, int], limit: float) -> int:
    """The job's own exit code, or 0 where SIGTERM or SIGINT ended it, which may take `limit` seconds; signals after that
    do not disturb the ending."""
    loop = asyncio.get_running_loop()
    task = loop.create_task(job)
    told = asyncio.Event()
    signals = (signal.SIGTERM, signal.SIGINT)

    def hear_no_more() -> None:
        for number in signals:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)

    def stop() -> None:
        told.set()
        hear_no_more()
        hurry = threading.Timer(limit, _cut_short)
        hurry.daemon = True
        hurry.start()
        task.cancel()

    for number in signals:
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if told.is_set():
            return 0
        raise
    finally:
        hear_no_more()
