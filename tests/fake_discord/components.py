"""Components: a walk through them, what Discord adds to those it keeps, and finding one by what people see of it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Json = dict[str, Any]
Path = tuple[str | int, ...]

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT, USER_SELECT, ROLE_SELECT = 1, 2, 3, 4, 5, 6
MENTIONABLE_SELECT, CHANNEL_SELECT, SECTION, TEXT_DISPLAY, THUMBNAIL, MEDIA_GALLERY, FILE = 7, 8, 9, 10, 11, 12, 13
SEPARATOR, CONTAINER, LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 14, 17, 18, 19, 21, 22, 23
SELECTS = (STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT)

_ADDED: Mapping[int, Json] = {
    STRING_SELECT: {"min_values": 1, "max_values": 1},
    USER_SELECT: {"min_values": 1, "max_values": 1},
    ROLE_SELECT: {"min_values": 1, "max_values": 1},
    MENTIONABLE_SELECT: {"min_values": 1, "max_values": 1},
    CHANNEL_SELECT: {"min_values": 1, "max_values": 1},
    THUMBNAIL: {"description": None, "spoiler": False},
    FILE: {"spoiler": False},
    SEPARATOR: {"spacing": 1, "divider": True},
    CONTAINER: {"accent_color": None, "spoiler": False},
}


def walk(components: Iterable[Any], at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every component with its path, parents before children."""
    for i, component in enumerate(components):
        yield from _walk_one(component, (*at, i))


def _walk_one(component: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    yield path, component
    yield from walk(component.get("components") or (), (*path, "components"))
    for key in ("accessory", "component"):
        if inner := component.get(key):
            yield from _walk_one(inner, (*path, key))


def media_of(component: Any, at: Path = ()) -> Iterator[tuple[Path, Json]]:
    """The media a component shows by itself: of a thumbnail, a file, a gallery's items."""
    for key in ("media", "file"):
        if isinstance(component.get(key), dict):
            yield (*at, key), component[key]
    if component.get("type") == MEDIA_GALLERY:
        for i, item in enumerate(component.get("items") or ()):
            yield (*at, "items", i, "media"), item.get("media") or {}


def kept(components: Iterable[Json]) -> list[Json]:
    """As Discord keeps and sends them: with ids, and with defaults for what was left out or null."""
    copied = [copy.deepcopy(component) for component in components]
    taken = {component.get("id") for _, component in walk(copied)}
    free = (i for i in range(1, 10_000) if i not in taken)
    for _, component in walk(copied):
        for key in [key for key, value in component.items() if value is None]:
            del component[key]
        component["id"] = component.get("id") or next(free)
        for key, value in _ADDED.get(component["type"], {}).items():
            component.setdefault(key, value)
        for item in component.get("items") or ():
            item |= {"description": item.get("description"), "spoiler": bool(item.get("spoiler"))}
    return copied


def names(component: Json) -> list[str]:
    """All that a test may call a component by: its label, its placeholder, its emoji, its custom id."""
    emoji = (component.get("emoji") or {}).get("name")
    called = [component.get("label"), component.get("placeholder"), emoji, component.get("custom_id")]
    return [name for name in called if name]


def find(components: Iterable[Json], name: str, kinds: Iterable[int]) -> Json:
    """The one component of `kinds` that is called `name`. Raises AssertionError."""
    there: list[Json] = [component for _, component in walk(components) if component.get("type") in kinds]
    found = [component for component in there if name in names(component)]
    assert len(found) == 1, f"{len(found)} are called {name!r}; there are {[names(component) for component in there]}"
    return found[0]
