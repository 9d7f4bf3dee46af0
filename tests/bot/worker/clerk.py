"""A poet that writes one poem over and over, and does as some seeds say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.worker.wish import Request
from tests.bot.poems import a_poem
from vae.errors import Clash, EmptyText, OutOfRange
from vae.poem import BlendRequest, Form, Poem, Recipe, WriteRequest


@dataclass
class Note:
    """What the clerk makes of a request."""

    request: Request
    form: Form
    rows: int

    @property
    def revisions(self) -> int:
        return self.request.revisions if isinstance(self.request, WriteRequest) else 0

    @property
    def seed(self) -> str:
        return self.request.a if isinstance(self.request, BlendRequest) else self.request.seed or ""


class Clerk:
    """begun: the seeds of each batch it was given. Holds at the seed `wait`, until `go_on`."""

    def __init__(self, room: int = 10**6) -> None:
        self.begun: list[list[str]] = []
        self.go_on = threading.Event()
        self.waits = threading.Event()
        self.room = room
        self.on_grant: Callable[[Sequence[Note]], None] = lambda notes: None

    def prepare(self, request: Request) -> Note:
        poems = request.steps if isinstance(request, BlendRequest) else 1
        if poems < 1:
            raise OutOfRange(what="The number of steps", given=poems, low=1, high=25)
        note = Note(request, request.form or Form.QIJUE, poems * request.candidates)
        match note.seed:
            case "unreadable":
                raise EmptyText(what="seed")
            case "unforeseen":
                raise KeyError("in reading")
        return note

    def grant(self, prepared: Sequence[Note]) -> list[list[Poem]]:
        self.begun.append([note.seed for note in prepared])
        self.on_grant(prepared)
        if sum(note.rows for note in prepared) > self.room:
            raise MemoryError
        for note in prepared:
            match note.seed:
                case "wait":
                    self.waits.set()
                    self.go_on.wait()
                case "clash":
                    raise Clash(first="this", second="that", reason="they are opposites.")
                case "stumble":
                    raise ZeroDivisionError
                case "die":
                    raise SystemExit("the end")
                case "break the device":
                    raise RuntimeError("CUDA error: an illegal memory access was encountered")
        return [self._poems(note) for note in prepared]

    @property
    def seeds(self) -> list[str]:
        return [seed for batch in self.begun for seed in batch]

    def _poems(self, note: Note) -> list[Poem]:
        match note.request:
            case WriteRequest() as request:
                return [a_poem(request)]
            case BlendRequest() as request:
                recipe = Recipe(model="0123456789ab", random_seed=1, request=request)
                return [Poem(a_poem().lines, note.form, recipe)] * request.steps


def comes_once(clerk: Clerk, fault: Exception) -> Callable[[], Clerk]:
    """What loads the clerk the first time, and fails ever after."""
    coming = [clerk]

    def load() -> Clerk:
        if not coming:
            raise fault
        return coming.pop()

    return load
