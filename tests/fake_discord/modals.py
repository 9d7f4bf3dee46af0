"""A modal that stands open before a person, and the form it becomes when they send it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import components
from .components import CHECKBOX, CHECKBOX_GROUP, LABEL, RADIO_GROUP, SELECTS, STRING_SELECT, TEXT_INPUT
from .selects import Resolved, pick

if TYPE_CHECKING:
    from .exchange import Exchange

Json = dict[str, Any]


@dataclass(frozen=True)
class Modal:
    """What the bot asked for, and the exchange that opened it."""

    data: Json
    opened_by: Exchange

    @property
    def title(self) -> str:
        return str(self.data["title"])

    @property
    def custom_id(self) -> str:
        return str(self.data["custom_id"])

    def fields(self) -> Iterator[tuple[str, Json]]:
        """Each thing that can be filled in, with its label."""
        for _, part in components.walk(self.data["components"]):
            if part["type"] == LABEL:
                yield part["label"], part["component"]
            elif part["type"] == components.ACTION_ROW:
                for field in part["components"]:
                    yield field.get("label") or field["custom_id"], field

    @property
    def labels(self) -> list[str]:
        return [label for label, _ in self.fields()]

    def filled_in(self, values: Mapping[str, Any]) -> tuple[Json, Resolved]:
        """What Discord sends when a person fills in `values`, by label or custom id; the rest stays as it stood.

        Raises AssertionError for what a person's own Discord would not let them send.
        """
        known = {name for label, field in self.fields() for name in (label, field["custom_id"])}
        assert set(values) <= known, f"the modal asks for {self.labels}, not for {set(values) - known}"
        resolved = Resolved(self.opened_by.place)
        given = {
            field["custom_id"]: _value(label, field, values.get(label, values.get(field["custom_id"])), resolved)
            for label, field in self.fields()
        }
        numbered = components.kept(self.data["components"])
        data: Json = {"custom_id": self.custom_id, "components": [_sent(part, given) for part in numbered]}
        return (data | {"resolved": resolved.to_json()} if resolved.to_json() else data), resolved


def _sent(part: Json, given: Mapping[str, Json]) -> Json:
    base = {"type": part["type"], "id": part["id"]}
    if part["type"] == LABEL:
        return base | {"component": _sent(part["component"], given)}
    if part["type"] == components.ACTION_ROW:
        return base | {"components": [_sent(field, given) for field in part["components"]]}
    if "custom_id" in part:
        return base | {"custom_id": part["custom_id"]} | given[part["custom_id"]]
    return base


def _value(label: str, field: Json, value: Any, resolved: Resolved) -> Json:
    kind, required = field["type"], field.get("required") is not False
    if kind == TEXT_INPUT:
        text = str(field.get("value") or "" if value is None else value)
        assert text or not required, f"{label!r} must be filled in"
        least, most = field.get("min_length") or 0, field.get("max_length") or 4000
        assert not text or least <= len(text) <= most, f"{label!r} takes {least} to {most} characters, not {len(text)}"
        return {"value": text}
    if kind == CHECKBOX:
        return {"value": bool(field.get("default") if value is None else value)}
    chosen = _defaults(field) if value is None else value if isinstance(value, (list, tuple)) else [value]
    assert chosen or not required, f"{label!r} must be filled in"
    if kind == RADIO_GROUP:
        (only,) = pick(field | {"max_values": 1}, chosen, resolved) if chosen else (None,)
        return {"value": only}
    assert kind in (*SELECTS, CHECKBOX_GROUP), f"filling in components of type {kind} is not known here"
    # An optional field may be left empty, whatever its least number of values.
    return {"values": pick(field, chosen, resolved) if chosen else []}


def _defaults(field: Json) -> list[str]:
    if field["type"] in (STRING_SELECT, RADIO_GROUP, CHECKBOX_GROUP):
        return [option["value"] for option in field.get("options") or () if option.get("default")]
    return [default["id"] for default in field.get("default_values") or ()]
