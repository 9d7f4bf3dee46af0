"""What a person gives to a command: options, kept to what their own Discord would let them type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .selects import Resolved

Json = dict[str, Any]

SUBCOMMAND, SUBCOMMAND_GROUP, STRING, INTEGER, BOOLEAN, NUMBER = 1, 2, 3, 4, 5, 10
_TYPES: dict[int, tuple[type, ...]] = {STRING: (str,), INTEGER: (int,), BOOLEAN: (bool,), NUMBER: (int, float)}


def command_data(
    command: Json, path: list[str], options: Mapping[str, Any], resolved: Resolved, *, focused: str | None = None
) -> Json:
    """What Discord sends when a person uses the subcommand at `path` of a command, which may be empty."""
    given = [_option(schema(command, path), name, value, resolved, focused) for name, value in options.items()]
    for name, kind in zip(reversed(path), (SUBCOMMAND, SUBCOMMAND_GROUP), strict=False):
        given = [{"name": name, "type": kind, "options": given}]
    data: Json = {"id": command["id"], "name": command["name"], "type": command["type"], "options": given}
    return data | {"resolved": resolved.to_json()} if resolved.to_json() else data


def _option(known: Mapping[str, Json], name: str, value: Any, resolved: Resolved, focused: str | None) -> Json:
    kind = known.get(name, {}).get("type", STRING)
    plain = value if isinstance(value, (str, int, float)) else resolved.add(value)
    return {"name": name, "type": kind, "value": plain} | ({"focused": True} if name == focused else {})


def schema(command: Json, path: list[str]) -> dict[str, Json]:
    """The options of the subcommand at `path`. Raises AssertionError where there is none."""
    at = command
    for name in path:
        inner = {option["name"]: option for option in at.get("options") or ()}
        assert inner.get(name, {}).get("type") in (SUBCOMMAND, SUBCOMMAND_GROUP), f"no subcommand {name}: {list(inner)}"
        at = inner[name]
    known = {option["name"]: option for option in at.get("options") or ()}
    deeper = [name for name, option in known.items() if option["type"] in (SUBCOMMAND, SUBCOMMAND_GROUP)]
    assert not deeper, f"/{command['name']} alone cannot be used, it has {deeper}"
    return known


def check_options(command: Json, path: list[str], options: Mapping[str, Any]) -> None:
    """Refuses, as a person's own Discord would, what the command's options do not allow. Raises AssertionError."""
    known = schema(command, path)
    assert set(options) <= set(known), f"/{command['name']} has no option {set(options) - set(known)}"
    for name, option in known.items():
        if name in options:
            _check_value(option, options[name])
        else:
            assert not option.get("required"), f"/{command['name']} needs {name}"


def _check_value(option: Json, value: Any) -> None:
    name = option["name"]
    assert isinstance(value, _TYPES.get(option["type"], (object,))), f"{name} is no {type(value).__name__}"
    if choices := option.get("choices"):
        assert value in [choice["value"] for choice in choices], f"{value!r} is no choice of {name}"
    if not isinstance(value, (str, int, float)):
        return
    measure = len(value) if isinstance(value, str) else value
    low, high = ("min_length", "max_length") if isinstance(value, str) else ("min_value", "max_value")
    bounds = [measure if option.get(bound) is None else option[bound] for bound in (low, high)]
    assert bounds[0] <= measure <= bounds[1], f"{name} is out of bounds: {measure}"
