"""Each limit of modals lets through what is just small enough, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fake_discord.exchange import MODAL
from tests.fake_discord.wire import INVALID_FORM, OK, codes

SHORTER, BETWEEN = "BASE_TYPE_MAX_LENGTH", "BASE_TYPE_BAD_LENGTH"


def label(i: int = 0, **component: Any) -> dict[str, Any]:
    return {"type": 18, "label": "A line", "component": {"type": 4, "style": 1, "custom_id": f"t{i}"} | component}


def modal(**parts: Any) -> dict[str, Any]:
    return {"title": "Blend", "custom_id": "m", "components": [label()]} | parts


def fields(count: int, **component: Any) -> dict[str, Any]:
    return modal(components=[label(i, **component) for i in range(count)])


MODALS = {
    "title": (modal(title="t" * 45), modal(title="t" * 46), "title", BETWEEN),
    "custom id": (modal(custom_id="c" * 100), modal(custom_id="c" * 101), "custom_id", BETWEEN),
    "fields": (fields(5), fields(6), "components", BETWEEN),
    "at least one": (fields(1), fields(0), "components", BETWEEN),
    "fields differ": (
        fields(2),
        fields(2, custom_id="same"),
        "components.1.component.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    "label": (
        modal(components=[label() | {"label": "l" * 45}]),
        modal(components=[label() | {"label": "l" * 46}]),
        "components.0.label",
        BETWEEN,
    ),
    "prefilled text": (
        fields(1, value="v" * 4000),
        fields(1, value="v" * 4001),
        "components.0.component.value",
        SHORTER,
    ),
    "placeholder": (
        fields(1, placeholder="p" * 100),
        fields(1, placeholder="p" * 101),
        "components.0.component.placeholder",
        SHORTER,
    ),
}


@pytest.mark.parametrize(("just_right", "too_much", "path", "code"), MODALS.values(), ids=MODALS.keys())
async def test_modals(just_right, too_much, path, code, wire):
    exchange = await wire.asked()
    verdict, answer = await wire.answer(exchange, MODAL, too_much)
    assert verdict == INVALID_FORM
    assert codes(answer, f"data.{path}") == [code]
    assert (await wire.answer(exchange, MODAL, just_right))[0] == OK
    assert len(wire.discord.invalid) == 1
