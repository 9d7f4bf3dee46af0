"""Poet: the one door to this wing. Everything outside it uses only this, `vae.poem` and `vae.errors`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vae.poem import BlendRequest, Poem, WriteRequest


@dataclass(frozen=True, slots=True)
class Poet:
    """Loaded weights that write. Not thread-safe: one thread owns a Poet.

    model: hash of the weights, 12 hexadecimal digits.
    """

    model: str

    @classmethod
    def load(cls, weights: Path | None = None, device: str = "auto") -> Poet:
        """The shipped weights, or those in the file `weights`; device is `auto`, `cpu` or `cuda`. Raises WeightsError."""
        raise NotImplementedError

    def write(self, request: WriteRequest) -> Poem:
        """One poem. Raises WishError for a wish that cannot be read or met."""
        raise NotImplementedError

    def blend(self, request: BlendRequest) -> list[Poem]:
        """`request.steps` poems from a to b; each poem's `recipe.t` is its place on the path. Raises WishError."""
        raise NotImplementedError
