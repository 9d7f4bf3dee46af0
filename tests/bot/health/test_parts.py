"""Each part of the program tells by itself that it is not well."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing

from bot.health import parts, server
from bot.health.parts import probes
from bot.health.server import faults
from bot.worker import Worker
from tests.bot.worker.clerk import Clerk
from vae.poem import WriteRequest


async def test_all_parts_are_well_at_first(worker, store):
    assert await faults(probes(worker, store)) == {}


async def test_a_poet_that_hangs_over_a_batch_or_takes_no_wishes_is_not_ready(store, monkeypatch):
    clerk = Clerk()
    worker = Worker(lambda: clerk, limit=8, timeout=60)
    await worker.start()
    written = asyncio.create_task(worker.write(WriteRequest(seed="wait")))
    await asyncio.to_thread(clerk.waits.wait)
    assert await faults(probes(worker, store)) == {}
    monkeypatch.setattr(parts, "STUCK", 0.0)
    assert "at one batch for" in (await faults(probes(worker, store)))["poet"]
    clerk.go_on.set()
    await written
    monkeypatch.undo()
    with worker.refusing():
        assert (await faults(probes(worker, store)))["poet"] == "the poet is not awake"
    assert await faults(probes(worker, store)) == {}
    await worker.stop()
    assert (await faults(probes(worker, store)))["poet"] == "the poet is not awake"


async def test_a_store_that_does_not_take_a_write_is_not_ready(worker, store, tmp_path, monkeypatch):
    with closing(sqlite3.connect(tmp_path / "lanting.db", isolation_level=None)) as rival:
        rival.execute("CREATE TRIGGER no BEFORE UPDATE ON alembic_version BEGIN SELECT RAISE(ABORT, 'no'); END")
        assert (await faults(probes(worker, store)))["store"] == "store"
        rival.execute("DROP TRIGGER no")
        assert await faults(probes(worker, store)) == {}
        monkeypatch.setattr(server, "PATIENCE", 0.2)
        rival.execute("BEGIN IMMEDIATE")
        assert (await faults(probes(worker, store)))["store"] == "no answer within 0.2 s"
        rival.execute("ROLLBACK")
    monkeypatch.undo()
    await store.check_writable()  # once this has its turn, so had what was asked before
    assert await faults(probes(worker, store)) == {}


async def test_a_loop_that_comes_late_is_not_ready(worker, store, monkeypatch):
    monkeypatch.setattr(parts, "LATE", 0.02)
    asked = asyncio.create_task(parts.loop_late())
    await asyncio.sleep(0)
    busy_until = time.monotonic() + parts.TICK + 0.1
    while time.monotonic() < busy_until:
        pass
    assert "s late" in str(await asked)
