import dataclasses
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.screen import Pipe, harmless
from bot.service.blend_lines import Walk
from bot.service.desk import Written
from tests.bot.poems import a_poem


@given(st.text())
def test_nothing_that_steers_a_terminal_is_printed(text: str):
    shown = harmless(text)
    assert len(shown) == len(text)
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in shown if char != "\n")
    shown.encode()


@given(st.text(st.characters(categories=["L", "N", "P", "Z", "S", "M"])))
def test_what_can_be_read_stays(text: str):
    assert harmless(text) == text


def test_escape_codes_lose_their_escape():
    assert harmless("\x1b[31m\x9b2J\x07\u202e明月") == "\ufffd[31m\ufffd2J\ufffd\ufffd明月"


def test_each_step_of_a_walk_tells_whose_words_it_uses(capsys: pytest.CaptureFixture[str]):
    steps = [Written(number, dataclasses.replace(a_poem(), lean=lean)) for number, lean in enumerate((-1.0, 0.1, 1.0))]
    Pipe().walk(Walk("明月", "流水", (*steps, Written(3, a_poem()))))
    captions = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    for caption, bar in zip(captions, ("●──────", "───●───", "──────●"), strict=False):
        assert f" · words a {bar} b · " in caption
    assert "words" not in captions[3]  # nobody knows
