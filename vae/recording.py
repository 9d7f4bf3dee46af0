"""A training step's forward and backward pass on a GPU, recorded once for each shape of batch and then replayed.

The nets are small: launched one by one, their two thousand kernels take longer to launch than to run. A recording (CUDA
graphs, pytorch.org/docs/stable/notes/cuda.html) is launched whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from vae.nets.batch import Batch, Losses
from vae.poem import Form

WARM_UP = 3
"""Steps before a recording: what libraries set up when first called cannot be recorded."""


@dataclass(frozen=True, slots=True)
class _Recording:
    graph: torch.cuda.CUDAGraph
    batch: Batch
    losses: Losses


class Recorder:
    """Leaves the gradients of a loss, and returns it as it was: valid until the next call.

    Gradients lie in tensors that must stay where they are: they are not to be set to None.
    """

    def __init__(self, net: nn.Module, loss: Callable[[Batch, Any], Losses]) -> None:
        """loss: of a batch and the run's progress, (), both on the GPU."""
        self._loss = loss
        self._progress = torch.zeros((), device="cuda")
        self._gradients = [torch.zeros_like(parameter) for parameter in net.parameters()]
        for parameter, gradient in zip(net.parameters(), self._gradients, strict=True):
            parameter.grad = gradient
        self._pool, self._stream = torch.cuda.graph_pool_handle(), torch.cuda.Stream()  # type: ignore[no-untyped-call]
        self._recordings: dict[tuple[Form, int], _Recording] = {}

    def __call__(self, batch: Batch, progress: float) -> Losses:
        """batch: on the host."""
        self._progress.fill_(progress)
        key = batch.form, len(batch.ids)
        if key not in self._recordings:
            self._recordings[key] = self._record(batch.to("cuda"))
            torch.manual_seed(torch.initial_seed())  # lest a step should draw otherwise where it is the first
        recording = self._recordings[key]
        for to, of in zip(_tensors(recording.batch), _tensors(batch), strict=True):
            to.copy_(of.pin_memory(), non_blocking=True)
        recording.graph.replay()
        return recording.losses

    def _record(self, batch: Batch) -> _Recording:
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            for _ in range(WARM_UP):
                self._pass(batch)
        torch.cuda.current_stream().wait_stream(self._stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool, stream=self._stream):
            losses = self._pass(batch)
        return _Recording(graph, batch, losses)

    def _pass(self, batch: Batch) -> Losses:
        torch._foreach_zero_(self._gradients)
        losses = self._loss(batch, self._progress)
        losses.total.backward()  # type: ignore[no-untyped-call]
        return Losses(losses.total.detach(), losses.report)  # what led to it would be kept with the recording


def _tensors(batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    return batch.ids, batch.tones, batch.rhyme
