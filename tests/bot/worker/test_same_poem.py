"""A wish gives the same poem whatever is written beside it, and wherever."""

from __future__ import annotations

import ctypes
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from bot.worker import Worker
from vae.poem import Form, WriteRequest
from vae.poet import Poet

SEEDS = [None, "明月", "江上", "孤舟"]


def sixty_four(form: Form) -> list[WriteRequest]:
    """Wishes of one form that fill a batch together."""
    candidates = 2 if form.lines == 2 else 1
    return [WriteRequest(seed=SEEDS[i % 4], form=form, random_seed=i, candidates=candidates) for i in range(64)]


@pytest.mark.parametrize("form", Form)
def test_a_poem_is_the_same_alone_and_in_a_batch_of_64(poet: Poet, form: Form):
    requests = sixty_four(form)
    together = poet.grant([poet.prepare(request) for request in requests])
    for i in (1, 62):
        assert together[i] == poet.grant([poet.prepare(requests[i])])[0]


def test_a_poem_is_the_same_alone_and_among_64_of_all_forms(poet: Poet):
    forms = list(Form)
    requests = [
        WriteRequest(seed=SEEDS[i % 4], form=forms[i % len(forms)], random_seed=i, candidates=2, boldness=i % 5 / 4)
        for i in range(64)
    ]
    together = poet.write_all(requests)
    for i in (0, 17, 40, 63):
        assert together[i] == poet.write(requests[i])


async def test_recipes_that_go_through_the_worker_at_once_give_the_poems_they_give_alone(worker: Worker, poet: Poet):
    requests = [WriteRequest(seed=seed, form=form, random_seed=3, candidates=2) for form in Form for seed in SEEDS[:2]]
    tickets = [worker.ask(request) for request in requests]
    poems = [(await ticket)[0] for ticket in tickets]
    assert worker.figures.batch.mean > 1
    await worker.stop()
    assert poems[::4] == poet.write_all(requests[::4])


def test_a_poem_is_written_by_as_many_threads_as_were_set_whoever_asks(poet: Poet):
    """Sums over many inputs are split among threads, and a draw may tip by that."""
    openmp = re.search(r"/\S*(?:gomp|iomp|libomp)\S*", Path("/proc/self/maps").read_text())
    if openmp is None:
        pytest.skip("torch has no OpenMP here")
    threads_of_the_caller = ctypes.CDLL(openmp.group()).omp_get_max_threads
    prepared = poet.prepare(WriteRequest(form=Form.COUPLET, random_seed=1, candidates=2))
    before = torch.get_num_threads()
    torch.set_num_threads(3)  # which no thread has by itself on a machine of two cores
    try:
        with ThreadPoolExecutor(1) as other:
            other.submit(poet.grant, [prepared]).result()
            assert other.submit(threads_of_the_caller).result() == 3
    finally:
        torch.set_num_threads(before)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
@pytest.mark.parametrize("form", Form)
def test_a_gpu_writes_the_poems_of_the_processor_up_to_ties(poet: Poet, form: Form):
    """Sums are rounded otherwise there, so a draw that falls on the border of two characters may fall to the other side."""
    requests = sixty_four(form)
    there = Poet.load(device="cuda").write_all(requests)
    here = poet.write_all(requests)
    same = sum(mine.lines == its.lines for mine, its in zip(here, there, strict=True))
    assert same >= 60


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_on_a_gpu_too_a_poem_is_the_same_alone_and_in_a_batch():
    poet = Poet.load(device="cuda")
    requests = sixty_four(Form.QIJUE)
    together = poet.write_all(requests)
    assert sum(poet.write(requests[i]).lines == together[i].lines for i in range(0, 64, 8)) >= 7
