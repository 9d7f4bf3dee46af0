"""A poet of several hands writes several batches at once, under the same rules."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from bot.errors import PoetFell
from bot.worker import Worker
from bot.worker.cluster.errand import ClusterGone, Errand
from bot.worker.cluster.poet import ClusterPoet
from bot.worker.pace import Work
from bot.worker.queue import Queue
from bot.worker.wish import Wish
from tests.bot.worker.clerk import Clerk, Note
from vae.poem import Form, Poem, WriteRequest

AT_ONCE = (0.0,)


class Hands(Clerk):
    """A clerk who writes with so many hands."""

    def __init__(self, hands: int) -> None:
        super().__init__()
        self.hands = self.most_hands = hands
        self.at_work = threading.Semaphore(0)
        self.closed = False
        self.on_grant = self._set_to_work

    def _set_to_work(self, notes: Sequence[Note]) -> None:
        self.at_work.release()

    def close(self) -> None:
        self.closed = True


class Cloud:
    """What a clerk writes elsewhere, while it is not away; `sent` holds the seeds."""

    def __init__(self) -> None:
        self.clerk, self.away = Clerk(), False
        self.tries = 0

    def send(self) -> Cloud:
        self.tries += 1
        if self.away:
            raise ClusterGone("no such host")
        return self

    def write(self, errand: Errand) -> list[list[Poem]]:
        if self.away:
            raise ClusterGone("it was switched off")
        return self.clerk.grant([self.clerk.prepare(request) for request in errand.requests])

    def close(self) -> None:
        pass


@pytest.fixture
def pair() -> Iterator[Hands]:
    pair = Hands(2)
    yield pair
    pair.go_on.set()


def wishes(count: int, form: Form = Form.QIJUE) -> list[Wish]:
    """Wishes that were read, each of another person."""
    made = []
    for person in range(count):
        wish = Wish(WriteRequest(form=form), person, 0.0, 30.0, 30.0, lambda outcome: None)
        wish.prepared = Note(wish.request, form, wish.request.candidates)
        made.append(wish)
    return made


def filled(count: int, hands: int) -> Queue:
    queue = Queue(64)
    queue.hands = hands
    for wish in wishes(count):
        queue.put(wish, 0.0)
    return queue


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.to_thread(threading.Event().wait, 0.001)


def test_what_waits_is_shared_among_the_free_hands():
    queue = filled(6, hands=2)
    batches = [queue.take(0.0) for _ in range(3)]
    assert [batch and len(batch.wishes) for batch in batches] == [3, 3, None]
    for wish in batches[0].wishes:
        queue.answered(wish)
    queue.finished(batches[0], 1.0)
    queue.put(wishes(1)[0], 1.0)
    assert len(queue.take(1.0).wishes) == 1


def test_more_hands_leave_more_candidates_and_shorter_waits():
    assert filled(8, hands=1).candidates_now() < filled(8, hands=2).candidates_now()
    for hands, rounds in ((1, 4), (2, 2), (4, 1)):
        queue = Queue(64, rows=1)
        queue.hands = hands
        for wish in wishes(4):
            queue.put(wish, 0.0)
        assert queue.clearing_time(0.0) == pytest.approx(
            rounds * queue.pace.seconds(Work(Form.QIJUE.size, Form.QIJUE.size))
        )


async def test_two_hands_write_two_batches_at_once(pair: Hands):
    worker = Worker(lambda: pair, limit=8, timeout=30)
    await worker.start()
    requests = [WriteRequest(seed="wait", random_seed=1, candidates=count) for count in range(1, 7)]
    held = [worker.ask(request, person=request.candidates) for request in requests]
    for _ in range(2):
        await asyncio.to_thread(pair.at_work.acquire)
    assert worker.depth == len(held) - 2
    pair.go_on.set()
    for ticket in held:
        assert await ticket
    await worker.stop()
    assert pair.closed


async def test_the_hands_fall_together_and_are_woken_together(pair: Hands):
    worker = Worker(lambda: pair, limit=8, timeout=30, pauses=AT_ONCE)
    await worker.start()
    held = worker.ask(WriteRequest(seed="wait", form=Form.COUPLET))
    await asyncio.to_thread(pair.waits.wait)
    falls = worker.ask(WriteRequest(seed="die", form=Form.QILV))
    for _ in range(2):
        await asyncio.to_thread(pair.at_work.acquire)
    waits = worker.ask(WriteRequest())
    pair.go_on.set()
    assert await held  # what the other hand was writing is written to its end
    for ticket in (falls, waits):
        with pytest.raises(PoetFell):
            await ticket
    await until(lambda: worker.ready)
    assert await worker.write(WriteRequest())
    assert worker.figures.falls == 1
    await worker.stop()


async def test_a_cluster_that_goes_costs_no_wish_and_is_said_once(caplog: pytest.LogCaptureFixture):
    cloud, here = Cloud(), Clerk()
    cluster = ClusterPoet(here, "poet", cloud.send, 3, AT_ONCE)
    worker = Worker(lambda: cluster, limit=64, timeout=30)
    await worker.start()
    await until(lambda: cluster.hands == 3)
    assert await worker.write(WriteRequest(seed="there"))
    assert (cloud.clerk.seeds, here.seeds) == (["there"], [])
    cloud.away = True
    requests = [WriteRequest(seed=f"{form.value}{i}", form=form) for form in Form for i in range(5)]
    for ticket in [worker.ask(request) for request in requests]:
        assert await ticket
    assert cluster.hands == 1
    assert sorted(here.seeds) == sorted(request.seed for request in requests)
    tried = cloud.tries
    await until(lambda: cloud.tries > tried + 3)
    assert sum("is gone" in record.message for record in caplog.records) == 1
    assert sum("cannot be used" in record.message for record in caplog.records) == 1
    cloud.away = False
    await until(lambda: cluster.hands == 3)
    assert await worker.write(WriteRequest(seed="back"))
    assert cloud.clerk.seeds[-1] == "back"
    await worker.stop()


def test_a_request_travels_with_its_random_seed():
    cluster = ClusterPoet(Clerk(), "poet", Cloud().send, 1, AT_ONCE)
    given, drawn, other = (cluster.prepare(WriteRequest(random_seed=seed)) for seed in (7, None, None))
    assert given.request.random_seed == 7
    assert None not in {drawn.request.random_seed, other.request.random_seed}
    assert drawn.request.random_seed != other.request.random_seed
    cluster.close()
