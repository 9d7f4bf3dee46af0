"""What a host is told: the process lives, the parts are well or named, the numbers are the worker's."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from types import FrameType

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.errors import PortTaken
from bot.health.numbers import registry
from bot.health.server import Probe, served
from bot.worker.figures import Figures


class Idle:
    """A worker that has done something and waits."""

    def __init__(self) -> None:
        self.figures = Figures(came=5, granted=3)
        self.figures.drops["worker_busy"] = 2
        for seconds in (0.003, 0.2, 99.0):
            self.figures.wait.add(seconds)

    ready, depth = True, 4


async def well() -> str | None:
    return None


async def ill() -> str | None:
    return "the disk is full"


async def hangs() -> str | None:
    await asyncio.Event().wait()
    return None


async def breaks() -> str | None:
    raise ValueError("with a secret")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def answer(session: aiohttp.ClientSession, probes: dict[str, Probe], path: str) -> tuple[int, str]:
    async with (
        served(0, probes, registry(Idle(), {"version": "1"})) as port,
        session.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        return response.status, await response.text()


async def test_the_process_lives_whatever_its_parts_say(session: aiohttp.ClientSession) -> None:
    assert await answer(session, {"store": ill}, "/healthz") == (200, "ok\n")


async def test_ready_when_every_part_is_well(session: aiohttp.ClientSession) -> None:
    assert await answer(session, {"store": well, "poet": well}, "/readyz") == (200, "store: ok\npoet: ok\n")


async def test_not_ready_names_what_is_wrong_and_tells_no_secret(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.health.server.PATIENCE", 0.01)
    probes = {"store": ill, "gateway": hangs, "poet": breaks, "loop": well}
    status, text = await answer(session, probes, "/readyz")
    assert status == 503
    assert text == "store: the disk is full\ngateway: no answer within 0.01 s\npoet: ValueError\nloop: ok\n"


async def test_the_numbers_can_be_read_and_are_the_worker_s(session: aiohttp.ClientSession) -> None:
    status, text = await answer(session, {}, "/metrics")
    assert status == 200
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["lanting_wishes_total",] == 5
    assert samples["lanting_queue_depth",] == 4
    assert samples["lanting_wishes_dropped_total", "worker_busy"] == 2
    assert samples["lanting_wait_seconds_bucket", "0.005"] == 1
    assert samples["lanting_wait_seconds_bucket", "0.25"] == 2
    assert samples["lanting_wait_seconds_bucket", "+Inf"] == samples["lanting_wait_seconds_count",] == 3
    assert samples["lanting_info", "1"] == 1


def test_the_numbers_can_be_read_though_a_new_reason_comes_up_meanwhile() -> None:
    worker = Idle()
    numbers, tracer = registry(worker, {}), sys.gettrace()

    def one_more(frame: FrameType, event: str, _: object) -> object:
        """Between any two lines the poet's thread may have its turn."""
        worker.figures.drops[f"reason {len(worker.figures.drops)}"] += 1
        return one_more

    sys.settrace(one_more)
    try:
        families = list(numbers.collect())
    finally:
        sys.settrace(tracer)
    assert "lanting_wishes_dropped" in {family.name for family in families}


async def test_a_port_that_is_taken_is_one_clear_error() -> None:
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)):
            async with served(port, {}, registry(Idle(), {})):
                pass
