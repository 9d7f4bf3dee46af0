"""The poet whose poems are written on a cluster, or here while there is none."""

from __future__ import annotations

import dataclasses
import importlib.util
import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot import VERSION
from bot.errors import SettingsError
from bot.worker.cluster.envoy import EnvoyProcess, Sent
from bot.worker.cluster.errand import ClusterGone, Errand, Plan
from bot.worker.loading import load_poet
from bot.worker.wish import Prepared, Request, Writes
from vae.poem import Form, Poem

log = logging.getLogger(__name__)

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
"""Seconds between one try to reach the cluster and the next."""
CLOSING = 2.0


def cluster_loader(plan: Plan, torch_threads: int | None) -> Callable[[], ClusterPoet]:
    """A function for `Worker`. torch_threads: for what is written here. Raises SettingsError where Ray is not installed."""
    if importlib.util.find_spec("ray") is None:
        raise SettingsError(
            reason="RAY_ADDRESS is set, but Ray is not installed. Add it: pip install 'lanting[cluster]'; or leave the "
            "variable empty."
        )

    def load() -> ClusterPoet:
        local = load_poet(plan.weights, plan.device, torch_threads)
        poet = f"{VERSION}, {local.model}"
        return ClusterPoet(local, poet, lambda: EnvoyProcess(poet, plan), plan.replicas)

    return load


@dataclass(frozen=True, slots=True)
class Ready:
    """A request with its random seed, as it travels, and as it was read here."""

    request: Request
    here: Prepared

    @property
    def form(self) -> Form:
        return self.here.form

    @property
    def rows(self) -> int:
        return self.here.rows


class ClusterPoet:
    """Reads here, and writes there; what the cluster does not write is written here, one batch at a time.

    send: connects, and returns when replicas are ready, or raises ClusterGone; it is tried until it succeeds, and again
    when the cluster is gone.
    """

    def __init__(
        self, local: Writes, poet: str, send: Callable[[], Sent], replicas: int, pauses: Sequence[float] = PAUSES
    ) -> None:
        self._local, self._poet, self._send, self._pauses = local, poet, send, pauses
        self.most_hands = replicas
        self._here = threading.Lock()  # the local poet bears one caller at a time
        self._changed = threading.Condition()
        self._envoy: Sent | None = None
        self._closed = False
        self._keeper = threading.Thread(target=self._keep, name="cluster", daemon=True)
        self._keeper.start()

    @property
    def hands(self) -> int:
        """One for each replica; one where there is no cluster."""
        return 1 if self._envoy is None else self.most_hands

    def prepare(self, request: Request) -> Ready:
        """Raises WishError."""
        if request.random_seed is None:
            request = dataclasses.replace(request, random_seed=secrets.randbelow(2**31))
        with self._here:
            return Ready(request, self._local.prepare(request))

    def grant(self, prepared: Sequence[Ready]) -> list[list[Poem]]:
        """Raises what the poet raises, wherever it writes."""
        envoy = self._envoy
        if envoy is not None:
            try:
                return envoy.write(Errand(self._poet, tuple(each.request for each in prepared)))
            except ClusterGone as gone:
                self._lose(envoy, gone)
        with self._here:
            return self._local.grant([each.here for each in prepared])

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._keeper.join(CLOSING)  # one that is just connecting ends with the process

    def _lose(self, envoy: Sent, gone: ClusterGone) -> None:
        """Several hands may find it out at once; it is said once."""
        with self._changed:
            if self._envoy is not envoy:
                return
            self._envoy = None
            self._changed.notify_all()
        log.warning("the cluster is gone (%s); poems are written here until it is back", gone)

    def _keep(self) -> None:
        """Has an envoy at the cluster whenever there is one; the first of several failures in a row is told."""
        failed = 0
        while not self._closed:
            try:
                envoy = self._send()
            except ClusterGone as error:
                if not failed:
                    log.warning("the cluster cannot be used (%s); poems are written here until it can", error)
                self._wait(lambda: self._closed, self._pauses[min(failed, len(self._pauses) - 1)])
                failed += 1
            else:
                failed = 0
                self._stay(envoy)
                envoy.close()

    def _stay(self, envoy: Sent) -> None:
        """Has the envoy sent until it is lost, or all is over."""
        with self._changed:
            self._envoy = envoy
        log.warning("the cluster writes the poems, %d batches at once", self.most_hands)
        self._wait(lambda: self._closed or self._envoy is not envoy)

    def _wait(self, until: Callable[[], bool], seconds: float | None = None) -> None:
        with self._changed:
            self._changed.wait_for(until, seconds)
