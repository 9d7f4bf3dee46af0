"""Discord's limits on what an application may send. Each check yields the breaches it finds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .components import ACTION_ROW, BUTTON, TEXT_DISPLAY, Path, media_of, walk
from .filenames import SCHEME, cleansed_reference

Json = Mapping[str, Any]

SUPPRESS_EMBEDS, EPHEMERAL, SUPPRESS_NOTIFICATIONS, IS_COMPONENTS_V2 = 1 << 2, 1 << 6, 1 << 12, 1 << 15
COMMAND_NAME = re.compile(r"^[-_'\w\u0900-\u097F\u0E00-\u0E7F]{1,32}$")

ACKNOWLEDGE_WITHIN = 3.0
TOKEN_LIVES = 15 * 60.0
USER_INSTALL_FOLLOW_UPS = 5

CONTENT, EMBEDS, EMBED_TOTAL, ATTACHMENTS, CUSTOM_ID = 2000, 10, 6000, 10, 100
EMBED_TEXTS = {"title": 256, "description": 4096}
EMBED_FIELDS, FIELD_NAME, FIELD_VALUE, FOOTER, AUTHOR = 25, 256, 1024, 2048, 256
V2_BYTES, V2_BYTES_A_TEXT = 10_170, 12
V2_COMPONENTS, V2_TEXT, ACTION_ROWS, BUTTONS_IN_ROW = 40, 4000, 5, 5
BUTTON_LABEL, SELECT_OPTIONS, SELECT_TEXT, PLACEHOLDER, ALT_TEXT = 80, 25, 100, 150, 1024
CHOICES, CHOICE_TEXT, OPTIONS, DESCRIPTION = 25, 100, 25, 100
COMMANDS_PER_TYPE = {1: 100, 2: 15, 3: 15}
COMMAND_TEXT, MODAL_TITLE, MODAL_COMPONENTS = 8000, 45, 5

SELECT = 3
LINK, PREMIUM = 5, 6


@dataclass(frozen=True)
class Breach:
    path: Path
    code: str
    message: str


def check_message(message: Json, *, files: int = 0) -> Iterator[Breach]:
    if int(message.get("flags") or 0) & IS_COMPONENTS_V2:
        for key in ("content", "embeds", "poll", "sticker_ids"):
            if message.get(key):
                yield Breach((key,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", f"{key} is not allowed")
        yield from _check_v2(message.get("components") or ())
    else:
        yield from _length(message.get("content"), ("content",), 0, CONTENT)
        yield from _check_embeds(message.get("embeds") or ())
        yield from _check_rows(message.get("components") or ())
    yield from _count(message.get("attachments") or range(files), ("attachments",), 0, ATTACHMENTS)
    for i, attachment in enumerate(message.get("attachments") or ()):
        yield from _length(attachment.get("description"), ("attachments", i, "description"), 0, ALT_TEXT)
    yield from _check_custom_ids(message.get("components") or ())


def _check_embeds(embeds: Sequence[Json]) -> Iterator[Breach]:
    yield from _count(embeds, ("embeds",), 0, EMBEDS)
    total = 0
    for i, embed in enumerate(embeds):
        at: Path = ("embeds", i)
        fields, footer, author = embed.get("fields") or (), embed.get("footer") or {}, embed.get("author") or {}
        for key, most in EMBED_TEXTS.items():
            yield from _length(embed.get(key), (*at, key), 0, most)
        yield from _count(fields, (*at, "fields"), 0, EMBED_FIELDS)
        for j, field in enumerate(fields):
            yield from _length(field.get("name", ""), (*at, "fields", j, "name"), 1, FIELD_NAME)
            yield from _length(field.get("value", ""), (*at, "fields", j, "value"), 1, FIELD_VALUE)
        yield from _length(footer.get("text"), (*at, "footer", "text"), 0, FOOTER)
        yield from _length(author.get("name"), (*at, "author", "name"), 0, AUTHOR)
        texts = [*(embed.get(key) for key in EMBED_TEXTS), footer.get("text"), author.get("name")]
        total += sum(len(text or "") for text in texts) + sum(len(f["name"]) + len(f["value"]) for f in fields)
    if total > EMBED_TOTAL:
        yield Breach(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBED_TOTAL}")


def _check_rows(rows: Sequence[Json]) -> Iterator[Breach]:
    yield from _count(rows, ("components",), 0, ACTION_ROWS)
    for i, row in enumerate(rows):
        if row.get("type") != ACTION_ROW:
            yield Breach(("components", i, "type"), "BASE_TYPE_CHOICES", "Value of field 'type' must be one of (1,).")
    for path, component in walk(rows, ("components",)):
        yield from _check_component(component, path)


def _check_v2(components: Sequence[Json]) -> Iterator[Breach]:
    every = list(walk(components, ("components",)))
    if not 1 <= len(every) <= V2_COMPONENTS:
        yield _bad_length(("components",), 1, V2_COMPONENTS)
    if sum(len(c.get("content", "")) for _, c in every if c.get("type") == TEXT_DISPLAY) > V2_TEXT:
        yield Breach(("components",), "COMPONENT_MAX_TOTAL_TEXT_EXCEEDED", f"At most {V2_TEXT} characters of text")
    for path, component in every:
        yield from _check_component(component, path)


def _check_component(component: Json, at: Path) -> Iterator[Breach]:
    kind = component.get("type")
    if kind == ACTION_ROW:
        inner = component.get("components") or ()
        width = sum(5 if c.get("type") != BUTTON else 1 for c in inner)
        if not 1 <= width <= BUTTONS_IN_ROW:
            yield _bad_length((*at, "components"), 1, BUTTONS_IN_ROW)
    elif kind == BUTTON:
        yield from _length(component.get("label"), (*at, "label"), 0, BUTTON_LABEL)
        if component.get("style") not in (LINK, PREMIUM):
            yield from _length(component.get("custom_id", ""), (*at, "custom_id"), 1, CUSTOM_ID)
    elif kind in (3, 5, 6, 7, 8):
        yield from _length(component.get("custom_id", ""), (*at, "custom_id"), 1, CUSTOM_ID)
        yield from _length(component.get("placeholder"), (*at, "placeholder"), 0, PLACEHOLDER)
        if kind == SELECT:
            options = component.get("options") or ()
            yield from _count(options, (*at, "options"), 1, SELECT_OPTIONS)
            for i, option in enumerate(options):
                for key, least in (("label", 1), ("value", 1), ("description", 0)):
                    yield from _length(option.get(key), (*at, "options", i, key), least, SELECT_TEXT)


def _check_custom_ids(components: Iterable[Json]) -> Iterator[Breach]:
    seen: set[str] = set()
    for path, component in walk(components, ("components",)):
        if (custom_id := component.get("custom_id")) in seen:
            yield Breach((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id is duplicated")
        elif custom_id:
            seen.add(custom_id)


def check_references(message: Json, files: Collection[str]) -> Iterator[Breach]:
    """`attachment://name` names a file of the message."""
    for path, component in walk(message.get("components") or (), ("components",)):
        for at, media in media_of(component, path):
            url = media.get("url") or ""
            if url.startswith(SCHEME) and cleansed_reference(url).removeprefix(SCHEME) not in files:
                said = f'The referenced attachment ("{url}") was not found'
                yield Breach((*at, "url"), "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", said)


def too_much_v2_text(components: Sequence[Json]) -> bool:
    """Discord breaks (500) over more UTF-8 than this, though it is within 4,000 characters: discord-api-docs#8554."""
    texts = [c.get("content", "") for _, c in walk(components) if c.get("type") == TEXT_DISPLAY]
    return sum(len(text.encode()) + V2_BYTES_A_TEXT for text in texts) > V2_BYTES


def check_choices(choices: Sequence[Json], at: Path = ("choices",)) -> Iterator[Breach]:
    yield from _count(choices, at, 0, CHOICES)
    for i, choice in enumerate(choices):
        yield from _texts(choice, "name", (*at, i), 1, CHOICE_TEXT)
        if isinstance(choice.get("value"), str):
            yield from _length(choice["value"], (*at, i, "value"), 1, CHOICE_TEXT)


def check_modal(modal: Json) -> Iterator[Breach]:
    yield from _length(modal.get("title", ""), ("title",), 1, MODAL_TITLE)
    yield from _length(modal.get("custom_id", ""), ("custom_id",), 1, CUSTOM_ID)
    yield from _count(modal.get("components") or (), ("components",), 1, MODAL_COMPONENTS)
    yield from _check_custom_ids(modal.get("components") or ())


def check_commands(commands: Sequence[Json]) -> Iterator[Breach]:
    for kind, most in COMMANDS_PER_TYPE.items():
        if sum(command.get("type", 1) == kind for command in commands) > most:
            yield Breach((), "APPLICATION_COMMANDS_MAX", f"Maximum number of commands of type {kind} reached ({most})")
    for i, command in enumerate(commands):
        yield from _check_command(command, (i,))
        if command_text(command) > COMMAND_TEXT:
            yield Breach((i,), "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({COMMAND_TEXT})")


def _check_command(command: Json, at: Path) -> Iterator[Breach]:
    slash = command.get("type", 1) == 1 or len(at) > 1
    for key, name in _every(command, "name"):
        if not 1 <= len(name) <= 32:
            yield _bad_length((*at, key), 1, 32)
        elif slash and (not COMMAND_NAME.match(name) or name != name.lower()):
            yield Breach((*at, key), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    if slash:
        yield from _texts(command, "description", at, 1, DESCRIPTION)
    options = command.get("options") or ()
    yield from _count(options, (*at, "options"), 0, OPTIONS)
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        yield Breach((*at, "options"), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options come first")
    for i, option in enumerate(options):
        yield from check_choices(option.get("choices") or (), (*at, "options", i, "choices"))
        yield from _check_command(option, (*at, "options", i))


def command_text(command: Json) -> int:
    """Characters that count towards 8,000: names, descriptions and values, the longest locale of each."""
    own = sum(max((len(text) for _, text in _every(command, key)), default=0) for key in ("name", "description"))
    value = command.get("value")
    inner = [*(command.get("options") or ()), *(command.get("choices") or ())]
    return own + (len(value) if isinstance(value, str) else 0) + sum(map(command_text, inner))


def _every(thing: Json, key: str) -> Iterator[tuple[str, str]]:
    """The text under `key` and its localisations."""
    if isinstance(thing.get(key), str):
        yield key, thing[key]
    for locale, text in (thing.get(f"{key}_localizations") or {}).items():
        yield f"{key}_localizations.{locale}", text


def _texts(thing: Json, key: str, at: Path, least: int, most: int) -> Iterator[Breach]:
    for name, text in _every(thing, key):
        yield from _length(text, (*at, name), least, most)
    if least and key not in thing:
        yield Breach((*at, key), "BASE_TYPE_REQUIRED", "This field is required")


def _length(text: str | None, at: Path, least: int, most: int) -> Iterator[Breach]:
    if text is None:
        return
    if len(text) > most:
        yield Breach(at, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
    elif len(text) < least:
        yield Breach(at, "BASE_TYPE_MIN_LENGTH", f"Must be {least} or more in length.")


def _count(things: Sequence[Any], at: Path, least: int, most: int) -> Iterator[Breach]:
    if not least <= len(things) <= most:
        yield _bad_length(at, least, most)


def _bad_length(at: Path, least: int, most: int) -> Breach:
    return Breach(at, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
