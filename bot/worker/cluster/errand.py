"""What travels between the bot and the cluster."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from bot.worker.wish import Request
from vae.poem import BlendRequest, Poem


@dataclass(frozen=True, slots=True)
class Errand:
    """Requests that are written together, each with its random seed: so they are the same poems whoever writes them.

    poet: version and weights that they are meant for.
    """

    poet: str
    requests: tuple[Request, ...]

    @property
    def rows(self) -> int:
        """Candidates in all."""
        return sum(
            request.candidates * (request.steps if isinstance(request, BlendRequest) else 1)
            for request in self.requests
        )


Answer: TypeAlias = list[list[Poem]] | Exception
"""The poems of each request; or a PoetError, MemoryError, WishFailed, or OtherPoet."""


class OtherPoet(Exception):
    """The errand came to a replica of another version or with other weights."""


class ClusterGone(Exception):
    """The cluster did not do what it was asked; its text says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What stands on the cluster. address: as Ray knows it; seconds: that an errand may take.

    weights, device, torch_threads: as `load_poet` takes them; a replica without a GPU takes a CPU for each thread.
    """

    address: str
    replicas: int
    seconds: float
    weights: Path | None = None
    device: str = "auto"
    torch_threads: int = 1
