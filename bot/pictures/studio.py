"""The studio: draws in a process of its own, so that neither the event loop nor the poet waits for a picture."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import ParamSpec

from bot.errors import BotError, PictureError
from bot.offspring import end_with_the_program
from bot.pictures import card as cards
from bot.pictures import chart, xray
from bot.pictures.card import Card
from bot.pictures.chart import Journey
from bot.pictures.paint import gif, paint, png
from bot.pictures.styles import Style
from bot.pictures.typeface import Typeface

log = logging.getLogger(__name__)
P = ParamSpec("P")

QUEUE = 32
"""Pictures waited for at once; whoever comes later is refused."""
PATIENCE = 20.0
STEP_SECONDS = 1.6


@dataclass(frozen=True, slots=True)
class Picture:
    """A file's name and bytes, and the picture in words."""

    name: str
    data: bytes
    alt: str


def draw_card(card: Card, style: Style = Style.PAPER) -> Picture:
    """Raises TextTooLarge, FontMissing."""
    face = Typeface.shipped()
    return Picture("poem.png", png(paint(cards.lay_out(card, face), style, face)), cards.alt(card))


def draw_xray(lines: Sequence[str], style: Style = Style.PAPER) -> Picture:
    """Raises TextTooLarge, FontMissing."""
    face = Typeface.shipped()
    return Picture("tones.png", png(paint(xray.lay_out(lines, face), style, face)), xray.alt(lines))


def draw_map(journey: Journey, style: Style = Style.PAPER) -> Picture:
    """Raises FontMissing."""
    face = Typeface.shipped()
    return Picture("map.png", png(paint(chart.lay_out(journey, face), style, face)), chart.alt(journey))


def draw_walk(journey: Journey, style: Style = Style.PAPER) -> Picture:
    """The map as an animation, a step at a time. Raises FontMissing."""
    face = Typeface.shipped()
    images = [paint(scene, style, face) for scene in chart.frames(journey, face)]
    return Picture("walk.gif", gif(images, STEP_SECONDS), chart.alt(journey))


def _heed_the_program_alone() -> None:
    """A terminal and some hosts send signals to every process; when this one ends is for the program to say, and it ends
    with a program that was killed."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    end_with_the_program()


class Studio:
    """Draws one picture after another. `able` is False where the fonts are missing: then text has to do."""

    def __init__(self) -> None:
        self._process: ProcessPoolExecutor | None = None
        self._waiting = 0
        try:
            Typeface.shipped()
            self.able = True
        except PictureError as error:
            log.warning("%s", error)
            self.able = False

    async def draw(self, job: Callable[P, Picture], *args: P.args, **kwargs: P.kwargs) -> Picture:
        """Runs one of this module's `draw_…` functions there. Raises PictureError."""
        if self._waiting >= QUEUE:
            raise PictureError(reason="too many pictures are waited for; try again in a moment")
        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE):
                try:
                    return await self._once(job, *args, **kwargs)
                except BrokenProcessPool:  # killed from outside: the next process gets one more try
                    await self.close()
                    return await self._once(job, *args, **kwargs)
        except TimeoutError:
            raise PictureError(reason="it took too long") from None
        except BotError:
            raise
        except Exception as error:
            log.exception("a picture failed")
            raise PictureError(reason=type(error).__name__) from error
        finally:
            self._waiting -= 1

    async def _once(self, job: Callable[P, Picture], *args: P.args, **kwargs: P.kwargs) -> Picture:
        if self._process is None:
            # Spawned, not forked: a fork would copy the poet's threads in whatever state they are.
            context = multiprocessing.get_context("spawn")
            self._process = ProcessPoolExecutor(1, mp_context=context, initializer=_heed_the_program_alone)
        return await asyncio.wrap_future(self._process.submit(job, *args, **kwargs))

    async def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await asyncio.to_thread(process.shutdown, cancel_futures=True)
