"""Whether a file will still be there after the host starts the program anew."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_IN_MEMORY = {"tmpfs", "ramfs", "devtmpfs"}
_OF_THE_CONTAINER = {"overlay", "aufs", "fuse-overlayfs"}
_HOSTS = {
    "DYNO": "Heroku",
    "RAILWAY_ENVIRONMENT_NAME": "Railway",
    "RAILWAY_ENVIRONMENT": "Railway",
    "RENDER": "Render",
    "FLY_APP_NAME": "Fly.io",
    "K_SERVICE": "Cloud Run",
}
"""Variables by which hosts are known that begin every start with a fresh disk, but for volumes that are mounted."""


def why_it_will_not_last(
    file: Path, mounts: str | None = None, environment: Mapping[str, str] = os.environ
) -> str | None:
    """The reason in words, None where nothing speaks against it. mounts: the text of /proc/self/mountinfo."""
    if mounts is None:
        try:
            mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:  # not Linux, so none of the hosts that are known
            return None
    point, kind = _mount_of(file.absolute(), mounts)
    if kind in _IN_MEMORY:
        return f"{point} is kept in memory ({kind})"
    if kind in _OF_THE_CONTAINER:
        return f"{point} is the container's own layer ({kind}), made anew with each container"
    host = next((name for variable, name in _HOSTS.items() if environment.get(variable)), None)
    if host is not None and point == Path("/"):
        return f"{host} begins every start with a fresh disk, and no volume is mounted there"
    return None


def _mount_of(file: Path, mounts: str) -> tuple[Path, str]:
    """The deepest mount point above the file, and its kind; fields as in man 5 proc_pid_mountinfo."""
    found = Path("/"), ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = Path(fields[4].encode().decode("unicode_escape"))
        # Of two on the same place the later hides the earlier.
        if file.is_relative_to(point) and len(point.parts) >= len(found[0].parts):
            found = point, after.split(" ")[0]
    return found
