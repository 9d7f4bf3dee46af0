"""A Ray cluster of one node with two logical CPUs, until standard input ends: `python -m tests.bot.worker.head PORT`.

It prints its address when it is there. It ends its own processes only, and has a folder of its own for their files.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[3]


class Head:
    """The cluster as a test has it: started and stopped, at one address."""

    def __init__(self, port: int) -> None:
        self._command = [sys.executable, "-m", "tests.bot.worker.head", str(port)]
        self.start()

    def start(self) -> None:
        env = os.environ | {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ADDRESS": ""}
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.address = self._process.stdout.readline().strip()
        assert self.address, "Ray did not start"

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.communicate()


def run(port: int) -> None:
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        os.environ["RAY_TMPDIR"] = folder
        from ray.cluster_utils import Cluster

        node = {"num_cpus": 2, "include_dashboard": False, "gcs_server_port": port}
        cluster = Cluster(initialize_head=True, head_node_args=node)
        print(cluster.address, flush=True)
        sys.stdin.read()
        cluster.shutdown()


if __name__ == "__main__":
    run(int(sys.argv[1]))
