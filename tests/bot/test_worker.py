import asyncio
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import PoetGone, WishFailed, WishTimedOut, WorkerBusy, WorkerClosed
from bot.worker import Worker
from tests.bot.poems import a_poem
from vae.errors import EmptyText, WeightsError
from vae.poem import BlendRequest, Form, Poem, WriteRequest
from vae.poet import Poet


class Clerk:
    """Writes one poem over and over, and does as some seeds say; `begun` lists the seeds it was given."""

    def __init__(self) -> None:
        self.begun: list[str | None] = []
        self.go_on = threading.Event()
        self.waits = threading.Event()

    def write(self, request: WriteRequest) -> Poem:
        self.begun.append(request.seed)
        match request.seed:
            case "wait":
                self.waits.set()
                self.go_on.wait()
            case "unreadable":
                raise EmptyText(what="seed")
            case "stumble":
                raise ZeroDivisionError
            case "die":
                raise SystemExit("the end")
        return a_poem(request)

    def blend(self, request: BlendRequest) -> list[Poem]:
        return [self.write(WriteRequest(seed=text)) for text in (request.a, request.b)]


@pytest.fixture
def clerk() -> Iterator[Clerk]:
    clerk = Clerk()
    yield clerk
    clerk.go_on.set()


async def begin(clerk: Clerk, limit: int = 8, patience: float = 30) -> Worker:
    worker = Worker(lambda: clerk, limit=limit, timeout=patience)
    await worker.start()
    return worker


async def busy(clerk: Clerk, limit: int = 8, patience: float = 30) -> tuple[Worker, asyncio.Task[Poem]]:
    """A worker whose poet is in the midst of a wish."""
    worker = await begin(clerk, limit, patience)
    held = asyncio.create_task(worker.write(WriteRequest(seed="wait")))
    await asyncio.to_thread(clerk.waits.wait)
    return worker, held


async def ask(worker: Worker, seed: str) -> asyncio.Task[Poem]:
    """A wish that stands in line when this returns."""
    task = asyncio.create_task(worker.write(WriteRequest(seed=seed)))
    await asyncio.sleep(0)
    return task


async def test_wishes_are_granted_one_after_another_in_their_order(clerk: Clerk):
    worker = await begin(clerk)
    poems = await asyncio.gather(*(worker.write(WriteRequest(seed=str(n))) for n in range(5)))
    assert [poem.recipe.request.seed for poem in poems] == clerk.begun == list("01234")
    await worker.stop()


async def test_the_event_loop_runs_on_while_the_poet_writes(clerk: Clerk):
    worker, held = await busy(clerk)
    clerk.go_on.set()  # only a running loop gets here
    assert (await held).recipe.request.seed == "wait"
    await worker.stop()


async def test_a_failing_wish_fails_alone(clerk: Clerk):
    worker = await begin(clerk)
    seeds = ["a", "stumble", "b", "unreadable", "c"]
    results = await asyncio.gather(*(worker.write(WriteRequest(seed=s)) for s in seeds), return_exceptions=True)
    assert [type(result) for result in results] == [Poem, WishFailed, Poem, EmptyText, Poem]
    assert "ZeroDivisionError" in str(results[1])
    await worker.stop()


async def test_a_full_line_refuses_at_once_and_says_how_long_it_is(clerk: Clerk):
    worker, held = await busy(clerk, limit=2)
    waiting = [await ask(worker, "a"), await ask(worker, "b")]
    with pytest.raises(WorkerBusy, match="2 wishes"):
        await worker.write(WriteRequest(seed="c"))
    clerk.go_on.set()
    await asyncio.gather(held, *waiting)
    assert "c" not in clerk.begun
    await worker.stop()


async def test_a_wish_past_its_time_is_given_up_and_the_next_one_granted(clerk: Clerk):
    worker, held = await busy(clerk, patience=0.05)
    with pytest.raises(WishTimedOut, match=r"0\.05 seconds"):
        await held
    with pytest.raises(WishTimedOut):
        await worker.write(WriteRequest(seed="behind it"))
    clerk.go_on.set()
    await worker.write(WriteRequest(seed="after"))
    assert clerk.begun == ["wait", "after"]
    await worker.stop()


async def test_a_wish_nobody_waits_for_is_not_begun_and_leaves_its_place(clerk: Clerk):
    worker, held = await busy(clerk, limit=1)
    dropped = await ask(worker, "dropped")
    dropped.cancel()
    await asyncio.wait([dropped])
    kept = await ask(worker, "kept")
    clerk.go_on.set()
    await asyncio.gather(held, kept)
    assert clerk.begun == ["wait", "kept"]
    await worker.stop()


async def test_a_wish_given_up_midway_leaves_the_poet_at_work(clerk: Clerk):
    faults: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    worker, held = await busy(clerk)
    held.cancel()
    await asyncio.wait([held])
    clerk.go_on.set()
    assert await worker.write(WriteRequest(seed="next"))
    await worker.stop()
    assert faults == []


async def test_all_who_wait_hear_when_the_thread_dies_and_so_do_those_who_come_later(clerk: Clerk):
    worker, held = await busy(clerk)
    waiting = [await ask(worker, "die"), await ask(worker, "behind it")]
    clerk.go_on.set()
    assert await held
    for result in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(result, PoetGone)
        assert "SystemExit: the end" in str(result)
    with pytest.raises(PoetGone):
        await worker.write(WriteRequest())
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


async def test_stopping_grants_those_in_line_and_refuses_newcomers(clerk: Clerk):
    worker, held = await busy(clerk)
    waiting = [await ask(worker, "a"), await ask(worker, "b")]
    stopping = asyncio.create_task(worker.stop())
    await asyncio.sleep(0)
    with pytest.raises(WorkerClosed):
        await worker.write(WriteRequest(seed="late"))
    clerk.go_on.set()
    assert len(await asyncio.gather(held, *waiting)) == 3
    await stopping
    assert clerk.begun == ["wait", "a", "b"]


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


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["good", "unreadable", "stumble", "given up"]), max_size=12))
def test_whatever_the_others_do_each_who_waits_gets_the_answer_to_the_own_wish(fates: list[str]):
    async def story() -> list[object]:
        clerk = Clerk()
        worker, _held = await busy(clerk, limit=len(fates) + 1)
        tasks = [await ask(worker, fate) for fate in fates]
        for fate, task in zip(fates, tasks, strict=True):
            if fate == "given up":
                task.cancel()
        clerk.go_on.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        await worker.stop()
        return results

    expected = {"good": Poem, "unreadable": EmptyText, "stumble": WishFailed, "given up": asyncio.CancelledError}
    assert [type(result) for result in asyncio.run(story())] == [expected[fate] for fate in fates]


async def test_through_the_thread_the_poet_writes_what_it_writes_alone(poet: Poet, worker: Worker):
    request = WriteRequest(seed="明月", form=Form.COUPLET, random_seed=7)
    assert await worker.write(request) == poet.write(request)
    path = BlendRequest(a="大漠孤煙直", b="小橋流水", steps=2, form=Form.COUPLET, random_seed=7)
    assert await worker.blend(path) == poet.blend(path)
