import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.commands import COMMANDS, HELP, CommandError, Help, Quit, parse
from bot.errors import BotError
from vae.errors import PoetError, UnknownChoice
from vae.poem import BlendRequest, Form, Script, WriteRequest

PLAIN = st.text(st.characters(categories=["L", "N"]), min_size=1)
SPACED = st.lists(PLAIN, min_size=1, max_size=3).map(" ".join)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/poem", WriteRequest()),
        ("/poem 明月", WriteRequest(seed="明月")),
        ("明月", WriteRequest(seed="明月")),
        ("  春江 花月夜 ", WriteRequest(seed="春江 花月夜")),
        ('/poem ""', WriteRequest(seed="")),
        ("/POEM 明月 form:qijue", WriteRequest(seed="明月", form=Form.QIJUE)),
        ("／poem form：七绝 明月", WriteRequest(seed="明月", form=Form.QIJUE)),
        ("明月 random-seed:7 script:HANS", WriteRequest(seed="明月", random_seed=7, script=Script.HANS)),
        ("/poem random_seed:-7 script:繁體", WriteRequest(random_seed=-7, script=Script.HANT)),
        ('/poem "form:qijue"', WriteRequest(seed="form:qijue")),
        ("/poem 題:明月", WriteRequest(seed="題:明月")),
        ("/poem don't", WriteRequest(seed="don't")),
        ('/poem "明月', WriteRequest(seed='"明月')),
        ("/blend 大漠孤煙直 小橋流水人家", BlendRequest(a="大漠孤煙直", b="小橋流水人家")),
        ('/blend "明月 松間" “清泉 石上” steps:3', BlendRequest(a="明月 松間", b="清泉 石上", steps=3)),
        ("/blend 「明月」 form:couplet 流水", BlendRequest(a="明月", b="流水", form=Form.COUPLET)),
        ("/help", Help()),
        ("/quit now", Quit()),
    ],
)
def test_a_line_reads_as(line: str, command: object):
    assert parse(line) == command


@pytest.mark.parametrize(
    ("line", "error", "told"),
    [
        ("/frob", UnknownChoice, "no command called /frob.*/poem, /blend, /help, /quit"),
        ("/", UnknownChoice, "/poem"),
        ("/poem form:haiku", UnknownChoice, "no form called haiku.*qijue"),
        ("/poem form:", UnknownChoice, "no form"),
        ("/poem script:latin", UnknownChoice, "no script called latin.*hans, hant"),
        ("/poem frm:qijue", UnknownChoice, "frm.*form, place, random-seed, rhyme"),
        ("/poem steps:3", UnknownChoice, "steps"),
        ("/poem random-seed:1.5", CommandError, "whole number.*1.5"),
        ("/poem random-seed:" + "9" * 5000, CommandError, "at most 18 digits"),
        ("/blend steps:two a b", CommandError, "whole number.*two"),
        ("/blend", CommandError, "two texts, not 0"),
        ("/blend 明月", CommandError, "two texts, not 1"),
        ("/blend 明月 松間 照", CommandError, "two texts, not 3.*quotes"),
    ],
)
def test_a_line_that_is_no_command_says_what_would_be(line: str, error: type[Exception], told: str):
    with pytest.raises(error, match=told):
        parse(line)


@given(st.text() | st.text().map("/poem ".__add__) | st.text().map("/blend ".__add__))
def test_any_line_is_a_command_or_an_error_of_ours_in_few_words(line: str):
    try:
        read: object = parse(line)
    except (PoetError, BotError) as error:
        read = str(error)
        assert len(read) < 300
    assert isinstance(read, WriteRequest | BlendRequest | Help | Quit | str)


@given(SPACED, SPACED, st.sampled_from(['"{}"', "“{}”", "「{}」", "『{}』"]))
def test_quotes_hold_a_text_together(a: str, b: str, quotes: str):
    assert parse(f"/blend {quotes.format(a)} {quotes.format(b)}") == BlendRequest(a=a, b=b)
    assert parse(f"/poem {quotes.format(a)}") == WriteRequest(seed=a)


@given(st.permutations(["明月", "松間", "steps:3", "form:qijue", "script:hans", "random-seed:7"]))
def test_options_stand_anywhere_and_in_any_order(words: list[str]):
    a, b = [word for word in words if ":" not in word]
    expected = BlendRequest(a=a, b=b, steps=3, form=Form.QIJUE, script=Script.HANS, random_seed=7)
    assert parse(" ".join(["/blend", *words])) == expected


def test_the_help_names_every_command():
    assert all(f"/{name}" in HELP for name in COMMANDS)


def test_the_form_can_be_told_in_all_its_parts() -> None:
    line = "/poem 明月 form:七律 rhyme:東 scheme:S2 acrostic:春夏 table:modern script:hans random-seed:7"
    assert parse(line) == WriteRequest(
        seed="明月",
        form=Form.QILV,
        rhyme="東",
        scheme="S2",
        acrostic="春夏",
        table="modern",
        script=Script.HANS,
        random_seed=7,
    )


def test_an_option_may_be_quoted_and_hold_spaces() -> None:
    request = parse('/poem 明月 place:2 boldness:bold answer:"白日依山盡 黃河入海流"')
    assert request == WriteRequest(seed="明月", place=2, boldness=1.0, answer="白日依山盡 黃河入海流")
