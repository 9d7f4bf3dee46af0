"""Each limit lets through what is just small enough, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fake_discord import limits
from tests.fake_discord.limits import IS_COMPONENTS_V2

V2 = {"flags": IS_COMPONENTS_V2}


def button(i: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "again", "custom_id": f"b{i}"} | more


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


def rows(buttons: int, **more: Any) -> dict[str, Any]:
    return {"components": [row(*(button(i, **more) for i in range(buttons)))]}


def select(options: int, **more: Any) -> dict[str, Any]:
    entries = [{"label": "a", "value": str(i)} | more for i in range(options)]
    return {"components": [row({"type": 3, "custom_id": "s", "options": entries})]}


def text(size: int) -> dict[str, Any]:
    return {"type": 10, "content": "a" * size}


def embed(**parts: Any) -> dict[str, Any]:
    return {"embeds": [parts]}


def field(name: int, value: int) -> dict[str, str]:
    return {"name": "n" * name, "value": "v" * value}


def command(**parts: Any) -> dict[str, Any]:
    return {"name": "poem", "description": "A poem"} | parts


def option(i: int = 0, **parts: Any) -> dict[str, Any]:
    return {"name": f"o{i}", "description": "d", "type": 3} | parts


MESSAGES = {
    "content": ({"content": "a" * 2000}, {"content": "a" * 2001}),
    "embeds": ({"embeds": [{"title": "t"}] * 10}, {"embeds": [{"title": "t"}] * 11}),
    "embed title": (embed(title="t" * 256), embed(title="t" * 257)),
    "embed description": (embed(description="d" * 4096), embed(description="d" * 4097)),
    "embed fields": (embed(fields=[field(1, 1)] * 25), embed(fields=[field(1, 1)] * 26)),
    "field name": (embed(fields=[field(256, 1)]), embed(fields=[field(257, 1)])),
    "field value": (embed(fields=[field(1, 1024)]), embed(fields=[field(1, 1025)])),
    "empty field": (embed(fields=[field(1, 1)]), embed(fields=[field(1, 0)])),
    "footer": (embed(footer={"text": "f" * 2048}), embed(footer={"text": "f" * 2049})),
    "author": (embed(author={"name": "a" * 256}), embed(author={"name": "a" * 257})),
    "all embeds": (
        {"embeds": [{"description": "d" * 3000}] * 2},
        {"embeds": [{"description": "d" * 3000}, {"description": "d" * 3001}]},
    ),
    "rows": ({"components": [row(button(i)) for i in range(5)]}, {"components": [row(button(i)) for i in range(6)]}),
    "buttons in a row": (rows(5), rows(6)),
    "a select fills its row": (
        select(1),
        {"components": [row(button(), *select(1)["components"][0]["components"])]},
    ),
    "button label": (rows(1, label="l" * 80), rows(1, label="l" * 81)),
    "custom id": (rows(1, custom_id="c" * 100), rows(1, custom_id="c" * 101)),
    "custom id present": (rows(1), rows(1, custom_id="")),
    "custom ids differ": (rows(2), rows(2, custom_id="same")),
    "select options": (select(25), select(26)),
    "select label": (select(1, label="l" * 100), select(1, label="l" * 101)),
    "attachments": ({"attachments": [{"id": i} for i in range(10)]}, {"attachments": [{"id": i} for i in range(11)]}),
    "alternative text": (
        {"attachments": [{"id": 0, "description": "d" * 1024}]},
        {"attachments": [{"id": 0, "description": "d" * 1025}]},
    ),
    "texts stand in rows only in V2": (V2 | {"components": [text(1)]}, {"components": [text(1)]}),
    "V2 text": (V2 | {"components": [text(2000)] * 2}, V2 | {"components": [text(2000), text(2001)]}),
    "V2 components": (V2 | {"components": [text(1)] * 40}, V2 | {"components": [text(1)] * 41}),
    "V2 components nested": (
        V2 | {"components": [{"type": 17, "components": [text(1)] * 39}]},
        V2 | {"components": [{"type": 17, "components": [text(1)] * 40}]},
    ),
    "V2 has no content": (
        V2 | {"content": None, "components": [text(1)]},
        V2 | {"content": "a", "components": [text(1)]},
    ),
}

COMMANDS = {
    "name": ([command(name="n" * 32)], [command(name="n" * 33)]),
    "lower case": ([command(name="poem")], [command(name="Poem")]),
    "no spaces": ([command(name="a-poem")], [command(name="a poem")]),
    "localised name": (
        [command(name_localizations={"zh-CN": "诗"})],
        [command(name_localizations={"zh-CN": "诗" * 33})],
    ),
    "description": ([command(description="d" * 100)], [command(description="d" * 101)]),
    "description present": ([command()], [{"name": "poem"}]),
    "options": (
        [command(options=[option(i) for i in range(25)])],
        [command(options=[option(i) for i in range(26)])],
    ),
    "required first": (
        [command(options=[option(0, required=True), option(1)])],
        [command(options=[option(0), option(1, required=True)])],
    ),
    "choices": (
        [command(options=[option(choices=[{"name": str(i), "value": str(i)} for i in range(25)])])],
        [command(options=[option(choices=[{"name": str(i), "value": str(i)} for i in range(26)])])],
    ),
    "choice name": (
        [command(options=[option(choices=[{"name": "n" * 100, "value": "v"}])])],
        [command(options=[option(choices=[{"name": "n" * 101, "value": "v"}])])],
    ),
    "all text of a command": (
        [command(name="n", description="d", options=[option(i, name="o", description="d" * 99) for i in range(25)])],
        [
            command(
                options=[
                    option(i, choices=[{"name": "n" * 100, "value": "v" * 100} for _ in range(4)]) for i in range(10)
                ]
            )
        ],
    ),
    "commands": ([command(name=f"c{i}") for i in range(100)], [command(name=f"c{i}") for i in range(101)]),
    "context menus": (
        [{"name": f"Answer in verse {i}", "type": 3} for i in range(15)],
        [{"name": f"Answer in verse {i}", "type": 3} for i in range(16)],
    ),
}


@pytest.mark.parametrize(("just_right", "too_much"), MESSAGES.values(), ids=MESSAGES.keys())
def test_messages(just_right, too_much):
    assert list(limits.check_message(just_right)) == []
    assert len(list(limits.check_message(too_much))) >= 1


@pytest.mark.parametrize(("just_right", "too_much"), COMMANDS.values(), ids=COMMANDS.keys())
def test_commands(just_right, too_much):
    assert list(limits.check_commands(just_right)) == []
    assert len(list(limits.check_commands(too_much))) >= 1


def test_the_longest_localisation_counts_towards_the_text_of_a_command():
    plain = limits.command_text(command())
    assert limits.command_text(command(description_localizations={"de": "d" * 90})) == plain - len("A poem") + 90
    assert limits.command_text(command(description_localizations={"de": "d"})) == plain


def test_modals():
    modal = {"title": "t" * 45, "custom_id": "m", "components": [{"type": 18}] * 5}
    assert list(limits.check_modal(modal)) == []
    for wrong in ({"title": "t" * 46}, {"custom_id": ""}, {"components": [{"type": 18}] * 6}, {"components": []}):
        assert list(limits.check_modal(modal | wrong))
