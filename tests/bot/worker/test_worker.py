import asyncio
import weakref
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import (
    TooManyWishes,
    WishFailed,
    WishTimedOut,
    WishWithdrawn,
    WorkerBusy,
)
from bot.worker import Worker
from bot.worker.pace import USUAL
from tests.bot.worker.at_work import ask, begin, busy
from tests.bot.worker.clerk import Clerk, Note
from vae.errors import Clash, EmptyText, OutOfRange
from vae.poem import CANDIDATES, BlendRequest, Form, Poem, WriteRequest
from vae.poet import Poet


async def test_wishes_that_wait_are_granted_together_in_their_order(clerk: Clerk):
    worker, held = await busy(clerk)
    tasks = [await ask(worker, seed) for seed in "01234"]
    clerk.go_on.set()
    poems = await asyncio.gather(*tasks)
    assert [poem.recipe.request.seed for poem in poems] == list("01234")
    assert clerk.begun == [["wait"], list("01234")]
    await held
    await worker.stop()


async def test_wishes_of_all_forms_go_together(clerk: Clerk):
    worker, held = await busy(clerk)
    tickets = [worker.ask(WriteRequest(seed=form.value, form=form)) for form in Form]
    clerk.go_on.set()
    for ticket in (held, *tickets):
        await ticket
    assert clerk.begun[1:] == [[form.value for form in Form]]
    await worker.stop()


async def test_wishes_of_two_numbers_of_candidates_go_in_two_batches(clerk: Clerk):
    worker, held = await busy(clerk)
    requests = [WriteRequest(seed=f"{count}{n}", candidates=count, random_seed=1) for n in "12" for count in (2, 3)]
    tickets = [worker.ask(request) for request in requests]
    clerk.go_on.set()
    for ticket in (held, *tickets):
        await ticket
    assert clerk.begun[1:] == [["21", "22"], ["31", "32"]]
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
    with pytest.raises(WorkerBusy, match=r"2 wishes waiting. Try again in about \d+ seconds"):
        await worker.write(WriteRequest(seed="c"))
    clerk.go_on.set()
    await asyncio.gather(held, *waiting)
    assert "c" not in clerk.seeds
    await worker.stop()


async def test_a_wish_past_its_time_is_given_up_and_the_next_one_granted(clerk: Clerk):
    worker, held = await busy(clerk, patience=0.05)
    with pytest.raises(WishTimedOut, match=r"0\.05 seconds"):
        await held
    with pytest.raises(WishTimedOut):
        await worker.write(WriteRequest(seed="behind it"))
    clerk.go_on.set()
    await worker.write(WriteRequest(seed="after"))
    assert clerk.seeds == ["wait", "after"]
    await worker.stop()


async def test_a_wish_nobody_waits_for_is_not_begun_and_leaves_its_place(clerk: Clerk):
    worker, held = await busy(clerk, limit=1)
    dropped = await ask(worker, "dropped")
    dropped.cancel()
    await asyncio.wait([dropped])
    kept = await ask(worker, "kept")
    clerk.go_on.set()
    await asyncio.gather(held, kept)
    assert clerk.seeds == ["wait", "kept"]
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


async def test_a_person_has_at_most_two_wishes_in_flight(clerk: Clerk):
    worker, held = await busy(clerk)
    mine = [worker.ask(WriteRequest(), person=7) for _ in range(2)]
    with pytest.raises(TooManyWishes, match="2 wishes of yours"):
        worker.ask(WriteRequest(), person=7)
    other = worker.ask(WriteRequest(), person=8)
    clerk.go_on.set()
    for ticket in (held, *mine, other):
        assert await ticket
    assert await worker.write(WriteRequest(), person=7)
    await worker.stop()


async def test_a_ticket_tells_its_place_and_its_wait_and_can_be_taken_back(clerk: Clerk):
    worker, held = await busy(clerk)
    first, second = (worker.ask(WriteRequest(seed=seed), person=1) for seed in "ab")
    other = worker.ask(WriteRequest(seed="c"), person=2)
    assert [ticket.place() for ticket in (first, other, second)] == [1, 2, 3]
    assert all(0 < ticket.expected_wait() < 60 for ticket in (first, second, other))
    assert first.cancel()
    assert not first.cancel()
    assert first.done
    with pytest.raises(WishWithdrawn):
        await first
    assert [ticket.place() for ticket in (first, second, other)] == [0, 1, 2]
    clerk.go_on.set()
    assert await asyncio.gather(held, second, other)
    assert (second.place(), second.expected_wait()) == (0, 0.0)
    assert "a" not in clerk.seeds
    assert worker.figures.drops == {"wish_withdrawn": 1}
    await worker.stop()


async def test_a_wish_counts_its_time_from_the_persons_asking(clerk: Clerk):
    worker, held = await busy(clerk, patience=30)
    now = datetime.now(UTC)
    fresh, late, by_a_wrong_clock, from_the_future = (
        worker.ask(WriteRequest(), born=now - timedelta(seconds=age)) for age in (0, 10, 10**6, -(10**6))
    )
    left = [ticket.seconds_left() for ticket in (fresh, late, by_a_wrong_clock, from_the_future)]
    assert left == pytest.approx([30, 20, 15, 30], abs=2)
    clerk.go_on.set()
    await held
    await worker.stop()


async def test_the_guilty_wish_alone_fails_of_a_batch(clerk: Clerk):
    worker, held = await busy(clerk)
    tasks = [await ask(worker, seed) for seed in ("a", "stumble", "b")]
    clerk.go_on.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [Poem, WishFailed, Poem]
    assert clerk.begun == [["wait"], ["a", "stumble", "b"], ["a"], ["stumble"], ["b"]]
    await held
    await worker.stop()


async def test_a_batch_too_large_for_the_memory_is_halved_until_it_fits(clerk: Clerk):
    worker, held = await busy(clerk)
    clerk.room = 40
    recipes = [WriteRequest(random_seed=seed, candidates=16) for seed in range(5)]
    tickets = [worker.ask(recipe) for recipe in recipes]
    clerk.go_on.set()
    assert await asyncio.gather(held, *tickets)
    assert [len(batch) for batch in clerk.begun] == [1, 5, 2, 3, 1, 2]
    assert worker.figures.halvings == 2
    clerk.begun.clear()
    assert await asyncio.gather(*(worker.ask(recipe) for recipe in recipes))
    assert max(len(batch) for batch in clerk.begun) == 1
    await worker.stop()


async def test_what_a_batch_took_is_free_again_before_its_halves_are_written(clerk: Clerk):
    class Memory:
        pass

    taken = list[weakref.ref[Memory]]()
    held = list[bool]()

    def take(notes: Sequence[Note]) -> None:
        held.append(any(memory() is not None for memory in taken))
        memory = Memory()
        taken.append(weakref.ref(memory))
        if len(notes) > 1:
            raise MemoryError

    worker, first = await busy(clerk)
    clerk.on_grant = take
    tickets = [worker.ask(WriteRequest()) for _ in range(4)]
    clerk.go_on.set()
    await asyncio.gather(first, *tickets)
    assert held == [False] * 7
    await worker.stop()


async def test_a_wish_that_the_poet_cannot_meet_alone_is_not_written_twice(clerk: Clerk):
    worker = await begin(clerk)
    with pytest.raises(Clash):
        await worker.write(WriteRequest(seed="clash"))
    assert clerk.begun == [["clash"]]
    await worker.stop()


@pytest.mark.parametrize("steps", [0, -1, -7])
async def test_a_path_of_no_steps_is_refused_and_nobody_else_hears_of_it(clerk: Clerk, steps: int):
    worker, held = await busy(clerk)
    other = worker.ask(WriteRequest())
    path = worker.ask(BlendRequest(a="明月", b="流水", steps=steps))
    clerk.go_on.set()
    with pytest.raises(OutOfRange, match=f"is {steps}"):
        await path
    assert await asyncio.gather(held, other)
    assert worker.figures.falls == 0
    await worker.stop()


async def test_a_wish_that_no_memory_is_enough_for_gets_fewer_candidates_or_fails(clerk: Clerk):
    clerk.room = 5
    worker = await begin(clerk)
    request = (await worker.write(WriteRequest())).recipe.request
    assert 1 <= request.candidates <= 5
    with pytest.raises(WishFailed, match="MemoryError"):
        await worker.write(WriteRequest(random_seed=1))
    clerk.room = 0
    with pytest.raises(WishFailed):
        await worker.write(WriteRequest())
    await worker.stop()


async def test_a_wish_that_nobody_waits_behind_is_revised_as_its_form_allows_and_a_recipe_as_it_says(clerk: Clerk):
    worker = await begin(clerk)
    for _ in range(40):  # until the pace is known
        poem = await worker.write(WriteRequest(form=Form.QIJUE))
    assert isinstance(poem.recipe.request, WriteRequest)
    assert poem.recipe.request.revisions == 8
    asked = WriteRequest(form=Form.QIJUE, random_seed=1, candidates=64)
    assert (await worker.write(asked)).recipe.request == asked
    await worker.stop()


async def test_numbers_are_kept(clerk: Clerk):
    worker, held = await busy(clerk)
    tasks = [await ask(worker, seed) for seed in ("a", "unreadable", "b", "unforeseen")]
    assert worker.depth == 4
    clerk.go_on.set()
    await asyncio.gather(held, *tasks, return_exceptions=True)
    await worker.stop()  # a batch's own numbers are written after its wishes are answered
    figures = worker.figures
    assert (figures.came, figures.granted, figures.poems) == (5, 3, 3)
    assert +figures.drops == {"text_empty": 1, "wish_failed": 1}
    assert (figures.batch.count, figures.batch.total) == (2, 3)
    alone = held.result().recipe.request.candidates  # nobody waited behind it; and two together
    assert USUAL < alone < CANDIDATES[1]  # as many as there is time for by the pace that is supposed at first
    assert figures.candidates.total == alone + 2 * USUAL
    assert figures.wait.count == 3
    assert figures.decode.count == 2
    await worker.stop()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["good", "unreadable", "unforeseen", "stumble", "given up"]), max_size=12))
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

    expected = {
        "good": Poem,
        "unreadable": EmptyText,
        "unforeseen": WishFailed,
        "stumble": WishFailed,
        "given up": asyncio.CancelledError,
    }
    assert [type(result) for result in asyncio.run(story())] == [expected[fate] for fate in fates]


async def test_through_the_thread_the_poet_writes_what_it_writes_alone(poet: Poet, worker: Worker):
    request = WriteRequest(seed="明月", form=Form.COUPLET, random_seed=7)
    assert await worker.write(request) == poet.write(request)
    path = BlendRequest(a="大漠孤煙直", b="小橋流水", steps=2, form=Form.COUPLET, random_seed=7)
    assert await worker.blend(path) == poet.blend(path)
