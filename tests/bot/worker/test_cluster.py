"""The poet on a real Ray Serve cluster of two replicas, on this machine."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from bot import VERSION
from bot.app import loader_of
from bot.errors import SettingsError
from bot.settings import Settings
from bot.worker import Worker
from bot.worker.cluster import Plan, cluster_loader
from bot.worker.cluster.envoy import EnvoyProcess
from bot.worker.cluster.errand import Errand
from bot.worker.cluster.poet import ClusterPoet
from tests.bot.worker.head import Head
from vae.errors import OutOfRange, Phrase, UnknownChoice
from vae.poem import BlendRequest, Form, Poem, WriteRequest
from vae.poet import Poet
from vae.wish import OnlyCopies

PATIENCE = 120.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def head() -> Iterator[Head]:
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'lanting[cluster]'")
    head = Head(free_port())
    yield head
    head.stop()


def replicas() -> dict[int, float]:
    """The replicas' processes, and the seconds of a core that each has used."""
    found = {}
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and (folder / "cmdline").read_bytes().startswith(
                b"ray::ServeReplica:lanting:poet"
            ):
                ticks = (folder / "stat").read_text().rpartition(")")[2].split()[11:13]
                found[int(folder.name)] = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
        except OSError:
            continue  # it has just ended
    return found


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As a replica has: sums over the vocabulary are split among threads, and a draw may tip by that."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def poet() -> Poet:
    """Read with one thread, as the replicas read it: other tests' poet may have been arranged with more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    found = Poet.load(device="cpu")
    torch.set_num_threads(before)
    return found


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.to_thread(threading.Event().wait, 0.01)


def requests(count: int, start: int = 0) -> list[WriteRequest]:
    """Recipes of all forms by turns."""
    forms, seeds = list(Form), [None, "明月", "江上", "孤舟"]
    return [
        WriteRequest(seed=seeds[i % 4], form=forms[i % 6], random_seed=i, candidates=2, revisions=2 * (i % 5 == 0))
        for i in range(start, start + count)
    ]


async def written(worker: Worker, wishes: list[WriteRequest]) -> list[Poem]:
    """All of them, asked for at once."""
    return [poems[0] for poems in await asyncio.gather(*(worker.ask(wish) for wish in wishes))]


def all_worked(before: dict[int, float]) -> bool:
    """Whether each replica has done a good part of what the busiest has since; one without poems uses some hundredths."""
    used = [seconds - before[process] for process, seconds in replicas().items()]
    return min(used) > max(0.1, 0.1 * max(used))


async def test_the_cluster_writes_what_is_written_here(head: Head, poet: Poet, caplog: pytest.LogCaptureFixture):
    kept: list[ClusterPoet] = []
    load = loader_of(Settings(_env_file=None, ray_address=head.address, replicas=2))

    def loaded() -> ClusterPoet:
        kept.append(load())
        return kept[0]

    worker = Worker(loaded, limit=64, timeout=60)
    await worker.start()
    await until(lambda: kept[0].hands == 2 and len(replicas()) == 2)
    before, wishes, poems = replicas(), list[WriteRequest](), list[Poem]()
    both_wrote = False
    while not both_wrote and len(wishes) < 240:  # which replica is given what, chance decides
        wishes += requests(24, len(wishes))
        poems += await written(worker, wishes[-24:])
        both_wrote = all_worked(before)
    path = BlendRequest(a="大漠孤煙直", b="小橋流水", steps=3, form=Form.COUPLET, random_seed=7)
    steps = await worker.blend(path)
    with pytest.raises(OutOfRange, match="candidates"):
        await worker.write(WriteRequest(candidates=1000))
    await worker.stop()
    assert poems == poet.write_all(wishes)
    assert steps == poet.blend(path)
    assert "gone" not in caplog.text
    assert both_wrote


def test_an_error_of_the_poets_comes_from_the_cluster_as_itself(head: Head, poet: Poet):
    name, plan = standing(head, poet)
    envoy = EnvoyProcess(name, plan)
    good, bad = WriteRequest(random_seed=1, form=Form.COUPLET), WriteRequest(table="none", random_seed=1)
    with pytest.raises(UnknownChoice, match="called none"):
        envoy.write(Errand(name, (good, bad)))
    assert envoy.write(Errand(name, (good,))) == [[poet.write(good)]]
    envoy.close()


async def test_a_replica_killed_under_load_loses_no_wish_and_the_cluster_goes_on(
    head: Head, poet: Poet, caplog: pytest.LogCaptureFixture
):
    cluster = on(head, poet)
    worker = Worker(lambda: cluster, limit=64, timeout=60)
    await worker.start()
    await until(lambda: cluster.hands == 2 and len(replicas()) == 2)
    before = replicas()
    wishes = [WriteRequest(form=Form.QILV, random_seed=i, candidates=8) for i in range(32)]
    writing = asyncio.create_task(written(worker, wishes))
    await until(lambda: all(used > before[process] + 0.1 for process, used in replicas().items()))  # both are writing
    os.kill(next(iter(before)), signal.SIGKILL)
    poems = await writing
    assert "gone" not in caplog.text  # the other replica wrote what that one had in hand
    assert cluster.hands == 2
    await worker.stop()
    assert poems == poet.write_all(wishes)


async def test_a_cluster_that_goes_under_load_loses_no_wish_and_is_used_again_when_it_is_back(
    head: Head, poet: Poet, caplog: pytest.LogCaptureFixture
):
    cluster = on(head, poet)
    worker = Worker(lambda: cluster, limit=64, timeout=60)
    await worker.start()
    await until(lambda: cluster.hands == 2)
    wishes: list[WriteRequest] = []
    poems: list[Poem] = []
    stopping = asyncio.create_task(asyncio.to_thread(head.stop))
    while cluster.hands == 2:
        wishes += requests(24, len(wishes))
        poems += await written(worker, wishes[-24:])
    await stopping
    assert sum("the cluster is gone" in record.message for record in caplog.records) == 1
    await asyncio.to_thread(head.start)
    await until(lambda: cluster.hands == 2)
    again = await written(worker, wishes[:6])
    await worker.stop()
    assert poems == poet.write_all(wishes)
    assert again == poems[:6]


def standing(head: Head, poet: Poet) -> tuple[str, Plan]:
    """What the first test has deployed."""
    return f"{VERSION}, {poet.model}", Plan(head.address, 2, 20.0)


def on(head: Head, poet: Poet) -> ClusterPoet:
    name, plan = standing(head, poet)
    return ClusterPoet(poet, name, lambda: EnvoyProcess(name, plan), 2, (0.5,))


@pytest.mark.parametrize(
    "error",
    [OnlyCopies(text="白日依山盡"), OutOfRange(what=Phrase("The {x}", x="{odd}"), given=1, low=2, high=3)],
    ids=lambda error: error.key,
)
def test_errors_travel(error: Exception):
    travelled = pickle.loads(pickle.dumps(error))
    assert type(travelled) is type(error)
    assert str(travelled) == str(error)
    assert travelled.details == error.details
    assert [getattr(each, "template", None) for each in travelled.details.values()] == [
        getattr(each, "template", None) for each in error.details.values()
    ]


def test_without_ray_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"lanting\[cluster\]"):
        cluster_loader(Plan("auto", 2, 15.0), None)
