"""What the worker promises, on a virtual clock. The figures are printed: `pytest -s tests/bot/worker/test_simulation.py`."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import TooManyWishes, WishTimedOut, WorkerBusy
from bot.worker.pace import Pace, Work
from bot.worker.queue import Queue
from bot.worker.wish import CANDIDATES_A_LINE
from tests.bot.worker.clerk import Note
from tests.bot.worker.simulation import Simulation, Told, percentile
from vae.poem import CANDIDATES, BlendRequest, Form, WriteRequest

FORMS = list(Form)


def a_crowd(simulation: Simulation, start: float, seconds: float, rate: float, first_person: int) -> list[Told]:
    """So many wishes a second, of all forms by turns, each of another person."""
    return [
        simulation.wish(start + i / rate, first_person + i, WriteRequest(form=FORMS[i % len(FORMS)]))
        for i in range(int(seconds * rate))
    ]


def known_pace() -> Pace:
    """What is learnt of the simulated poet, so that what a wish is given does not hang on what was learnt before it came."""
    pace = Pace()
    for work in [Work(form.size, count * form.size) for form in Form for count in (1, 16, 64)]:
        pace.observe(work, Simulation.STEP * work.places + Simulation.ROW * work.characters)
    return pace


def test_fifty_wishes_of_one_delay_another_by_no_more_than_a_batch():
    def waits(greedy: int, own: int) -> tuple[list[float], float, int]:
        """The waits of one person's single wishes of each form, the longest batch, and how many were refused."""
        every = []
        refused = 0
        for at, form in itertools.product((0.0, 0.03, 0.11, 0.4), Form):
            simulation = Simulation(Queue(200, own=own, pace=known_pace()))
            for i in range(greedy):
                simulation.wish(i * 1e-4, 1, WriteRequest(form=FORMS[i % len(FORMS)]))
            single = simulation.wish(at, 2, WriteRequest(form=form))
            simulation.run()
            refused = sum(isinstance(told.refusal, TooManyWishes) for told in simulation.told)
            longest = max(wrote.ended - wrote.began for wrote in simulation.wrote)
            every.append((single.wait, longest))
        return [wait for wait, _ in every], max(longest for _, longest in every), refused

    alone, _, _ = waits(0, 2)
    for own in (2, 50):
        beside, longest, refused = waits(50, own)
        delays = [with_ - without for with_, without in zip(beside, alone, strict=True)]
        print(
            f"{own} in flight, {refused} refused: delayed by {max(delays):.3f} s at most; longest batch {longest:.3f} s"
        )
        assert max(delays) <= longest
    assert refused == 0


def test_later_wishes_ride_along_only_where_nobody_is_passed_over():
    simulation = Simulation(Queue(64, own=10))
    simulation.wish(0, None)
    many = [simulation.wish(0.01, 1, WriteRequest(form=Form.QIJUE)) for _ in range(5)]
    single = simulation.wish(0.02, 2, WriteRequest(candidates=2, random_seed=1))
    simulation.run()
    assert many[0].begun < single.begun < many[1].begun
    assert len({told.begun for told in many[1:]}) == 1  # and together, once nobody else waits


def test_where_not_all_find_room_those_of_like_length_go_together():
    simulation = Simulation(Queue(64, rows=6))
    simulation.wish(0, None)
    asked = [(form, WriteRequest(form=form, random_seed=1, candidates=2)) for form in (Form.COUPLET, Form.QILV) * 3]
    told = [(form, simulation.wish(0.01, None, request)) for form, request in asked]
    short, long = ([each for form, each in told if form is wanted] for wanted in (Form.COUPLET, Form.QILV))
    simulation.run()
    assert [len({each.begun for each in alike}) for alike in (short, long)] == [1, 1]
    assert short[0].begun < long[0].begun


def test_nobody_rides_twice_past_one_who_waits_for_a_turn():
    simulation = Simulation(Queue(64, own=2, rows=16))
    for form in (Form.QIJUE, Form.QIJUE, Form.QIJUE, Form.QILV):
        simulation.wish(0, None, WriteRequest(form=form, random_seed=1, candidates=8))
    mine = simulation.wish(0.01, 1, WriteRequest(random_seed=1, candidates=3))
    theirs = [simulation.wish(0.02, 2, WriteRequest(random_seed=1, candidates=8)) for _ in range(2)]
    simulation.run()
    assert theirs[0].begun < mine.begun < theirs[1].begun


def test_later_wishes_do_not_make_longer_what_others_wait_for():
    simulation = Simulation(Queue(64, own=10))
    simulation.wish(0, None)
    many = [simulation.wish(0.01, 1, WriteRequest(form=Form.QILV)) for _ in range(5)]
    single = simulation.wish(0.02, 2, WriteRequest(form=Form.COUPLET))
    simulation.run()
    assert many[0].begun == single.begun < many[1].begun
    assert len({told.begun for told in many[1:]}) == 1


def test_a_wish_given_up_while_its_batch_is_tried_again_leaves_no_trace():
    simulation = Simulation(Queue(64))
    others = [simulation.wish(0, person, WriteRequest(seed=seed)) for person, seed in enumerate(("stumble", "a", "b"))]
    simulation.give_up(1e-3, others[2])
    simulation.run()
    assert [len(told.outcomes) for told in others] == [1, 1, 1]
    assert others[2].outcomes == ["given up"]
    assert not any(simulation.queue.in_flight(person) for person in range(3))


@settings(max_examples=10, deadline=None)
@given(phase=st.floats(0, 1))
def test_candidates_fall_before_anyone_is_refused_and_rise_again(phase):
    """As load rises; where it doubles within the seconds that a batch takes, the queue may be full before the next one begins."""
    simulation = Simulation(Queue(64))
    rates = (2, 10, 20, 40, 60, 80, 100, 120, 140, 160, 200, 240, 320, 20, 2)
    for second, rate in enumerate(rates):
        for part in range(3):
            start = 3 * second + part + (phase if second else 0)
            a_crowd(simulation, start, 1, rate, 10**6 * second + 10**4 * part)
    simulation.run()
    for second, rate in enumerate(rates):
        came = [told for told in simulation.told if 3 * second <= told.came - phase < 3 * second + 3]
        granted = [told for told in came if told.outcomes]
        counts = [told.candidates for told in granted]
        print(
            f"{rate:4d}/s: {len(came) - len(granted):4d} refused, candidates {min(counts):2d} to {max(counts):2d}, "
            f"p95 {percentile([told.wait for told in granted], 0.95):.2f} s"
        )
    refused = [told.came for told in simulation.told if isinstance(told.refusal, WorkerBusy)]
    assert refused
    down_to_one = min(told.begun for told in simulation.told if told.candidates == 1)
    assert down_to_one < min(refused)
    first, last = ([t for t in simulation.told if low <= t.came < low + 3] for low in (0, 3 * (len(rates) - 1) + phase))
    assert min(told.candidates for told in (*first, *last[-2:])) > CANDIDATES[1] - 2 * CANDIDATES_A_LINE
    assert max(refused) < 3 * rates.index(20, 3) + phase + 1  # over within a second of the load's fall
    assert all(told.wait < 5 for told in simulation.told if told.outcomes)


def test_who_is_refused_is_told_how_long_the_line_takes_and_about_so_long_it_takes():
    simulation = Simulation(Queue(64))
    a_crowd(simulation, 0, 1, 200, 0)
    simulation.run()
    refusal = next(told for told in simulation.told if told.refusal)
    before = max(t.done for t in simulation.told if t.done is not None and t.came < refusal.came)
    took = before - refusal.came
    print(f"told {refusal.refusal.details['seconds']} s, took {took:.2f} s")
    assert refusal.refusal.details["waiting"] == 64
    assert took / 3 < refusal.refusal.details["seconds"] < 3 * took + 1


def test_a_place_in_line_only_ever_gets_better():
    simulation = Simulation(Queue(64, rows=8), step=10e-3)
    a_crowd(simulation, 0, 0.1, 600, 0)
    mine = simulation.wish(0.15, 10**6)
    a_crowd(simulation, 0.2, 1, 10, 10**5)
    places: list[int] = []
    takes_time = simulation.clerk.on_grant

    def look(notes: Sequence[Note]) -> None:
        if mine.wish is not None:
            places.append(simulation.queue.place(mine.wish))
        takes_time(notes)

    simulation.clerk.on_grant = look
    simulation.run()
    assert places[0] > 10
    assert places[-1] == 0
    assert places == sorted(places, reverse=True)


def test_those_who_would_wait_too_long_are_dropped_when_a_batch_is_put_together():
    simulation = Simulation(Queue(64), patience=0.5, step=20e-3)
    a_crowd(simulation, 0, 1, 60, 0)
    simulation.run()
    late = [told for told in simulation.told if any(isinstance(outcome, WishTimedOut) for outcome in told.outcomes)]
    met = [told for told in simulation.told if told.outcomes and told not in late]
    assert late
    assert met
    assert all(told.begun is None for told in late)
    assert all(told.begun < told.came + 0.5 for told in met)
    assert simulation.figures.drops["wish_timed_out"] == len(late)


SEEDS = ["good"] * 8 + ["stumble", "unreadable", "unforeseen", "die", "break the device"]
REQUESTS = st.one_of(
    st.builds(
        WriteRequest,
        seed=st.sampled_from(SEEDS),
        form=st.sampled_from(Form),
        candidates=st.sampled_from([16, 16, 16, 3, 64]),
        random_seed=st.none() | st.just(7),
    ),
    st.builds(
        BlendRequest, a=st.sampled_from(SEEDS), b=st.just(""), steps=st.integers(2, 25), form=st.sampled_from(Form)
    ),
)
ARRIVALS = st.lists(
    st.tuples(
        st.floats(0, 3),  # when
        st.none() | st.integers(0, 4),  # who
        REQUESTS,
        st.none() | st.floats(0, 3),  # how long until it is taken back
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(
    arrivals=ARRIVALS,
    limit=st.integers(1, 40),
    own=st.sampled_from([2, 3, 50]),
    patience=st.floats(0.1, 5),
    room=st.integers(20, 400),
)
def test_no_wish_is_lost_or_answered_twice_and_turns_are_kept_whatever_happens(arrivals, limit, own, patience, room):
    queue = Queue(limit, own=own)
    simulation = Simulation(queue, patience=patience)
    simulation.clerk.room = room
    for when, person, request, given_up in arrivals:
        told = simulation.wish(when, person, request)
        if given_up is not None:
            simulation.give_up(when + given_up, told)
    simulation.run()
    assert len(simulation.told) == len(arrivals)
    for told in simulation.told:
        assert len(told.outcomes) == (told.refusal is None)
        if told.begun is not None:
            assert told.begun < told.came + patience
            assert_turn(told, simulation)
    for begun in {told.begun for told in simulation.told} - {None}:
        people = [told.person for told in simulation.told if told.begun == begun]
        named = [person for person in people if person is not None]
        assert len(set(people)) == 1 or len(named) == len(set(named))
    assert len(queue) == 0
    assert not queue.batches
    assert not any(queue.in_flight(person) for person in range(5))
    assert simulation.figures.batch.count >= simulation.figures.decode.count


def assert_turn(mine: Told, simulation: Simulation) -> None:
    """While somebody's only wish waits, nobody else has more than one wish begun."""
    if not mine.alone:
        return
    begun_before = [
        told.person
        for told in simulation.told
        if told.person not in (None, mine.person) and told.begun is not None and mine.came < told.begun < mine.begun
    ]
    assert len(begun_before) == len(set(begun_before))
