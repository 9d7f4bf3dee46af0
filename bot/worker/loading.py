"""How the poet's thread gets its poet: torch set up, weights loaded, a first poem of each form written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from bot.errors import SettingsError
from bot.worker.wish import Writes
from vae.poem import Form, WriteRequest


def poet_loader(weights: Path | None, device: str, torch_threads: int | None) -> Callable[[], Writes]:
    """A function for `Worker` that loads the shipped poet, or the one in `weights`; it imports torch when called.

    torch_threads: how many cores one operation may use; None is all but one, which is left to the event loop. Where
    other programs press for the cores too, threads that wait for one another on each of them come nearly to a stop.
    """

    def load() -> Writes:
        import torch  # noqa: PLC0415 - takes seconds, and only this thread needs it

        from vae.poet import Poet  # noqa: PLC0415

        if device == "cuda" and not torch.cuda.is_available():
            raise SettingsError(reason="DEVICE is 'cuda', but torch finds no CUDA device here; it must be auto or cpu.")
        torch.set_num_threads(torch_threads or max(1, _cores() - 1))
        poet = Poet.load(weights, device)
        warm_up(poet)
        return poet

    return load


def _cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def warm_up(poet: Writes) -> None:
    """Writes a poem of each form, so that nobody's first poem pays for what happens but once."""
    for form in Form:
        poet.grant([poet.prepare(WriteRequest(form=form, random_seed=0, candidates=1))])
