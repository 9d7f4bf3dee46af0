from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.console.lines import decoded, split_lines

LINES = st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"")), max_size=8)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(edges) if a < b]


@given(LINES, st.lists(st.integers(0, 200)))
def test_lines_are_the_same_however_the_pipe_cuts_them(lines: list[bytes], places: list[int]):
    data = b"".join(line + b"\n" for line in lines)
    assert list(split_lines(cut(data, places))) == lines


@given(LINES, st.lists(st.integers(0, 200)), st.integers(0, 5))
def test_of_a_line_that_is_too_long_just_enough_is_kept_to_tell(lines: list[bytes], places: list[int], limit: int):
    data = b"".join(line + b"\n" for line in lines)
    assert list(split_lines(cut(data, places), limit)) == [line[: limit + 1] for line in lines]


def test_a_last_line_needs_no_line_break():
    assert list(split_lines([b"a\nb"])) == [b"a", b"b"]
    assert list(split_lines([b""])) == []


@given(st.binary())
def test_any_bytes_decode_to_text_that_can_be_written(line: bytes):
    decoded(line).encode()


def test_a_byte_order_mark_is_no_part_of_the_first_line():
    assert decoded("\ufeff/poem".encode()) == "/poem"
