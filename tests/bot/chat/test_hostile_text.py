"""Whatever people type, nobody is pinged, nothing is formatted, and the text runs the way it should."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.text import plain

HARMLESS = re.compile(r"(?:\\[!-/:-@\[-`{-~]|[^!-/:-@\[-`{-~])*")
REVERSE = "\u202e"
SPECIMENS = {
    "everyone": "@everyone @here <@1> <@&2>",
    "markdown": "**a** __b__ ~~c~~ ||d|| `e` ```f```",
    "link": "[free poems](https://evil.example) https://evil.example",
    "heading": "# a\n> b\n- c\n-# d",
    "furniture": "<:smile:1> <t:0:R> </poem:1> <#3>",
    "reversed": f"{REVERSE}olleh\u2067a",
    "arabic": "مرحبا",
    "emoji": "🌕🌸👩‍👩‍👧‍👦",
    "latin": "the moon",
    "control": "\0\x1b[31m\u2028\u2029",
    "spaces": " \u3000\n",
}
every_specimen = pytest.mark.parametrize("text", SPECIMENS.values(), ids=SPECIMENS.keys())


def assert_harmless(exchange):
    assert exchange.refused == []
    for message in exchange.messages:
        assert message.pings == []
        assert message.allowed_mentions == {"parse": []}
        assert not any(
            unicodedata.bidirectional(char) in ("RLO", "LRO", "RLE", "LRE", "RLI") for char in message.everything
        )


@every_specimen
async def test_whatever_is_typed_gets_one_quiet_answer(text, bot):
    exchange = await bot.asked("poem", {"seed": text})
    assert_harmless(exchange)
    (said,) = exchange.texts
    assert said.startswith("> ") or said.count("\n") == 0  # a poem, or one clear sentence


async def test_such_text_around_chinese_stands_quietly_over_the_walk(bot):
    hostile = "".join(SPECIMENS.values())[:300]
    exchange = await bot.asked("blend", {"a": f"明月{hostile}", "b": f"春江{hostile}", "steps": 2})
    assert_harmless(exchange)
    told = re.fullmatch(r"Ⓐ \*\*(明月.*…)\*\* → Ⓑ \*\*(春江.*…)\*\*", exchange.texts[0].splitlines()[0])
    assert HARMLESS.fullmatch(told[1])
    assert HARMLESS.fullmatch(told[2])


@every_specimen
def test_such_text_is_plain(text):
    told = plain(text)
    assert HARMLESS.fullmatch(told)
    assert "https:" not in told


async def test_five_thousand_characters_get_one_clear_sentence(bot):
    exchange = await bot.asked("poem", {"seed": "明" * 5000}, unchecked=True)
    assert_harmless(exchange)
    (said,) = exchange.texts
    assert "5000 characters" in said
    assert "400" in said


async def test_a_form_that_is_none_gets_one_clear_sentence_that_only_they_see(bot):
    exchange = await bot.asked("poem", {"form": "@everyone *limerick*"}, unchecked=True)
    assert_harmless(exchange)
    (message,) = exchange.messages
    assert "limerick" in message.everything
    assert "wujue" in message.everything
    assert message.ephemeral


async def test_a_walk_that_cannot_be_read_at_one_end_says_which(bot):
    (said,) = (await bot.asked("blend", {"a": "明月", "b": "qwertz"})).texts
    assert "qwertz" in said
    assert said.count("\n") == 0


@given(st.text())
def test_plain_text_holds_no_markup(text):
    assert HARMLESS.fullmatch(plain(text))


@given(st.text(alphabet=st.characters(categories=["Cf", "Cc", "Zs", "Zl", "Lo"])))
def test_plain_text_is_one_line_without_marks_of_direction(text):
    told = plain(text)
    assert len(told.splitlines()) <= 1
    assert {char for char in told if unicodedata.category(char) in ("Cf", "Cc")} <= {"\u2068", "\u2069"}
    assert told.count("\u2068") == told.count("\u2069") <= 1


@given(st.lists(st.sampled_from(["@", "everyone", "here", "<", "!", "&", "7", ">", "\\", "\u200b", "\u202e"])))
def test_plain_text_mentions_nobody(parts):
    text = "".join(parts)
    assert not re.search(r"@(everyone|here|[!&]?\d)", plain(text))


@given(st.text(alphabet=st.characters(categories=["Lo", "Ll", "Nd"]), max_size=30))
def test_ordinary_words_stay_as_they_are(text):
    assert plain(text).strip("\u2068\u2069") == text


@given(st.text(min_size=1), st.integers(1, 20))
def test_plain_text_ends_in_an_ellipsis_where_it_is_too_long(text, limit):
    shown = re.sub(r"\\(.)|[\u200b\u2068\u2069]", r"\1", plain(text, limit))
    assert len(shown) <= limit
