"""What the console prints: coloured at a terminal, plain in a pipe, and never a terminal's escape codes of others."""

from __future__ import annotations

import os
import sys
import unicodedata
from abc import ABC, abstractmethod
from typing import TextIO

from bot.errors import OutputError
from bot.service.blend_lines import Walk, leaning
from bot.service.desk import Written


def harmless(text: str) -> str:
    """The text without what could steer a terminal: control, format and surrogate characters but the line break."""
    return "".join(
        char if char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs") else "\ufffd" for char in text
    )


class NobodyReadsError(Exception):
    """The reader of standard output has gone."""


class Screen(ABC):
    def poem(self, written: Written) -> None:
        poem = written.poem
        self.say(poem.text, "bold")
        place = "" if poem.recipe.t is None else f" · t {poem.recipe.t:.2f}"
        lean = "" if poem.lean is None else f" · words a {leaning(poem.lean)} b"
        recipe = f"random-seed:{poem.recipe.random_seed} · {poem.id}"
        for note in poem.notes:
            self.say(f"  {note}", "dim")
        self.say(f"  {poem.form.chinese} {poem.form}{place}{lean} · #{written.number} · {recipe}\n", "dim")

    def walk(self, walk: Walk) -> None:
        for step in walk.steps:
            self.poem(step)

    @abstractmethod
    def say(self, text: str, style: str = "") -> None:
        """Raises NobodyReadsError, or OutputError where it cannot be written for another reason."""

    @abstractmethod
    def complain(self, text: str) -> None:
        """One line about what went wrong."""


class Pipe(Screen):
    def say(self, text: str, style: str = "") -> None:
        _write(sys.stdout, text)

    def complain(self, text: str) -> None:
        _write(sys.stderr, " ".join(text.split()))


class Terminal(Screen):
    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415 - pipes start quicker without
        from rich.text import Text  # noqa: PLC0415

        self._console = Console(soft_wrap=True, highlight=False)
        self._text = Text

    def say(self, text: str, style: str = "") -> None:
        self._console.print(self._text(harmless(text), style=style))

    def complain(self, text: str) -> None:
        self.say(" ".join(text.split()), "red")


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:
        return
    try:
        print(harmless(text), file=stream, flush=True)
    except OSError as error:
        # The interpreter flushes once more when it ends; let that go nowhere instead of failing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if isinstance(error, BrokenPipeError):
            raise NobodyReadsError from None
        raise OutputError(reason=error.strerror) from None
