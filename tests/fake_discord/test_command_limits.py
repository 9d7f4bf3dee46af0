"""Each limit of commands and their choices lets through what is just small enough, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fake_discord import command_limits
from tests.fake_discord.exchange import AUTOCOMPLETE, CHOICES
from tests.fake_discord.wire import INVALID_FORM, OK, codes

SHORTER, BETWEEN = "BASE_TYPE_MAX_LENGTH", "BASE_TYPE_BAD_LENGTH"


def command(**parts: Any) -> dict[str, Any]:
    return {"name": "poem", "description": "A poem"} | parts


def option(i: int = 0, **parts: Any) -> dict[str, Any]:
    return {"name": f"o{i}", "description": "d", "type": 3} | parts


def choice(i: int, **parts: Any) -> dict[str, Any]:
    return {"name": str(i), "value": str(i)} | parts


COMMANDS = {
    "name": ([command(name="n" * 32)], [command(name="n" * 33)], "0.name", BETWEEN),
    "lower case": ([command(name="poem")], [command(name="Poem")], "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    "no spaces": ([command(name="a-poem")], [command(name="a poem")], "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    "localised name": (
        [command(name_localizations={"zh-CN": "诗"})],
        [command(name_localizations={"zh-CN": "诗" * 33})],
        "0.name_localizations.zh-CN",
        BETWEEN,
    ),
    "localised description": (
        [command(description_localizations={"zh-CN": "诗" * 100})],
        [command(description_localizations={"zh-CN": "诗" * 101})],
        "0.description_localizations.zh-CN",
        BETWEEN,
    ),
    "description": ([command(description="d" * 100)], [command(description="d" * 101)], "0.description", SHORTER),
    "description present": ([command()], [{"name": "poem"}], "0.description", BETWEEN),
    "options": (
        [command(options=[option(i) for i in range(25)])],
        [command(options=[option(i) for i in range(26)])],
        "0.options",
        SHORTER,
    ),
    "options differ": (
        [command(options=[option(0), option(1)])],
        [command(options=[option(0), option(0)])],
        "0.options.1",
        "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED",
    ),
    "required first": (
        [command(options=[option(0, required=True), option(1)])],
        [command(options=[option(0), option(1, required=True)])],
        "0.options",
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    "choices": (
        [command(options=[option(choices=[choice(i) for i in range(25)])])],
        [command(options=[option(choices=[choice(i) for i in range(26)])])],
        "0.options.0.choices",
        SHORTER,
    ),
    "choice name": (
        [command(options=[option(choices=[choice(0, name="n" * 100)])])],
        [command(options=[option(choices=[choice(0, name="n" * 101)])])],
        "0.options.0.choices.0.name",
        BETWEEN,
    ),
    "choice value": (
        [command(options=[option(choices=[choice(0, value="v" * 100)])])],
        [command(options=[option(choices=[choice(0, value="v" * 101)])])],
        "0.options.0.choices.0.value",
        BETWEEN,
    ),
    "all text of a command": (
        [command(options=[option(i, description="d" * 100) for i in range(25)])],
        [command(options=[option(i, choices=[choice(j, name="n" * 100) for j in range(8)]) for i in range(10)])],
        "0",
        "APPLICATION_COMMAND_TOO_LARGE",
    ),
    "commands": (
        [command(name=f"c{i}") for i in range(100)],
        [command(name=f"c{i}") for i in range(101)],
        "",
        "APPLICATION_COMMANDS_MAX",
    ),
    "commands differ": (
        [command(), command(name="blend")],
        [command(), command()],
        "1",
        "APPLICATION_COMMANDS_DUPLICATE_NAME",
    ),
    "context menus": (
        [{"name": f"Answer in verse {i}", "type": 3} for i in range(15)],
        [{"name": f"Answer in verse {i}", "type": 3} for i in range(16)],
        "",
        "APPLICATION_COMMANDS_MAX",
    ),
}


@pytest.mark.parametrize(("just_right", "too_much", "path", "code"), COMMANDS.values(), ids=COMMANDS.keys())
async def test_commands(just_right, too_much, path, code, wire):
    assert (await wire.put_commands(just_right))[0] == OK
    assert wire.discord.invalid == []
    verdict, answer = await wire.put_commands(too_much)
    assert verdict == INVALID_FORM
    assert codes(answer, path) == [code]
    assert [c["name"] for c in wire.discord.commands.everywhere] == [c["name"] for c in just_right]


async def test_200_commands_can_be_created_a_day(wire):
    for letter in "ab":
        assert (await wire.put_commands([command(name=f"{letter}{i}") for i in range(100)]))[0] == OK
    assert (await wire.put_commands([command(name=f"b{i}") for i in range(100)]))[0] == OK
    assert (await wire.put_commands([command(name="c")]))[0] == (400, 30034)
    wire.discord.clock.advance(24 * 60 * 60)
    assert (await wire.put_commands([command(name="c")]))[0] == OK


async def test_choices_of_an_autocompletion(wire):
    for wrong, path in (
        ([choice(i) for i in range(26)], "data.choices"),
        ([choice(0, name="n" * 101)], "data.choices.0.name"),
        ([choice(0, value="v" * 101)], "data.choices.0.value"),
    ):
        exchange = await wire.discord.interact(AUTOCOMPLETE, {"name": "poem", "type": 1})
        verdict, answer = await wire.answer(exchange, CHOICES, {"choices": wrong})
        assert verdict == INVALID_FORM
        assert codes(answer, path)
        right = {"choices": [choice(i, name="n" * 100, value="v" * 100) for i in range(25)]}
        assert (await wire.answer(exchange, CHOICES, right))[0] == OK


def test_the_longest_localisation_counts_towards_the_text_of_a_command():
    plain = command_limits.command_text(command())
    assert command_limits.command_text(command(description_localizations={"de": "d" * 90})) == plain - 6 + 90
    assert command_limits.command_text(command(description_localizations={"de": "d"})) == plain
