"""A poet on the cluster. Only the cluster's processes and the envoy import this module: it needs Ray."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ray import serve

from bot.errors import WishFailed
from bot.worker import faults
from bot.worker.cluster.errand import Answer, Errand, OtherPoet, Plan
from bot.worker.loading import load_poet
from bot.worker.queue import ROWS
from vae.errors import PoetError

log = logging.getLogger(__name__)

WINDOW = 0.002
"""Seconds that an idle replica waits for the errands of other bots to join the first one."""


def rows(errands: Sequence[Errand]) -> int:
    """What counts towards a batch; a single errand may be larger than one."""
    together = sum(errand.rows for errand in errands)
    return min(together, ROWS) if len(errands) == 1 else together


class Replica:
    """One process of the deployment: a poet and the thread that owns it."""

    def __init__(self, poet: str, plan: Plan) -> None:
        self._name = poet
        self._poet = load_poet(plan.weights, plan.device, plan.torch_threads)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="poet")

    async def poet(self) -> str:
        """Version and weights."""
        return self._name

    @serve.batch(max_batch_size=ROWS, batch_wait_timeout_s=WINDOW, batch_size_fn=rows)  # type: ignore[untyped-decorator]
    async def write(self, errands: list[Errand]) -> list[Answer]:
        """Errands of several hands and bots that wait for this replica are written together."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answers, errands)

    def _answers(self, errands: Sequence[Errand]) -> list[Answer]:
        strangers = {i: OtherPoet(self._name) for i, errand in enumerate(errands) if errand.poet != self._name}
        mine = iter(self._written([errand for errand in errands if errand.poet == self._name]))
        return [strangers[i] if i in strangers else next(mine) for i in range(len(errands))]

    def _written(self, errands: Sequence[Errand]) -> list[Answer]:
        """An errand that fails does so alone."""
        try:
            prepared = [self._poet.prepare(request) for errand in errands for request in errand.requests]
            poems = iter(self._poet.grant(prepared))
            return [list(itertools.islice(poems, len(errand.requests))) for errand in errands]
        except Exception as error:
            if faults.of_device(error):
                log.critical("the device is broken; Serve starts another replica", exc_info=error)
                os._exit(1)
            if len(errands) == 1:
                return [_fit_to_travel(error)]
        # Out here, since the error's traceback keeps in memory what they had there together.
        return [answer for errand in errands for answer in self._written([errand])]


def _fit_to_travel(error: Exception) -> Exception:
    if isinstance(error, PoetError):
        return error
    if faults.of_memory(error):
        return MemoryError(faults.named(error))
    log.error("an errand failed", exc_info=error)
    return WishFailed(reason=faults.named(error))
