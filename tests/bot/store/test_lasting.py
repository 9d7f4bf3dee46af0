from pathlib import Path

import pytest

from bot.store.lasting import why_it_will_not_last

DISK = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
CONTAINER = "22 1 0:33 / / rw,relatime - overlay overlay rw,lowerdir=/a\n"
MEMORY = "25 22 0:22 / /tmp rw - tmpfs tmpfs rw\n"
VOLUME = "26 22 254:1 / /my\\040data rw - ext4 /dev/vdb rw\n"


@pytest.mark.parametrize(
    ("file", "mounts", "environment", "reason"),
    [
        ("/srv/lanting.db", DISK, {}, None),
        ("/srv/lanting.db", DISK + MEMORY, {}, None),
        ("/tmp/lanting.db", DISK + MEMORY, {}, "in memory"),
        ("/tmp/lanting.db", DISK + MEMORY + MEMORY.replace("tmpfs", "ext4"), {}, None),
        ("/app/data/lanting.db", CONTAINER, {}, "container"),
        ("/my data/lanting.db", CONTAINER + VOLUME, {}, None),
        ("/my data too/lanting.db", CONTAINER + VOLUME, {}, "container"),
        ("/app/lanting.db", DISK, {"DYNO": "worker.1"}, "Heroku"),
        ("/app/lanting.db", DISK + VOLUME, {"RENDER": "true"}, "Render"),
        ("/my data/lanting.db", DISK + VOLUME, {"RENDER": "true"}, None),
        ("/app/lanting.db", DISK, {"RAILWAY_ENVIRONMENT_NAME": "production"}, "Railway"),
        ("/app/lanting.db", DISK, {"FLY_APP_NAME": "lanting"}, "Fly.io"),
        ("/app/lanting.db", "no such line", {}, None),
    ],
)
def test_a_disk_that_forgets_is_told_by_its_mount_and_its_host(file, mounts, environment, reason):
    said = why_it_will_not_last(Path(file), mounts, environment)
    assert said is None if reason is None else reason in said
