"""Nets as files: safetensors of one or two bytes a number, hyper-parameters in the header, in parts of at most 15 MB."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
from collections.abc import Iterable
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.overrides import TorchFunctionMode

from vae.errors import Unwritten, WeightsError, why
from vae.nets.ancestor import Ancestor, AncestorConfig
from vae.nets.coherence import Coherence, CoherenceConfig
from vae.nets.critic import Critic, CriticConfig
from vae.nets.flagship import Flagship, FlagshipConfig
from vae.nets.reader import Reader, ReaderConfig
from vae.prosody.table import classical
from vae.thrift import give_back_freed

Net = Ancestor | Flagship
"""The nets that write."""
Judging = Critic | Coherence | Reader
"""The nets that mark what was written."""
_Judging = TypeVar("_Judging", Critic, Coherence, Reader)
PART_LIMIT = 14_500_000
"""Bytes of tensors in one file."""
PARTS = 100
"""Files of one net, at most."""
COARSE_FROM = 1 << 14
"""Numbers that a parameter's matrix has at least to be written in eight bits a number and a scale a row."""
_SCALE = "/scale"

_Config = AncestorConfig | FlagshipConfig | CriticConfig | CoherenceConfig | ReaderConfig
_KINDS: dict[str, tuple[type[_Config], type[Net | Judging]]] = {
    "ancestor": (AncestorConfig, Ancestor),
    "flagship": (FlagshipConfig, Flagship),
    "critic": (CriticConfig, Critic),
    "coherence": (CoherenceConfig, Coherence),
    "reader": (ReaderConfig, Reader),
}
_REMEDY = "Restore the file from the repository, or go without it to use the weights that ship."


def build(config: AncestorConfig | FlagshipConfig) -> Net:
    """A fresh net, its weights drawn from torch's own generator."""
    net = _build(config)
    assert not isinstance(net, Judging)
    return net


def _build(config: _Config) -> Net | Judging:
    return _KINDS[config.kind][1](config)  # type: ignore[arg-type]


def shipped(name: str = "flagship") -> Path:
    """The first file of a net that ships."""
    folder = Path(str(resources.files("vae").joinpath("weights")))
    parts = sorted(folder.glob(f"{name}-1-of-*.safetensors"))
    return parts[0] if parts else folder / f"{name}.safetensors"


def save(net: Net | Judging, folder: Path, name: str) -> list[Path]:
    """Writes `name.safetensors`, or `name-1-of-2.safetensors` and so on; earlier files of that name go.

    Large matrices are rounded to 255 steps a row, all else to half precision: written again, a net stays as it is.
    No file takes its place before all are written, and each tells in its header which save it is of, so that parts of two
    are never read as one net. Raises Unwritten.
    """
    parts: list[dict[str, Tensor]] = [{}]
    size = 0
    coarse = {
        key for key, parameter in net.named_parameters() if parameter.ndim == 2 and parameter.numel() >= COARSE_FROM
    }
    for key, tensor in net.state_dict().items():
        written = (
            _coarse(key, tensor) if key in coarse else {key: tensor.detach().to("cpu", torch.float16).contiguous()}
        )
        if not all(each.isfinite().all() for each in written.values()):
            raise Unwritten(path=folder / name, reason=f"rounded as it would be, {key} holds what is no finite number")
        bytes_of_it = sum(each.nbytes for each in written.values())
        if size + bytes_of_it > PART_LIMIT and parts[-1]:
            parts.append({})
            size = 0
        parts[-1] |= written
        size += bytes_of_it
    names = [f"{name}.safetensors"] if len(parts) == 1 else _part_names(name, len(parts))
    files = [folder / file for file in names]
    asides = [folder / (file + ".tmp") for file in names]
    header = {"config": json.dumps(dataclasses.asdict(net.config)), "parts": str(len(parts)), "set": _stamp(parts)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part, aside in zip(parts, asides, strict=True):
            save_file(part, aside, metadata=header)
        for aside, file in zip(asides, files, strict=True):
            aside.replace(file)
        for old in (*folder.glob(f"{name}-*-of-*.safetensors"), folder / f"{name}.safetensors"):
            if old not in files:
                old.unlink(missing_ok=True)
    except (OSError, SafetensorError) as error:
        raise Unwritten(path=files[0], reason=why(error)) from error
    finally:
        for aside in asides:
            with suppress(OSError):
                aside.unlink()
    return files


def _coarse(key: str, matrix: Tensor) -> dict[str, Tensor]:
    """A matrix as whole numbers from -127 to 127, and what a row's are to be multiplied by."""
    matrix = matrix.detach().to("cpu", torch.float32)
    # A scale of few digits, so that 127 times it has no rounding, and the next time it comes out the same.
    scale = (matrix.abs().amax(1, keepdim=True) / 127).bfloat16().float()
    numbers = (matrix / scale.clamp(min=torch.finfo(torch.float32).tiny)).round().clamp(-127, 127)
    return {key: numbers.to(torch.int8), key + _SCALE: scale}


def _whole(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors as they were before they were written, in float32."""
    return {
        key: tensor.float().mul_(tensors[key + _SCALE]) if tensor.dtype == torch.int8 else tensor.float()
        for key, tensor in tensors.items()
        if not key.endswith(_SCALE)
    }


def _stamp(parts: Iterable[dict[str, Tensor]]) -> str:
    """Tells one net's files from another's."""
    digest = hashlib.sha256()
    for part in parts:
        for key, tensor in part.items():
            digest.update(key.encode() + tensor.numpy().tobytes())
    return digest.hexdigest()[:12]


def load(path: Path) -> tuple[Net, str]:
    """The net in a file (its first part, where there are several) and its hash, 12 hexadecimal digits.

    The tensors are float32 on the CPU. Raises WeightsError.
    """
    net, digest = _load(path)
    if isinstance(net, Judging):
        raise mismatch(path, f"it is a {net.config.kind} net, which writes nothing")
    known, groups = net.config.rhyme_groups, len(classical().rhyme_groups)
    if known != groups:
        raise mismatch(path, f"they know {known} rhyme groups, the rhyme book has {groups}")
    return net, digest


def grow(net: Net | Judging, path: Path) -> str:
    """Gives a fresh net what the one in a file has learned, and returns that one's hash; parts that only the fresh one has
    stay as they are, silent: tables, layers, and hidden units of the MLPs.

    Raises WeightsError for a net of another kind or shape.
    """
    old, digest = _load(path) if isinstance(net, Judging) else load(path)
    learned, grown = old.state_dict(), net.state_dict()
    fits = all(key in grown and _holds(key, grown[key], tensor) for key, tensor in learned.items())
    if type(old) is not type(net) or not fits:
        raise mismatch(path, "it is not what the net to be trained can grow from")
    for key, tensor in learned.items():
        grown[key][tuple(map(slice, tensor.shape))] = tensor  # of the net itself
    return digest


def _holds(key: str, grown: Tensor, tensor: Tensor) -> bool:
    """Whether a fresh net's tensor can hold one that was learned, and be no different for it."""
    if grown.shape == tensor.shape:
        return True
    of_mlp = re.search(r"\bblocks\.\d+\.(up|down)\.", key)
    return bool(of_mlp) and all(new >= old for new, old in zip(grown.shape, tensor.shape, strict=True))


def load_critic(path: Path) -> tuple[Critic, str]:
    """As `load`, for the net that tells people's poems from ours. Raises WeightsError."""
    return _load_judging(path, Critic, "critic")


def load_coherence(path: Path) -> tuple[Coherence, str]:
    """As `load`, for the net that tells which line follows. Raises WeightsError."""
    return _load_judging(path, Coherence, "coherence net")


def _load_judging(path: Path, kind: type[_Judging], name: str) -> tuple[_Judging, str]:
    net, digest = _load(path)
    if not isinstance(net, kind):
        raise mismatch(path, f"it holds no {name}")
    return net, digest


class Judges(NamedTuple):
    """The nets that judge."""

    critic: Critic
    coherence: Coherence
    reader: Reader

    def to(self, device: str) -> Judges:
        return Judges(self.critic.to(device), self.coherence.to(device), self.reader.to(device))


class JudgesFiles(NamedTuple):
    """Where they stand."""

    critic: Path
    coherence: Path
    reader: Path


def shipped_judges(critic: Path | None = None, coherence: Path | None = None) -> JudgesFiles:
    """Those that ship, but for what is given."""
    return JudgesFiles(critic or shipped("critic"), coherence or shipped("coherence"), shipped("reader"))


def load_judges(files: JudgesFiles) -> tuple[Judges, str]:
    """The nets that judge, and the hash of all. Raises WeightsError."""
    critic, of_critic = load_critic(files.critic)
    coherence, of_coherence = load_coherence(files.coherence)
    reader, of_reader = _load_judging(files.reader, Reader, "reader")
    if (reader.config.width, reader.config.coherence) != (coherence.config.width, of_coherence):
        reason = "it was fitted to what another coherence net sees"
        raise WeightsError(path=files.reader, reason=reason, remedy="`python -m vae readers` fits it to this one.")
    return Judges(critic, coherence, reader), f"{of_critic}-{of_coherence}-{of_reader}"


def _load(path: Path) -> tuple[Net | Judging, str]:
    try:
        header, config, files = _header(path)
        # Of what the files say and not of their bytes, whose order of header fields is nobody's choice.
        digest = hashlib.sha256(json.dumps(json.loads(header["config"]), sort_keys=True).encode())
        tensors: dict[str, Tensor] = {}
        for file in files:
            with safe_open(file, framework="pt") as part:
                if part.metadata() != header:
                    raise mismatch(path, f"{file.name} was not saved together with it")
                for key in sorted(part.keys()):
                    tensor = part.get_tensor(key)
                    digest.update(key.encode() + tensor.numpy().tobytes())
                    tensors[key] = tensor
        tensors = _whole(tensors)
        for key, tensor in tensors.items():
            if not tensor.isfinite().all():
                raise mismatch(path, f"{key} holds what is no finite number")
        # Not on torch's meta device, which takes a second and 70 MB of modules to save a tenth of a second of drawing.
        with torch.random.fork_rng(devices=[]), _AtMost(sum(tensor.numel() for tensor in tensors.values())):
            net = _build(config)
        net.load_state_dict(tensors, assign=True)
        give_back_freed()  # what was drawn, and the numbers before they were scaled
        return net.eval(), digest.hexdigest()[:12]
    except FileNotFoundError as error:
        raise WeightsError(path=error.filename or path, reason="there is no such file", remedy=_REMEDY) from error
    except IsADirectoryError as error:
        raise WeightsError(path=path, reason="it is a folder, not a file", remedy=_REMEDY) from error
    except (OSError, SafetensorError) as error:
        raise WeightsError(path=path, reason=f"the file is damaged ({why(error)})", remedy=_REMEDY) from error
    except (ArithmeticError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError) as error:
        raise WeightsError(path=path, reason=f"it holds no net of ours ({why(error)})", remedy=_REMEDY) from error


class _AtMost(TorchFunctionMode):
    """A net that is built under it has at most so many numbers: a header is not believed beyond what its files hold."""

    def __init__(self, numbers: int) -> None:
        super().__init__()
        self._left = numbers

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        if func in (torch.empty, torch.zeros):
            self._left -= math.prod(args if isinstance(args[0], int) else args[0])
            if self._left < 0:
                raise ValueError("its header tells of a larger one than it holds")
        return func(*args, **(kwargs or {}))


def mismatch(path: Path, reason: str) -> WeightsError:
    """For a net that is sound in itself but does not belong to this program."""
    return WeightsError(path=path, reason=reason, remedy=_REMEDY)


def _header(path: Path) -> tuple[dict[str, str], _Config, list[Path]]:
    """What the first file tells, the same as a config, and all files."""
    if not path.exists():
        raise FileNotFoundError(2, "no such file", str(path))
    if path.is_dir():
        raise IsADirectoryError(str(path))
    with safe_open(path, framework="pt") as part:
        header: dict[str, str] = part.metadata() or {}
    values: dict[str, Any] = json.loads(header["config"])
    config = _KINDS[values["kind"]][0](**values)
    heads = getattr(config, "heads", 1)
    if not isinstance(heads, int) or heads < 1 or config.width % heads:
        raise ValueError(f"a width of {config.width} is not for {heads} heads")
    count = int(header["parts"])
    if not 1 <= count <= PARTS:
        raise ValueError(f"no net has {count} parts")
    if count == 1:
        return header, config, [path]
    name = path.name.partition("-1-of-")[0]
    files = [path.parent / file for file in _part_names(name, count)]
    for file in files:
        if not file.exists():
            raise FileNotFoundError(2, "no such file", str(file))
    return header, config, files


def _part_names(name: str, count: int) -> list[str]:
    return [f"{name}-{i}-of-{count}.safetensors" for i in range(1, count + 1)]
