"""Simplified <-> Traditional, and cleaning of what people type.

The model works in one Traditional standard (Taiwan's characters, see `vae.variants`); people type and read either script.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import cast

from vae import variants
from vae.errors import EmptyText, NoHanText, TextTooLong
from vae.poem import TEXT_LIMIT, Script

_MODERN_WORDS = str.maketrans("菸瀋", "煙沈")
"""OpenCC takes 香烟 for tobacco and 沈水 for a city; in verse they are incense and sinking water."""

_HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")


@cache
def _converter(name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - OpenCC ships no types
    import opencc  # noqa: PLC0415 - a tenth of a second that only writers and readers need

    return opencc.OpenCC(name)


def is_han(char: str) -> bool:
    return bool(_HAN.fullmatch(char))


def normalise(text: str) -> str:
    """Traditional text with each variant character in its standard form: 爲 -> 為, 黄 -> 黃. Length is kept."""
    return text.translate(variants.table())


def to_traditional(text: str) -> str:
    """Simplified or Traditional text in the model's standard Traditional; characters stay one to one."""
    script = script_of(text)
    if script is not Script.HANT:
        converted = _same_length(text, cast(str, _converter("s2tw").convert(text)).translate(_MODERN_WORDS))
        text = converted if script is Script.HANS else "".join(map(_commoner, text, converted))
    return normalise(text)


def _commoner(typed: str, converted: str) -> str:
    # 云 alone may be Simplified 雲 or Traditional 云: poems settle it.
    ranks = _traditional_characters()
    return min(typed, converted, key=lambda char: ranks.get(char, len(ranks)))


def to_simplified(text: str) -> str:
    """Traditional text in Simplified characters, one to one."""
    return _same_length(text, cast(str, _converter("tw2s").convert(text)))


def char_by_char(simplified: str) -> str:
    """Simplified text in standard Traditional as a reader takes it who looks at one character at a time."""
    return "".join(normalise(cast(str, _converter("s2tw").convert(char))) for char in simplified)


def in_script(text: str, script: Script) -> str:
    """Standard Traditional text as it is shown in `script`."""
    return to_simplified(text) if script is Script.HANS else text


def script_of(text: str) -> Script | None:
    """The script a text is typed in, by its characters that exist in one script alone; None where none does.

    床, 后 or 云 tell nothing: Simplified, yet good Traditional too.
    """
    simplified = sum(_only_simplified(char) for char in text)
    traditional = sum(_only_traditional(char) for char in text)
    if simplified == traditional == 0:
        return None
    return Script.HANS if simplified >= traditional else Script.HANT


@cache
def _only_simplified(char: str) -> bool:
    # 牀 and 爲 are no Simplified characters either, though Taiwan's standard writes them otherwise.
    changed = cast(str, _converter("s2tw").convert(char)) != char
    return changed and char not in _traditional_characters() and cast(str, _converter("t2s").convert(char)) == char


@cache
def _only_traditional(char: str) -> bool:
    return cast(str, _converter("tw2s").convert(char)) != char


@cache
def _traditional_characters() -> dict[str, int]:
    # Character -> its rank among the corpus' characters, 0 the commonest.
    from vae.vocabulary import Vocabulary  # noqa: PLC0415 - the file is read only when a script is in doubt

    return {char: rank for rank, char in enumerate(Vocabulary.shipped().characters)}


def _same_length(before: str, after: str) -> str:
    # OpenCC's phrase maps keep the length of Han text; should one not, a character-wise reading always does.
    return after if len(before) == len(after) else before


def sound(text: str) -> str:
    """The text with each half of a surrogate pair, which no encoding can carry, replaced by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def clean(text: str, what: str = "seed", limit: int = TEXT_LIMIT) -> list[str]:
    """The runs of Han characters in what a person typed, compatibility forms folded (full-width Latin, 﨑).

    Punctuation, spaces, emoji, Latin and line breaks part one run from the next.
    Raises EmptyText, TextTooLong or NoHanText.
    """
    if not text.strip():
        raise EmptyText(what=what)
    if len(text) > limit:
        raise TextTooLong(what=what, length=len(text), limit=limit)
    runs = _HAN.findall(unicodedata.normalize("NFKC", text))
    if not runs:
        raise NoHanText(what=what, text=printable(text))
    return cast(list[str], runs)


def printable(text: str, limit: int = 24) -> str:
    """A short quotation of typed text, without control, format or bidirectional characters."""
    kept = "".join(char if unicodedata.category(char)[0] not in "CZ" else " " for char in text[: limit * 4])
    kept = " ".join(kept.split())
    return kept if len(kept) <= limit else kept[:limit] + "…"
