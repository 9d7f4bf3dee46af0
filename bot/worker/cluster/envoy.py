"""The envoy: a process of the bot's that speaks with Ray.

Ray ends the process that it runs in when its node dies, so the bot must not be that process.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import threading
import time
from contextlib import suppress
from multiprocessing.managers import BaseManager, RemoteError
from typing import Any, Protocol, cast

from bot.offspring import end_with_the_program
from bot.worker import faults
from bot.worker.cluster.errand import Answer, ClusterGone, Errand, OtherPoet, Plan
from vae.poem import Poem

APP = "lanting"
CONNECTING = 180.0
"""Seconds within which a replica must be there."""
DEATHS = 3
"""Replicas that may die over one errand; it may be the errand's own doing."""
AGAIN = 0.2
"""Seconds between two tries."""
HEARTBEAT, KNOCK = 0.5, 2.0
"""Seconds between two looks at the head, and for one; it is gone when it has not answered three."""


class Envoy:
    """Lives in a process of its own; its methods may be called side by side."""

    def __init__(self, poet: str, plan: Plan) -> None:
        self._poet, self._plan = poet, plan
        self._handle: Any = None
        end_with_the_program()

    def connect(self) -> None:
        """Returns when a replica is there that has this poet. Raises ClusterGone; ends the process if it takes too long."""
        too_long = threading.Timer(CONNECTING, os._exit, (1,))
        too_long.start()
        try:
            self._connect()
        except Exception as error:
            raise ClusterGone(faults.named(error).splitlines()[0]) from None
        finally:
            too_long.cancel()

    def write(self, errand: Errand) -> list[list[Poem]]:
        """Raises what the poet raised there, or ClusterGone. Where a replica dies over it, another one writes it."""
        try:
            answer = self._answer(errand)
        except Exception as error:
            raise ClusterGone(faults.named(error).splitlines()[0]) from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def leave(self) -> None:
        """Ends the process, and the Ray that only it has. Ray's own way to the end may take half a minute where there is
        no cluster any more, so it is not gone otherwise."""
        if self._plan.address == "local":
            import ray  # noqa: PLC0415

            ray.shutdown()
        os._exit(0)

    def _connect(self) -> None:
        import ray  # noqa: PLC0415 - takes a second, and only this process needs it
        from ray import serve  # noqa: PLC0415

        door = self._plan.address.removeprefix("ray://")
        if ":" in door:
            _knock(door)  # Ray itself would try for minutes
        alone = {"include_dashboard": False} if self._plan.address == "local" else {}
        ray.init(self._plan.address, log_to_driver=False, **alone)
        head = ray.get_runtime_context().gcs_address if door == self._plan.address else door
        threading.Thread(target=_end_with_the_head, args=(head,), daemon=True).start()
        serve.start(proxy_location="Disabled")  # nobody comes by HTTP
        app = serve.status().applications.get(APP)
        fresh = app is None or app.status in {"DEPLOY_FAILED", "DELETING"}
        if fresh:
            self._deploy()
        handle = serve.get_app_handle(APP)
        end = time.monotonic() + CONNECTING
        while handle.poet.remote().result(timeout_s=end - time.monotonic()) != self._poet:
            if not fresh:
                self._deploy()
                fresh = True
            time.sleep(AGAIN)  # those of another version leave one by one
        self._handle = handle

    def _deploy(self) -> None:
        import ray  # noqa: PLC0415
        from ray import serve  # noqa: PLC0415

        from bot.worker.cluster.replica import Replica  # noqa: PLC0415 - it needs Ray

        gpus = self._plan.device != "cpu" and ray.cluster_resources().get("GPU", 0) >= 1
        takes = {"num_cpus": self._plan.torch_threads, "num_gpus": int(gpus)}
        deployment = serve.deployment(Replica, name="poet", num_replicas=self._plan.replicas, ray_actor_options=takes)
        target = serve.RunTarget(deployment.bind(self._poet, self._plan), name=APP, route_prefix=None)
        serve.run_many([target], wait_for_applications_running=False)

    def _answer(self, errand: Errand) -> Answer:
        from ray.exceptions import RayActorError  # noqa: PLC0415

        end, deaths = time.monotonic() + self._plan.seconds, 0
        while True:
            try:
                answer = self._handle.write.remote(errand).result(timeout_s=end - time.monotonic())
                if not isinstance(answer, OtherPoet):
                    return cast(Answer, answer)
            except RayActorError:
                deaths += 1
                if deaths == DEATHS or time.monotonic() > end:
                    raise
            time.sleep(AGAIN)


class Sent(Protocol):
    """An envoy, as the bot's own process sees it."""

    def write(self, errand: Errand) -> list[list[Poem]]: ...
    def close(self) -> None: ...


class _Process(BaseManager):
    pass


_Process.register("envoy", Envoy, exposed=("connect", "write", "leave"))


class EnvoyProcess:
    """The envoy from the bot's side; any thread may send it."""

    def __init__(self, poet: str, plan: Plan) -> None:
        """Returns when the cluster is ready. Raises ClusterGone."""
        # Spawned, not forked: a fork would copy the poet's threads in whatever state they are.
        self._process = _Process(ctx=multiprocessing.get_context("spawn"))
        self._process.start(_prepare)
        try:
            self._envoy = cast(Any, self._process).envoy(poet, plan)
            self._envoy.connect()
        except (RemoteError, OSError, EOFError) as error:
            self.close()
            raise ClusterGone(f"no replica came within {CONNECTING:g} s: {faults.named(error)}") from error
        except ClusterGone:
            self.close()
            raise

    def write(self, errand: Errand) -> list[list[Poem]]:
        """Raises what the poet raised, or ClusterGone."""
        try:
            return cast(list[list[Poem]], self._envoy.write(errand))
        except (RemoteError, OSError, EOFError) as error:
            raise ClusterGone(f"the envoy is gone: {faults.named(error)}") from error

    def close(self) -> None:
        """What stands on the cluster stays there, for the next start and for other bots."""
        with suppress(OSError, EOFError):
            self._envoy.leave()
        self._process.shutdown()


def _prepare() -> None:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # what matters is raised; Ray's own words are in its own logs
        os.dup2(nowhere, stream)


def _knock(address: str) -> None:
    """Raises OSError where nobody answers."""
    host, _, port = address.rpartition(":")
    socket.create_connection((host.strip("[]"), int(port)), timeout=KNOCK).close()


def _end_with_the_head(address: str) -> None:
    """Ends this process when the cluster's head is gone, lest every errand should have to find that out by waiting."""
    missed = 0
    while missed < 3:
        time.sleep(HEARTBEAT)
        try:
            _knock(address)
            missed = 0
        except OSError:
            missed += 1
    os._exit(1)
