"""Cuts Discord's OpenAPI document down to the schemas of the routes served here:

python -m tests.fake_discord.derive_schemas openapi.json.gz

writes `discord_api.json.gz`. The document is github.com/discord/discord-api-spec's `specs/openapi.json`, gzipped.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from .operations import Operation, Operations
from .schemas import FILE
from .server import FakeDiscord

Json = dict[str, Any]

_REF = "#/components/schemas/"
_SAYS_NOTHING = {"title", "description", "format", "contentEncoding", "example", "examples", "deprecated"}
_LEFT_OUT = {"ChannelTypes": [16]}
"""What Discord takes, though the document does not say so: media channels, which discord.py names to it."""
_MAPS = {"properties", "patternProperties"}


def derive(document: Json) -> Json:
    """`requests` and `answers` by operation, and the `schemas` that they refer to."""
    operations = Operations(FakeDiscord()).all()
    requests = {op.name: found for op in operations if (found := _request(document, op))}
    answers = {op.name: found for op in operations if (found := _answer(document, op))}
    described, schemas = document["components"]["schemas"], {}
    wanted = _references([requests, answers])
    while wanted:
        name = wanted.pop()
        schemas[name] = _trimmed(described[name])
        schemas[name].get("enum", []).extend(_LEFT_OUT.get(name, []))
        wanted |= _references(schemas[name]) - set(schemas)
    whole = {"requests": requests, "answers": answers, "schemas": dict(sorted(schemas.items()))}
    tagged: Json = _tagged(whole, schemas)
    return tagged


def _request(document: Json, operation: Operation) -> Json | None:
    described = document["paths"][operation.path][operation.method.lower()].get("requestBody")
    return _trimmed(described["content"]["application/json"]["schema"]) if described else None


def _answer(document: Json, operation: Operation) -> Json | None:
    described = document["paths"][operation.path][operation.method.lower()]["responses"].get("200", {})
    return _trimmed(described["content"]["application/json"]["schema"]) if "content" in described else None


def _trimmed(schema: Any) -> Any:
    """Without what validates nothing, and with an enumeration where a union of constants stood."""
    if isinstance(schema, list):
        return [_trimmed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    union = schema.get("oneOf")
    if union and all(isinstance(part, dict) and "const" in part for part in union):
        return {"enum": [part["const"] for part in union]}
    if "enum" in schema:
        return {"enum": schema["enum"]}
    return {
        key: {name: _trimmed(part) for name, part in value.items()} if key in _MAPS else _value(key, value)
        for key, value in schema.items()
        if key not in _SAYS_NOTHING and not key.startswith("x-")
    }


def _tagged(schema: Any, schemas: Json) -> Any:
    """Unions of objects that differ in their `type` become a choice by it: quick to check, and clear in its faults."""
    if isinstance(schema, list):
        return [_tagged(part, schemas) for part in schema]
    if not isinstance(schema, dict):
        return schema
    for key in ("oneOf", "anyOf"):
        types = [_types(part, schemas) for part in schema.get(key, ())]
        every = [value for found in types for value in found]
        if types and all(types) and len(every) == len(set(every)):
            cases = [{"if": _has(found), "then": part} for found, part in zip(types, schema[key], strict=True)]
            return {"type": "object", **_has(every), "allOf": cases}
    return {key: _tagged(value, schemas) for key, value in schema.items()}


def _has(types: list[int]) -> Json:
    return {"required": ["type"], "properties": {"type": {"enum": types}}}


def _types(part: Any, schemas: Json) -> list[int]:
    """The values that `type` can have in a referred object; none where it is no tag."""
    referred = schemas.get(str(part.get("$ref")).removeprefix("#/schemas/"), {})
    found: list[int] = referred.get("properties", {}).get("type", {}).get("enum", [])
    return found if "type" in referred.get("required", ()) else []


def _value(key: str, value: Any) -> Any:
    return value.replace(_REF, "#/schemas/") if key == "$ref" else _trimmed(value)


def _references(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(_references, schema))
    if not isinstance(schema, dict):
        return set()
    own = {schema["$ref"].removeprefix("#/schemas/")} if isinstance(schema.get("$ref"), str) else set()
    return own.union(*map(_references, schema.values()))


def main() -> None:
    document = json.loads(gzip.decompress(Path(sys.argv[1]).read_bytes()))
    text = json.dumps(derive(document), separators=(",", ":"), sort_keys=True)
    FILE.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    sys.stdout.write(f"{FILE}: {FILE.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
