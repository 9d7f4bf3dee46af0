"""How the poet's thread gets its poet: torch set up, weights loaded, a first poem of each form written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.errors import SettingsError
from bot.worker.wish import Writes
from vae.poem import Form, WriteRequest


def poet_loader(weights: Path | None, device: str, torch_threads: int | None) -> Callable[[], Writes]:
    """A function for `Worker` that loads the shipped poet, or the one in `weights`; it imports torch when called.

    torch_threads: how many cores one operation may use; None leaves torch's own choice.
    """

    def load() -> Writes:
        import torch  # noqa: PLC0415 - takes seconds, and only this thread needs it

        from vae.poet import Poet  # noqa: PLC0415

        if device == "cuda" and not torch.cuda.is_available():
            raise SettingsError(reason="DEVICE is 'cuda', but torch finds no CUDA device here; it must be auto or cpu.")
        if torch_threads is not None:
            torch.set_num_threads(torch_threads)
        poet = Poet.load(weights, device)
        warm_up(poet)
        return poet

    return load


def warm_up(poet: Writes) -> None:
    """Writes a poem of each form, so that nobody's first poem pays for what happens but once."""
    for form in Form:
        poet.grant([poet.prepare(WriteRequest(form=form, random_seed=0, candidates=1))])
