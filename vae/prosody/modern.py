"""中華新韻 by pypinyin: the 14 groups of today's standard pronunciation. Tones 1 and 2 are level, 3 and 4 oblique."""

from __future__ import annotations

from collections.abc import Mapping

from vae.prosody.books import MODERN
from vae.prosody.table import Entry, Reading

_FINALS = {
    "麻": "a ia ua",
    "波": "o e uo",
    "皆": "ie üe ê",
    "開": "ai uai",
    "微": "ei uei",
    "豪": "ao iao",
    "尤": "ou iou",
    "寒": "an ian uan üan",
    "文": "en in uen ün",
    "唐": "ang iang uang",
    "庚": "eng ing ueng ong iong",
    "齊": "i er ü",
    "姑": "u",
}
_GROUP = {final: group for group, finals in _FINALS.items() for final in finals.split()}
_BUZZED = frozenset(("zh", "ch", "sh", "r", "z", "c", "s"))
_LATER = 0.25
"""Readings after the first are all the rarer the later they stand; pypinyin gives an order, no counts."""


def _reading(syllable: str) -> tuple[int, str] | None:
    # syllable: pinyin with the tone's digit at its end; None for the neutral tone and for sounds outside the 14 groups
    from pypinyin.contrib.tone_convert import to_finals, to_initials  # noqa: PLC0415 - slow to load, for this alone

    if syllable[-1] not in "1234":
        return None
    final = to_finals(syllable, strict=True, v_to_u=True)
    buzzed = final == "i" and to_initials(syllable, strict=True) in _BUZZED
    group = "支" if buzzed else _GROUP.get(final)
    return None if group is None else (int(syllable[-1]), group)


def entry(syllables: list[str]) -> Entry | None:
    """The entry of a character with these readings, the commonest first; None when none has a tone and a group."""
    readings = [reading for reading in map(_reading, syllables) if reading is not None]
    weights = [_LATER**i for i in range(len(readings))]
    level: dict[str, float] = {}
    oblique: dict[str, float] = {}
    for (tone, group), weight in zip(readings, weights, strict=True):
        side = level if tone <= 2 else oblique
        side[group] = side.get(group, 0.0) + weight
    if not readings:
        return None
    return Entry(sum(level.values()) / sum(weights), _shares(level), _shares(oblique))


def _shares(weights: dict[str, float]) -> tuple[Reading, ...]:
    total = sum(weights.values())
    found = (Reading(group, weight / total) for group, weight in weights.items())
    return tuple(sorted(found, key=lambda reading: (-reading.share, MODERN.index(reading.group))))


def derive_modern(classical: Mapping[str, Entry]) -> dict[str, Entry]:
    """Entries for those of the classical table's characters that pypinyin knows.

    Where both books give a character a level tone and this one an oblique tone too, the share is the classical one: how
    poets use it (長 as in 長江) rather than how often it is said today (校長).
    """
    from pypinyin import Style, pinyin  # noqa: PLC0415 - see above

    found = {}
    for char, old in classical.items():
        syllables = pinyin(char, style=Style.TONE3, heteronym=True, errors="ignore")
        told = entry(syllables[0]) if syllables else None
        if told is not None:
            kept = told.level and told.oblique and old.level_share > 0
            found[char] = told._replace(level_share=old.level_share) if kept else told
    return found
