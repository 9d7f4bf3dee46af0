"""Discord's limits beyond what its schemas say (`schemas.py`). Each check yields the breaches it finds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .components import ACTION_ROW, BUTTON, SELECTS, STRING_SELECT, TEXT_DISPLAY, Path, media_of, walk
from .filenames import SCHEME, cleansed_reference

Json = Mapping[str, Any]

SUPPRESS_EMBEDS, EPHEMERAL, SUPPRESS_NOTIFICATIONS, IS_COMPONENTS_V2 = 1 << 2, 1 << 6, 1 << 12, 1 << 15

ACKNOWLEDGE_WITHIN = 3.0
TOKEN_LIVES = 15 * 60.0
USER_INSTALL_FOLLOW_UPS = 5

CONTENT, EMBED_TOTAL, ACTION_ROWS, BUTTONS_IN_ROW = 2000, 6000, 5, 5
V2_COMPONENTS, V2_TEXT, V2_BYTES, V2_BYTES_A_TEXT = 40, 4000, 10_170, 12
CHOICE_TEXT, MODAL_COMPONENTS, ATTACHMENTS = 100, 5, 10

LINK, PREMIUM = 5, 6


@dataclass(frozen=True)
class Breach:
    path: Path
    code: str
    message: str


def check_message(message: Json) -> Iterator[Breach]:
    """Of a message as it would stand: what it was, with what a request changes in it."""
    components: Sequence[Json] = message.get("components") or ()
    if int(message.get("flags") or 0) & IS_COMPONENTS_V2:
        yield from _check_v2(message, components)
    else:
        if len(message.get("content") or "") > CONTENT:
            yield bad_length(("content",), 0, CONTENT)
        yield from _check_embeds(message.get("embeds") or ())
        yield from _check_rows(components)
    for path, component in walk(components, ("components",)):
        yield from _check_component(component, path)
    yield from _check_custom_ids(components)


def _check_v2(message: Json, components: Sequence[Json]) -> Iterator[Breach]:
    for key in ("content", "embeds", "poll", "sticker_ids"):
        if message.get(key):
            said = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            yield Breach((key,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", said)
    every = [component for _, component in walk(components)]
    if len(every) > V2_COMPONENTS:
        said = f"The total number of components cannot exceed {V2_COMPONENTS}"
        yield Breach(("components",), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", said)
    if sum(len(text) for text in _texts(every)) > V2_TEXT:
        said = f"The total text displayed cannot exceed {V2_TEXT} characters"
        yield Breach(("components",), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", said)


def _texts(components: Sequence[Json]) -> list[str]:
    return [component.get("content", "") for component in components if component.get("type") == TEXT_DISPLAY]


def too_much_v2_text(components: Sequence[Json]) -> bool:
    """Discord breaks (500) over more UTF-8 than this, though it is within 4,000 characters: discord-api-docs#8554."""
    texts = _texts([component for _, component in walk(components)])
    return sum(len(text.encode()) + V2_BYTES_A_TEXT for text in texts) > V2_BYTES


def _check_embeds(embeds: Sequence[Json]) -> Iterator[Breach]:
    total = 0
    for embed in embeds:
        fields = embed.get("fields") or ()
        texts = [embed.get("title"), embed.get("description")]
        texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
        total += sum(len(text or "") for text in texts) + sum(len(f["name"]) + len(f["value"]) for f in fields)
    if total > EMBED_TOTAL:
        yield Breach(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBED_TOTAL}")


def _check_rows(rows: Sequence[Json]) -> Iterator[Breach]:
    if len(rows) > ACTION_ROWS:
        yield bad_length(("components",), 0, ACTION_ROWS)
    for i, row in enumerate(rows):
        if row.get("type") != ACTION_ROW:
            yield Breach(("components", i, "type"), "UNION_TYPE_CHOICES", "Value of field 'type' must be one of (1,).")


def _check_component(component: Json, at: Path) -> Iterator[Breach]:
    kind = component.get("type")
    if kind == ACTION_ROW:
        width = 0
        for i, inner in enumerate(component.get("components") or ()):
            width += 1 if inner.get("type") == BUTTON else BUTTONS_IN_ROW
            if width > BUTTONS_IN_ROW:
                said = "The specified component exceeds the maximum width"
                yield Breach((*at, "components", i), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", said)
    elif kind == BUTTON:
        yield from _check_button(component, at)
    elif kind in SELECTS:
        yield from _check_select(component, at)


def _check_button(button: Json, at: Path) -> Iterator[Breach]:
    if button.get("style") == LINK:
        if not button.get("url"):
            yield Breach((*at, "url"), "BASE_TYPE_REQUIRED", "This field is required")
        if button.get("custom_id"):
            said = "A custom id and url cannot both be specified"
            yield Breach(at, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", said)
    elif button.get("style") != PREMIUM:
        if not button.get("custom_id"):
            yield Breach((*at, "custom_id"), "BASE_TYPE_REQUIRED", "This field is required")
        if not (button.get("label") or button.get("emoji")):
            said = "Buttons must have a label or an emoji"
            yield Breach(at, "BUTTON_COMPONENT_INVALID_LABEL_EMOJI", said)


def _check_select(select: Json, at: Path) -> Iterator[Breach]:
    least = 1 if select.get("min_values") is None else select["min_values"]
    most = 1 if select.get("max_values") is None else select["max_values"]
    if least > most:
        yield Breach((*at, "min_values"), "SELECT_COMPONENT_MIN_VALUES_TOO_LARGE", "More than max_values")
    options = select.get("options") or ()
    if select.get("type") != STRING_SELECT:
        return
    if most > len(options):
        yield Breach((*at, "max_values"), "SELECT_COMPONENT_MAX_VALUES_TOO_LARGE", "More than there are options")
    seen: set[str] = set()
    for i, option in enumerate(options):
        if option["value"] in seen:
            said = "The specified option value is already used"
            yield Breach((*at, "options", i, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", said)
        seen.add(option["value"])


def _check_custom_ids(components: Sequence[Json]) -> Iterator[Breach]:
    seen: set[str] = set()
    for path, component in walk(components, ("components",)):
        if (custom_id := component.get("custom_id")) in seen:
            said = "Component custom id cannot be duplicated"
            yield Breach((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", said)
        elif custom_id:
            seen.add(custom_id)


def check_files(message: Json, files: Collection[str]) -> Iterator[Breach]:
    """Of the names of all files that a message would have: not too many, and `attachment://name` names one."""
    if len(files) > ATTACHMENTS:
        yield bad_length(("attachments",), 0, ATTACHMENTS)
    for path, component in walk(message.get("components") or (), ("components",)):
        for at, media in media_of(component, path):
            url = media.get("url") or ""
            if url.startswith(SCHEME) and cleansed_reference(url).removeprefix(SCHEME) not in files:
                said = f'The referenced attachment ("{url}") was not found'
                yield Breach((*at, "url"), "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", said)


def check_choices(choices: Sequence[Json], at: Path = ("choices",)) -> Iterator[Breach]:
    """The schema lets values be 6,000 characters long, the documentation 100."""
    for i, choice in enumerate(choices):
        value = choice.get("value")
        if isinstance(value, str) and not 1 <= len(value) <= CHOICE_TEXT:
            yield bad_length((*at, i, "value"), 1, CHOICE_TEXT)


def check_modal(modal: Json) -> Iterator[Breach]:
    components: Sequence[Json] = modal.get("components") or ()
    if len(components) > MODAL_COMPONENTS:
        yield bad_length(("components",), 1, MODAL_COMPONENTS)
    for path, component in walk(components, ("components",)):
        if component.get("type") in SELECTS:
            yield from _check_select(component, path)
    yield from _check_custom_ids(components)


def bad_length(at: Path, least: int, most: int | None) -> Breach:
    if least and most is not None:
        return Breach(at, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
    if most is not None:
        return Breach(at, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
    return Breach(at, "BASE_TYPE_MIN_LENGTH", f"Must be {least} or more in length.")
