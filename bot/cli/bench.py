"""The worker under load, with the poet that ships: an open loop, since people do not wait for one another."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

import typer

from bot.cli.process import carry_out
from bot.errors import WorkerBusy, WorkerError
from bot.settings import Settings
from bot.worker import Worker, poet_loader
from bot.worker.wish import Writes
from vae.poem import Form, WriteRequest

FORMS = tuple(Form)
TICK = 0.01
CANDIDATES = 4
TOGETHER = 96
PATIENT = 2.0
"""Seconds that a poem may take."""


def job(
    seconds: Annotated[
        float, typer.Option(min=1, help="How long the steady load lasts; the rest scales with it.")
    ] = 60,
    rate: Annotated[float, typer.Option(min=0.1, help="Wishes a second of the steady load.")] = 20,
    overload: Annotated[float, typer.Option(min=1, help="Wishes a second of the overload.")] = 100,
) -> None:
    """Measure the poet's worker under a steady load and an overload, beside writing one poem at a time."""
    carry_out(lambda settings: _bench(settings, seconds, rate, overload))


@dataclass(slots=True)
class Load:
    """What became of the wishes of one open loop. answered: (seconds after the start, seconds taken, candidates)."""

    rate: float
    answered: list[tuple[float, float, int]] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    lags: list[float] = field(default_factory=list)

    def latency(self, share: float) -> float:
        return _percentile([taken for _, taken, _ in self.answered], share)

    def recovered(self, after: float) -> str:
        """How long after `after` the last one came who was refused or waited longer than `PATIENT`."""
        bad = [at for at, taken, _ in self.answered if taken > PATIENT] + self.refused
        good = [at for at, taken, _ in self.answered if taken <= PATIENT]
        if bad and max(bad) > max(good, default=0.0):
            return f"to the end some are refused or wait over {PATIENT:g} s"
        took = max(0.0, max(bad, default=after) - after)
        return f"{took:.1f} s after the overload's end nobody is refused or waits over {PATIENT:g} s any more"

    def table(self) -> str:
        counts = [count for _, _, count in self.answered]
        few = sum(count < CANDIDATES for count in counts)
        return (
            f"{len(self.answered)} answered, {len(self.refused)} refused, {dict(self.failed) or 'none'} failed; "
            f"p50 {self.latency(0.5):.2f} s, p95 {self.latency(0.95):.2f} s, most {self.latency(1):.2f} s; "
            f"candidates {min(counts, default=0)} to {max(counts, default=0)}, mean {_mean(counts):.1f}, "
            f"{few} wishes with fewer than {CANDIDATES}; loop lag p99 {1000 * _percentile(self.lags, 0.99):.0f} ms, "
            f"most {1000 * max(self.lags, default=0):.0f} ms"
        )


async def _bench(settings: Settings, seconds: float, rate: float, overload: float) -> int:
    poet = await asyncio.to_thread(poet_loader(settings.weights, settings.device, settings.torch_threads))
    alone = await asyncio.to_thread(_serial, poet, seconds / 6)
    together, cores = await _saturated(poet, settings)
    _say(f"one at a time, {CANDIDATES} candidates, all forms by turns: {alone:.1f} poems a second")
    _say(
        f"{TOGETHER} wishes at once, {CANDIDATES} candidates: {together:.1f} poems a second, {together / alone:.1f} times that"
    )
    _say(f"    this process had {cores:.2f} cores meanwhile: where that is less than one, others held the machine")

    worker = Worker(lambda: poet, limit=settings.queue_limit, timeout=settings.wish_timeout)
    await worker.start()
    try:
        steady = await _open_loop(worker, [(rate, seconds)])
        _say(f"{rate:g} wishes a second for {seconds:g} s ({rate / alone:.1f} times what is written one at a time):")
        _say(f"    {steady.table()}")
        flood = seconds / 6
        over = await _open_loop(worker, [(overload, flood), (rate, flood)])
        _say(f"{overload:g} a second for {flood:g} s, then {rate:g} for as long:")
        _say(f"    {over.table()}")
        _say(f"    {over.recovered(flood)}")
        figures = worker.figures
        _say(
            f"batches: {figures.batch.count}, of {figures.batch.mean:.1f} wishes and {figures.decode.mean:.3f} s on average"
        )
    finally:
        await worker.stop()
    return 0


def _serial(poet: Writes, seconds: float) -> float:
    """Poems a second, one at a time, whole turns of all forms."""
    began, written = time.perf_counter(), 0
    while not written or time.perf_counter() - began < seconds:
        for form in FORMS:
            poet.grant([poet.prepare(_recipe(form, written))])
            written += 1
    return written / (time.perf_counter() - began)


async def _saturated(poet: Writes, settings: Settings) -> tuple[float, float]:
    """Poems a second, and how many cores this process had meanwhile."""
    worker = Worker(lambda: poet, limit=TOGETHER, timeout=settings.wish_timeout * 10)
    await worker.start()
    began, busy = time.perf_counter(), time.process_time()
    tickets = [worker.ask(_recipe(form, i)) for i in range(TOGETHER // len(FORMS)) for form in FORMS]
    await asyncio.gather(*tickets)
    taken, busy = time.perf_counter() - began, time.process_time() - busy
    await worker.stop()
    return len(tickets) / taken, busy / taken


async def _open_loop(worker: Worker, parts: Sequence[tuple[float, float]]) -> Load:
    """Wishes come at random moments, so many a second for so many seconds, each of another person."""
    load, chance, loop = Load(parts[0][0]), random.Random(7), asyncio.get_running_loop()
    watch = loop.create_task(_watch(load.lags))
    began, asking = loop.time(), list[asyncio.Task[None]]()
    due, people = 0.0, itertools.count(1)
    for rate, end in zip((rate for rate, _ in parts), itertools.accumulate(s for _, s in parts), strict=True):
        while (due := due + chance.expovariate(rate)) < end:
            await asyncio.sleep(max(0.0, began + due - loop.time()))
            person = next(people)
            asking.append(loop.create_task(_ask(worker, load, began, person)))
        due = end
    await asyncio.gather(*asking)
    watch.cancel()
    return load


async def _ask(worker: Worker, load: Load, began: float, person: int) -> None:
    loop = asyncio.get_running_loop()
    came = loop.time()
    try:
        poem = await worker.write(WriteRequest(form=FORMS[person % len(FORMS)]), person=person)
    except WorkerBusy:
        load.refused.append(came - began)
    except WorkerError as error:
        load.failed[error.key] += 1
    else:
        load.answered.append((came - began, loop.time() - came, poem.recipe.request.candidates))


async def _watch(lags: list[float]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + TICK
        await asyncio.sleep(TICK)
        lags.append(max(0.0, loop.time() - due))


def _recipe(form: Form, seed: int) -> WriteRequest:
    """With a random seed, hence written with exactly so many candidates."""
    return WriteRequest(form=form, random_seed=seed, candidates=CANDIDATES)


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _say(line: str) -> None:
    typer.echo(line)
