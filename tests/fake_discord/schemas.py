"""Discord's own schemas (OpenAPI 3.1, so JSON Schema 2020-12), and what is wrong with a body, in Discord's words."""

from __future__ import annotations

import functools
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeAlias

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from .limits import Breach, bad_length

Json = dict[str, Any]
Part: TypeAlias = Literal["requests", "answers", "schemas"]

FILE = Path(__file__).with_name("discord_api.json.gz")
"""Derived by `derive_schemas`; its licence stands beside it."""

_TYPE_FAULTS = {
    "object": ("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType"),
    "array": ("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"),
    "string": ("STRING_TYPE_CONVERT", "Could not convert to a string"),
    "integer": ("NUMBER_TYPE_COERCE", "Value is not int."),
    "number": ("NUMBER_TYPE_COERCE", "Value is not float."),
    "boolean": ("BOOLEAN_TYPE_CONVERT", "Must be either true or false."),
}


def breaches(part: Part, name: str, body: Any) -> list[Breach]:
    """What Discord's description finds wrong: with what a bot sends to an operation (`requests`), with what Discord
    answers (`answers`), or with a thing of any described kind (`schemas`). Nothing where nothing is described."""
    validator = _validator(part, name)
    found = [] if validator is None else validator.iter_errors(body)
    # The library tells of each missing key as often as there are keys missing.
    return list(dict.fromkeys(breach for error in found for leaf in _leaves(error) for breach in _told(leaf)))


@functools.cache
def _document() -> Json:
    document: Json = json.loads(gzip.decompress(FILE.read_bytes()))
    return document


@functools.cache
def _validator(part: Part, name: str) -> Draft202012Validator | None:
    document = _document()
    if name not in document[part]:
        return None
    if part == "requests":
        # Discord takes ids as numbers too, and discord.py sends some so.
        ids = {"SnowflakeType": document["schemas"]["SnowflakeType"] | {"type": ["string", "integer"]}}
        document = document | {"schemas": document["schemas"] | ids}
    resource = DRAFT202012.create_resource(document)
    registry: Registry[Any] = Registry().with_resource("discord:", resource)
    return Draft202012Validator({"$ref": f"discord:#/{part}/{name}"}, registry=registry)


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """The faults themselves, not the unions around them; of a union, those of the branch that was meant."""
    if not error.context:
        yield error
        return
    branches: dict[Any, list[ValidationError]] = defaultdict(list)
    for inner in error.context:
        branches[inner.schema_path[0]].append(inner)
    for inner in min(branches.values(), key=_strangeness):
        yield from _leaves(inner)


def _strangeness(branch: list[ValidationError]) -> tuple[bool, bool, int]:
    """Least for the branch that was meant: of the same kind of value, and with the same `type` in it."""
    of_other_kind = any(not error.relative_path and error.validator == "type" for error in branch)
    of_other_type = any(list(error.relative_path) == ["type"] for error in branch)
    return of_other_kind, of_other_type, len(branch)


def _told(error: ValidationError) -> Iterator[Breach]:
    path, kind, bound, schema = tuple(error.absolute_path), error.validator, error.validator_value, error.schema
    if kind == "required":
        for name in bound:
            if name not in error.instance:
                yield Breach((*path, name), "BASE_TYPE_REQUIRED", "This field is required")
    elif kind in ("minLength", "maxLength", "minItems", "maxItems"):
        what = kind[3:]
        yield bad_length(path, schema.get(f"min{what}", 0), schema.get(f"max{what}"))
    elif kind in ("enum", "const"):
        values = bound if kind == "enum" else [bound]
        yield Breach(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{', '.join(map(repr, values))}}}.")
    elif kind == "type":
        wanted = next(name for name in ([bound] if isinstance(bound, str) else bound) if name != "null")
        yield Breach(path, *_TYPE_FAULTS[wanted])
    elif kind in ("minimum", "maximum"):
        side = "less" if kind == "maximum" else "greater"
        code = f"NUMBER_TYPE_{kind[:3].upper()}"
        yield Breach(path, code, f"int value should be {side} than or equal to {bound}.")
    else:
        yield Breach(path, "BASE_TYPE_INVALID", f"{kind}: {error.message}"[:200])
