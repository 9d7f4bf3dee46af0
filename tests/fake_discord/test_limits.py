"""Each limit of a message lets through what is just small enough, and no more: seen from the wire, in Discord's own words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fake_discord import payloads
from tests.fake_discord.limits import IS_COMPONENTS_V2
from tests.fake_discord.wire import INVALID_FORM, OK, codes

SHORTER, BETWEEN, NEEDED = "BASE_TYPE_MAX_LENGTH", "BASE_TYPE_BAD_LENGTH", "BASE_TYPE_REQUIRED"
V2 = {"flags": IS_COMPONENTS_V2}


def button(i: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "again", "custom_id": f"b{i}"} | more


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


def rows(buttons: int, **more: Any) -> dict[str, Any]:
    return {"components": [row(*(button(i, **more) for i in range(buttons)))]}


def select(options: int = 1, *, option: Any = (), **more: Any) -> dict[str, Any]:
    entries = [{"label": "a", "value": str(i)} | dict(option) for i in range(options)]
    return {"components": [row({"type": 3, "custom_id": "s", "options": entries} | more)]}


def text(size: int, letter: str = "a") -> dict[str, Any]:
    return {"type": 10, "content": letter * size}


def embed(**parts: Any) -> dict[str, Any]:
    return {"embeds": [parts]}


def field(name: int, value: int) -> dict[str, str]:
    return {"name": "n" * name, "value": "v" * value}


def v2(*components: dict[str, Any]) -> dict[str, Any]:
    return V2 | {"components": list(components)}


def gallery(items: int) -> dict[str, Any]:
    return {"type": 12, "items": [{"media": {"url": "https://example.org/card.png"}}] * items}


def section(texts: int) -> dict[str, Any]:
    return {"type": 9, "components": [text(1)] * texts, "accessory": button()}


ROW, BUTTON, SELECT = "components.0", "components.0.components.0", "components.0.components.0"

MESSAGES = {
    "content": ({"content": "a" * 2000}, {"content": "a" * 2001}, "content", SHORTER),
    "embeds": ({"embeds": [{"title": "t"}] * 10}, {"embeds": [{"title": "t"}] * 11}, "embeds", SHORTER),
    "embed title": (embed(title="t" * 256), embed(title="t" * 257), "embeds.0.title", SHORTER),
    "embed description": (
        embed(description="d" * 4096),
        embed(description="d" * 4097),
        "embeds.0.description",
        SHORTER,
    ),
    "embed fields": (embed(fields=[field(1, 1)] * 25), embed(fields=[field(1, 1)] * 26), "embeds.0.fields", SHORTER),
    "field name": (embed(fields=[field(256, 1)]), embed(fields=[field(257, 1)]), "embeds.0.fields.0.name", SHORTER),
    "field value": (embed(fields=[field(1, 1024)]), embed(fields=[field(1, 1025)]), "embeds.0.fields.0.value", SHORTER),
    "footer": (embed(footer={"text": "f" * 2048}), embed(footer={"text": "f" * 2049}), "embeds.0.footer.text", SHORTER),
    "author": (embed(author={"name": "a" * 256}), embed(author={"name": "a" * 257}), "embeds.0.author.name", SHORTER),
    "all embeds": (
        {"embeds": [{"description": "d" * 3000}] * 2},
        {"embeds": [{"description": "d" * 3000}, {"description": "d" * 3001}]},
        "embeds",
        "MAX_EMBED_SIZE_EXCEEDED",
    ),
    "rows": (
        {"components": [row(button(i)) for i in range(5)]},
        {"components": [row(button(i)) for i in range(6)]},
        "components",
        SHORTER,
    ),
    "buttons in a row": (rows(5), rows(6), "components.0.components", BETWEEN),
    "a select fills its row": (
        select(),
        {"components": [row(button(), *select()["components"][0]["components"])]},
        "components.0.components.1",
        "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
    ),
    "button label": (rows(1, label="l" * 80), rows(1, label="l" * 81), f"{BUTTON}.label", SHORTER),
    "custom id": (rows(1, custom_id="c" * 100), rows(1, custom_id="c" * 101), f"{BUTTON}.custom_id", BETWEEN),
    "custom id present": (rows(1), rows(1, custom_id=None), f"{BUTTON}.custom_id", NEEDED),
    "custom ids differ": (
        rows(2),
        rows(2, custom_id="same"),
        "components.0.components.1.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    "something to see on a button": (
        rows(1, label=None, emoji={"name": "📖"}),
        rows(1, label=None),
        BUTTON,
        "BUTTON_COMPONENT_INVALID_LABEL_EMOJI",
    ),
    "links have an address": (
        rows(1, style=5, custom_id=None, url="https://example.org"),
        rows(1, style=5, custom_id=None),
        f"{BUTTON}.url",
        NEEDED,
    ),
    "select options": (select(25), select(26), f"{SELECT}.options", BETWEEN),
    "select label": (
        select(option={"label": "l" * 100}),
        select(option={"label": "l" * 101}),
        f"{SELECT}.options.0.label",
        BETWEEN,
    ),
    "select description": (
        select(option={"description": "d" * 100}),
        select(option={"description": "d" * 101}),
        f"{SELECT}.options.0.description",
        SHORTER,
    ),
    "select values differ": (
        select(2),
        select(2, option={"value": "same"}),
        f"{SELECT}.options.1.value",
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    "as much to choose as there is": (
        select(2, max_values=2),
        select(2, max_values=3),
        f"{SELECT}.max_values",
        "SELECT_COMPONENT_MAX_VALUES_TOO_LARGE",
    ),
    "placeholder": (
        select(placeholder="p" * 150),
        select(placeholder="p" * 151),
        f"{SELECT}.placeholder",
        SHORTER,
    ),
    "texts stand in rows only in V2": (v2(text(1)), {"components": [text(1)]}, f"{ROW}.type", "UNION_TYPE_CHOICES"),
    "V2 text": (
        v2(text(2000), text(2000)),
        v2(text(2000), text(2001)),
        "components",
        "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ),
    "V2 components": (
        v2(*[text(1)] * 40),
        v2({"type": 17, "components": [text(1)] * 40}),
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    "V2 has no content": (
        V2 | {"content": None, "components": [text(1)]},
        V2 | {"content": "a", "components": [text(1)]},
        "content",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "V2 has no embeds": (
        V2 | {"embeds": [], "components": [text(1)]},
        V2 | {"embeds": [{"title": "t"}], "components": [text(1)]},
        "embeds",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "V2 gallery": (v2(gallery(10)), v2(gallery(11)), "components.0.items", BETWEEN),
    "V2 section": (v2(section(3)), v2(section(4)), "components.0.components", BETWEEN),
    "V2 shows files that are there": (
        v2(gallery(1)),
        v2({"type": 13, "file": {"url": "attachment://card.png"}}),
        "components.0.file.url",
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
    ),
}


@pytest.mark.parametrize(("just_right", "too_much", "path", "code"), MESSAGES.values(), ids=MESSAGES.keys())
async def test_messages(just_right, too_much, path, code, wire):
    assert (await wire.say(just_right))[0] == OK
    assert wire.discord.invalid == []
    verdict, answer = await wire.say(too_much)
    assert verdict == INVALID_FORM
    assert codes(answer, path) == [code]
    assert wire.discord.invalid


async def test_files(wire):
    ten = {f"{i}.txt": b"" for i in range(10)}
    listed = {"attachments": [{"id": i, "description": "d" * 1024} for i in range(10)]}
    assert (await wire.say(listed, files=ten))[0] == OK
    too_long = {"attachments": [{"id": 0, "description": "d" * 1025}]}
    verdict, answer = await wire.say(too_long, files={"a.txt": b""})
    assert (verdict, codes(answer, "attachments.0.description")) == (INVALID_FORM, [SHORTER])
    assert (await wire.say({"content": "a"}, files=ten | {"10.txt": b""}))[0] == INVALID_FORM
    most = payloads.ATTACHMENT_SIZE_LIMIT
    assert (await wire.say({}, files={"a.txt": bytes(most)}))[0] == OK
    assert (await wire.say({}, files={"a.txt": bytes(most + 1)}))[0] == (413, 40005)
    assert (await wire.say({}, files={f"{i}.txt": bytes(most) for i in range(3)}))[0] == (413, 40005)


async def test_v2_text_breaks_discord_over_10_170_bytes(wire):
    assert (await wire.say(v2(text(3386, "月"))))[0] == OK
    assert (await wire.say(v2(text(3387, "月"))))[0] == (500, 0)
