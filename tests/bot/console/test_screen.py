import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bot.console.screen import harmless


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
