"""The atlas: the space of codes laid flat for the eye, a plane a form, with real poems where they lie."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vae.errors import AtlasError
from vae.keeping import written
from vae.poem import Form

SHIPPED = Path(__file__).parent / "data" / "atlas.npz"

Point: TypeAlias = tuple[float, float]
CODE = np.dtype("<f4")
"""How a code is written down (`vae.poem.Poem.code`): little-endian single precision."""


@dataclass(frozen=True, slots=True)
class Plane:
    """The two directions in which the codes of a form's poems vary most.

    mean: (latent,); axes: (2, latent), orthonormal; cloud: (poems, 2) where real poems lie; landmarks: names of famous
    poems and where they lie.
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    cloud: NDArray[np.float32]
    landmarks: tuple[tuple[str, Point], ...]

    def locate(self, code: bytes) -> Point:
        """Where a code lies. Raises AtlasError for what is no code of this net."""
        numbers = np.frombuffer(code, CODE) if len(code) % CODE.itemsize == 0 else np.empty(0, CODE)
        if numbers.shape != self.mean.shape:
            raise AtlasError(reason=f"a code has {len(self.mean)} numbers, this one {len(numbers)}")
        x, y = (numbers.astype(np.float32) - self.mean) @ self.axes.T
        return float(x), float(y)


@dataclass(frozen=True)
class Atlas:
    """model: the `Poet.model` whose codes these are."""

    model: str
    planes: Mapping[Form, Plane]

    @classmethod
    @cache
    def shipped(cls) -> Atlas:
        """Raises AtlasError."""
        return cls.load(SHIPPED)

    @classmethod
    def load(cls, path: Path) -> Atlas:
        """What `save` wrote. Raises AtlasError."""
        try:
            with np.load(path, allow_pickle=False) as arrays:
                told = json.loads(str(arrays["told"]))
                planes = {Form(name): _plane(arrays, name, told["landmarks"][name]) for name in told["landmarks"]}
                return cls(told["model"], planes)
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise AtlasError(reason=f"{path.name} cannot be read ({type(error).__name__})") from error

    def save(self, path: Path) -> None:
        """Raises Unwritten."""
        told = {"model": self.model, "landmarks": {form.value: plane.landmarks for form, plane in self.planes.items()}}
        arrays = {"told": np.array(json.dumps(told, ensure_ascii=False))}
        for form, plane in self.planes.items():
            for name in ("mean", "axes", "cloud"):
                arrays[f"{form.value}-{name}"] = getattr(plane, name).astype(np.float16)
        with written(path) as aside:
            np.savez_compressed(aside, allow_pickle=False, **arrays)


def _plane(arrays: Mapping[str, NDArray[np.float16]], form: str, landmarks: list[tuple[str, Point]]) -> Plane:
    mean, axes, cloud = (arrays[f"{form}-{name}"].astype(np.float32) for name in ("mean", "axes", "cloud"))
    return Plane(mean, axes, cloud, tuple((name, (x, y)) for name, (x, y) in landmarks))
