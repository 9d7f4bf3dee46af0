"""What becomes of wishes when the poet falls, cannot be woken, or the worker is stopped."""

import asyncio
import gc
import logging
import threading
import weakref

import pytest

from bot.errors import (
    PoetFell,
    PoetGone,
    SettingsError,
    WorkerClosed,
)
from bot.worker import Worker
from bot.worker.thread import BREAKS
from tests.bot.worker.at_work import ask, begin, busy
from tests.bot.worker.clerk import Clerk, comes_once
from vae.errors import WeightsError
from vae.poem import Form, WriteRequest


@pytest.mark.parametrize("last", ["die", "break the device"])
async def test_all_who_wait_hear_when_the_poet_falls_and_it_is_woken_again(clerk: Clerk, last: str):
    wake_again, loads = threading.Event(), []

    def load() -> Clerk:
        loads.append(1)
        if len(loads) > 1:
            wake_again.wait()
        return clerk

    worker = Worker(load, limit=8, timeout=30, pauses=(0.0,))
    await worker.start()
    assert worker.ready
    tickets = [worker.ask(WriteRequest(seed="wait"))]
    await asyncio.to_thread(clerk.waits.wait)
    tickets += [worker.ask(WriteRequest(seed=last)), worker.ask(WriteRequest(form=Form.QILV))]
    clerk.go_on.set()
    results = await asyncio.gather(*tickets, return_exceptions=True)
    assert [type(result) for result in results] == [list, PoetFell, PoetFell]
    assert not worker.ready
    with pytest.raises(PoetFell, match="woken again"):
        await worker.write(WriteRequest())
    wake_again.set()
    while not worker.ready:
        await asyncio.to_thread(threading.Event().wait, 0.001)
    assert await worker.write(WriteRequest(seed="after"))
    assert worker.figures.falls == 1
    await worker.stop()


@pytest.mark.parametrize(
    "fault", [RuntimeError("CUDA error: unspecified launch failure"), SettingsError(reason="none")]
)
async def test_a_device_that_stays_broken_ends_what_needs_the_poet(clerk: Clerk, fault: Exception):
    worker = Worker(comes_once(clerk, fault), limit=8, timeout=30, pauses=(0.0,))
    await worker.start()
    ticket = worker.ask(WriteRequest(seed="break the device"))

    async def job() -> None:
        with worker.vital():
            await asyncio.Event().wait()

    with pytest.raises(PoetGone):
        await job()
    with pytest.raises(PoetFell):
        await ticket
    assert not worker.ready
    assert worker.figures.falls == BREAKS
    with pytest.raises(PoetGone, match="started again"):
        await worker.write(WriteRequest())
    await worker.stop()


async def test_a_device_that_breaks_now_and_then_is_borne(clerk: Clerk):
    worker = await begin(clerk)
    with worker.vital():
        for _ in range(2 * BREAKS):
            with pytest.raises(PoetFell):
                await worker.write(WriteRequest(seed="break the device"))
            while not worker.ready:
                await asyncio.to_thread(threading.Event().wait, 0.001)
            assert await worker.write(WriteRequest(seed="good"))
    await worker.stop()


async def test_a_fallen_poet_is_let_go_before_the_next_is_loaded(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.CRITICAL + 1)  # pytest would keep the traceback, and all that it holds
    loaded = list[weakref.ref[Clerk]]()
    still_there = list[bool]()

    def load() -> Clerk:
        still_there.append(any(poet() is not None for poet in loaded))
        clerk = Clerk()
        loaded.append(weakref.ref(clerk))
        return clerk

    worker = Worker(load, limit=8, timeout=30, pauses=(0.0,))
    await worker.start()
    gc.disable()  # lest it let go what is held
    try:
        for fate in ("die", "break the device"):
            with pytest.raises(PoetFell):
                await worker.write(WriteRequest(seed=fate))
            while not worker.ready:
                await asyncio.to_thread(threading.Event().wait, 0.001)
    finally:
        gc.enable()
    assert still_there == [False, False, False]
    await worker.stop()


@pytest.mark.parametrize(
    ("fault", "heard"),
    [(WeightsError(path="w", reason="it is torn", remedy="Mend it."), WeightsError), (ImportError("no"), PoetGone)],
)
async def test_a_poet_that_cannot_be_loaded_is_told_at_the_start(fault: Exception, heard: type[Exception]):
    def load() -> Clerk:
        raise fault

    worker = Worker(load, limit=1, timeout=1)
    with pytest.raises(heard):
        await worker.start()
    with pytest.raises(PoetGone):
        await worker.write(WriteRequest())
    await worker.stop()


async def test_stopping_finishes_the_batch_and_tells_those_who_wait(clerk: Clerk):
    worker, held = await busy(clerk)
    waiting = await ask(worker, "a")
    stopping = asyncio.create_task(worker.stop())
    with pytest.raises(WorkerClosed):
        await waiting
    with pytest.raises(WorkerClosed):
        await worker.write(WriteRequest(seed="late"))
    clerk.go_on.set()
    assert await held
    await stopping
    assert clerk.seeds == ["wait"]
    assert not worker.ready


async def test_stopping_waits_no_longer_than_its_grace(clerk: Clerk):
    worker, held = await busy(clerk)
    waiting = await ask(worker, "a")
    await worker.stop(grace=0.05)
    results = await asyncio.gather(held, waiting, return_exceptions=True)
    assert [type(result) for result in results] == [WorkerClosed, WorkerClosed]


async def test_stopping_twice_or_before_the_start_is_harmless(clerk: Clerk):
    never_started = Worker(lambda: clerk, limit=1, timeout=1)
    await never_started.stop()
    worker = await begin(clerk)
    await worker.stop()
    await worker.stop()
