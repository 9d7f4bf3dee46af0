"""A PostgreSQL server for tests: of the machine's own binaries, on a socket in a folder of its own, and no port."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OPTIONS = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60"]


def binaries() -> Path | None:
    """The folder of initdb, as Debian has it or on the path."""
    found = [
        *sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        *map(Path, filter(None, [shutil.which("initdb")])),
    ]
    return found[-1].parent if found else None


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """The URL of a running server's own database; PostgreSQL will not run as root, so root lends it a user."""
    folder = Path(tempfile.mkdtemp(prefix="lanting-postgres-"))
    user = None
    if os.geteuid() == 0:
        user = next(name for name in ("postgres", "nobody") if name in {entry.pw_name for entry in pwd.getpwall()})
        shutil.chown(folder, user)

    def start(program: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        with (folder / "log").open("ab") as log:
            return subprocess.Popen(command, user=user, cwd=folder, stdout=log, stderr=log)

    try:
        assert start("initdb", "--auth=trust", "--username=lanting", "--encoding=UTF8", "--no-sync").wait() == 0
        running = start("postgres", *OPTIONS, "-c", f"unix_socket_directories={folder}")
        try:
            _until_ready(folder / "data" / "postmaster.pid", running, folder / "log")
            yield f"postgresql+asyncpg://lanting@/postgres?host={folder}"
        finally:
            running.send_signal(signal.SIGQUIT)  # at once: what was in it is not wanted any more
            running.wait()
    finally:
        shutil.rmtree(folder)


def _until_ready(state: Path, running: subprocess.Popen[bytes], log: Path) -> None:
    """The last line of postmaster.pid says how far the server is."""
    while not (state.exists() and state.read_text().rstrip().endswith("ready")):
        assert running.poll() is None, log.read_text()
        time.sleep(0.02)
