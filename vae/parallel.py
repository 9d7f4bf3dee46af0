"""Training by several processes (torchrun), each with its rows of every batch; for a process alone nothing changes.

Every process draws the random numbers of the whole batch and keeps those of its rows, means are taken over the whole batch,
and gradients are averaged. So the processes take, up to the rounding of sums, the steps of one process with that batch.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.overrides import TorchFunctionMode

_Rows = TypeVar("_Rows")
_DRAWN = (torch.rand, torch.randn)
_DRAWN_LIKE = (torch.rand_like, torch.randn_like)


@contextmanager
def together(device: str) -> Iterator[None]:
    """The processes that torchrun started have met, by NCCL or, on processors, by Gloo. device: `cpu` or `cuda`."""
    if not expected():
        yield
        return
    if device == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group("nccl" if device == "cuda" else "gloo")
    yield
    dist.barrier()  # who parted while another still wrote would be taken for dead
    dist.destroy_process_group()


def expected() -> bool:
    """Whether torchrun started this process."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def size() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def leads() -> bool:
    """Whether this process is the one that writes files and speaks."""
    return not dist.is_initialized() or dist.get_rank() == 0


@contextmanager
def leader_first() -> Iterator[None]:
    """The others begin when the leader is done."""
    if not leads():
        dist.barrier()
    yield
    if size() > 1 and leads():
        dist.barrier()


def mine(rows: int) -> slice:
    """The rows of a batch that are this process's."""
    if size() == 1:
        return slice(0, rows)
    rank = dist.get_rank()
    return slice(rows * rank // size(), rows * (rank + 1) // size())


def part(batch: _Rows, rows: slice | Tensor) -> _Rows:
    """Some rows of a dataclass whose tensors have a row for each poem."""
    fields: Any = batch
    tensors = {field.name: getattr(batch, field.name) for field in dataclasses.fields(fields)}
    cut = {name: value[rows] for name, value in tensors.items() if isinstance(value, Tensor)}
    changed: _Rows = dataclasses.replace(fields, **cut)
    return changed


def whole_draws(rows: int) -> AbstractContextManager[Any]:
    """Random tensors with a row for each poem of this process's are drawn for all `rows` of the batch, and cut."""
    return nullcontext() if size() == 1 else _WholeDraws(rows)


class _WholeDraws(TorchFunctionMode):
    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows, self._mine = rows, mine(rows)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        kwargs, own = kwargs or {}, self._mine.stop - self._mine.start
        if func in _DRAWN_LIKE and args[0].shape[0] == own:
            like = args[0].new_empty((self._rows, *args[0].shape[1:]))
            return func(like, *args[1:], **kwargs)[self._mine]
        if func in _DRAWN:
            shape = args[0] if isinstance(args[0], tuple) else args
            if shape[0] == own:
                return func(self._rows, *shape[1:], **kwargs)[self._mine]
        return func(*args, **kwargs)


def mean_count(count: Tensor) -> Tensor:
    """What a sum over this process's rows is divided by, to be a mean over the whole batch when the processes' results
    are averaged: the count in the whole batch, by the number of processes."""
    return _sum(count).clamp(min=1) / size()


def mean(values: Tensor) -> Tensor:
    """(rows, …) -> (…): the mean over the rows of the whole batch.

    Its gradient is that of this process's rows, as it should be where gradients are averaged: so it costs no way back.
    """
    if size() == 1:
        return values.mean(0)
    own = values.sum(0) / mean_count(torch.tensor(float(len(values)), device=values.device))
    return own + (_sum(own.detach()) / size() - own.detach())


def averaged(losses: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Over the processes."""
    if size() == 1:
        return dict(losses)
    values = _sum(torch.stack([value.float() for value in losses.values()])) / size()
    return dict(zip(losses, values.unbind(), strict=True))


def leaders(value: float, device: str) -> float:
    """The leader's number, for all."""
    if size() == 1:
        return value
    told = torch.tensor(value, dtype=torch.float64, device=device)
    dist.broadcast(told, 0)
    return float(told)


def loss_of(net: nn.Module) -> Callable[..., Any]:
    """The net's `loss`, whose backward pass leaves the average of the processes' gradients."""
    if size() == 1:
        return net.loss  # type: ignore[return-value]
    return DistributedDataParallel(_Loss(net), forward_sync_buffers=False)


class _Loss(nn.Module):
    def __init__(self, net: Any) -> None:  # noqa: ANN401
        super().__init__()
        self.net = net

    def forward(self, *args: Any) -> Any:  # noqa: ANN401
        return self.net.loss(*args)


def _sum(values: Tensor) -> Tensor:
    """Over the processes; without gradient."""
    if size() == 1:
        return values
    values = values.clone()
    dist.all_reduce(values)
    return values
