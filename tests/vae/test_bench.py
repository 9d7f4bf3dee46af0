"""The bench measures what it says; how fast anything is, no test asks."""

from __future__ import annotations

import json

import pytest
import torch

from tests.vae import small
from vae import bench, weights
from vae.errors import UnknownChoice
from vae.nets.flagship import Flagship
from vae.poet import Poet


def test_calls_are_timed_one_by_one() -> None:
    calls: list[int] = []
    found = bench.times(lambda: calls.append(1), 0.0)
    assert len(found) == 3
    assert len(calls) == 4
    assert all(each >= 0 for each in found)


def test_the_work_is_counted_from_the_matrices() -> None:
    net = weights.build(small.FLAGSHIP)
    assert isinstance(net, Flagship)
    width, vocabulary = small.FLAGSHIP.width, small.FLAGSHIP.vocabulary
    each = small.FLAGSHIP.layers * 12 * width**2 + width * vocabulary
    operations, read = bench.work(net)
    written, read_again = bench.ROWS, 4  # with their code, and the best without it
    assert operations == 2 * each * (written + read_again) * bench.FORM.size
    assert read % each == 0


@torch.inference_mode()
def test_rivals_write_as_many_characters(poet: Poet) -> None:
    bench.without_cache(poet.net)() if isinstance(poet.net, Flagship) else pytest.fail("the flagship ships")
    for rival in bench.gpt2(poet) or []:
        written = rival()
        assert isinstance(written, torch.Tensor)
        assert written.shape == (bench.ROWS, 1 + bench.FORM.size)
        assert int(written.max()) < len(poet.vocabulary)


def test_a_fresh_process_gets_ready_and_tells_what_it_holds() -> None:
    seconds, resident, peak = bench.start()
    assert seconds > 0
    assert not resident > peak


def test_the_table_reads_as_text_and_as_json() -> None:
    found = bench.Result(
        "A processor", 2, "float32", False, matrix=2e9, memory=1e9, floor={"operations": 1e8, "bytes": 1e6}
    )
    found.add("qijue, 16 candidates", [0.1, 0.2, 0.3])
    found.add("16 together", [4.0], 16)
    found.add("(c) GPT-2, generate", [1.0])
    found.add("(d) floor", [0.05])
    text = bench.table(found)
    assert "times faster than GPT-2: 5.0" in text
    assert "times the floor: 4.0" in text
    rows = json.loads(bench.to_json(found))["rows"]
    assert [row["ratio"] for row in rows] == [1.0, None, 5.0, 0.25]
    assert rows[1]["rate"] == 4.0


def test_only_the_flagship_is_timed() -> None:
    with pytest.raises(UnknownChoice, match="flagship"):
        bench.run(Poet.load(weights.shipped("ancestor"), "cpu"), 0.01)
