"""How the poet's thread gets its poet: torch set up, weights loaded, a first poem of each form written."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import SettingsError
from bot.worker.wish import Writes
from vae.poem import Form, WriteRequest

if TYPE_CHECKING:
    from vae.poet import Poet


def poet_loader(weights: Path | None, device: str, torch_threads: int | None) -> Callable[[], Poet]:
    """A function for `Worker` that loads the poet when it is called; see `load_poet`."""
    return partial(load_poet, weights, device, torch_threads)


def load_poet(weights: Path | None, device: str, torch_threads: int | None) -> Poet:
    """The shipped poet, or the one in `weights`, warm. Raises WeightsError, SettingsError.

    torch_threads: how many cores one operation may use; None is all but one, which is left to the event loop. Where
    other programs press for the cores too, threads that wait for one another on each of them come nearly to a stop.
    """
    import torch  # noqa: PLC0415 - takes seconds, and only the poet's thread needs it

    from vae.poet import Poet  # noqa: PLC0415

    if device == "cuda" and not torch.cuda.is_available():
        raise SettingsError(reason="DEVICE is 'cuda', but torch finds no CUDA device here; it must be auto or cpu.")
    torch.set_num_threads(torch_threads or max(1, _cores() - 1))
    poet = Poet.load(weights, device)
    poet.only_write()
    warm_up(poet)
    return poet


def _cores(quota: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Cores that this process may run on, of which a container may have but a share."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        share, period = map(int, quota.read_text().split())  # "max 100000" where there is no bound
    except (OSError, ValueError):
        return cores
    return min(cores, max(1, share // period))


def warm_up(poet: Writes) -> None:
    """Writes a poem of each form, so that nobody's first poem pays for what happens but once."""
    for form in Form:
        poet.grant([poet.prepare(WriteRequest(seed="明月", form=form, random_seed=0, candidates=2))])
