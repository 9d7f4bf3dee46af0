"""A person wants to know how a poem sounds and what its images mean."""

from __future__ import annotations

from dataclasses import dataclass

from pypinyin import Style, lazy_pinyin

from bot.service.desk import Desk
from bot.service.recall import recall
from vae import glossary
from vae.script import to_simplified, to_traditional


@dataclass(frozen=True, slots=True)
class ReadingAloud:
    """lines: for each line its characters with their pinyin, by the word; glosses: an image and its meaning in English."""

    number: int
    lines: tuple[tuple[tuple[str, str], ...], ...]
    glosses: tuple[tuple[str, str], ...]


async def read_aloud(desk: Desk, number: int) -> ReadingAloud:
    """Raises NoSuchPoem, StoreError."""
    poem = (await recall(desk, number)).poem
    return ReadingAloud(number, tuple(map(_sounded, poem.lines)), tuple(glossary.gloss(poem.lines)))


def _sounded(line: str) -> tuple[tuple[str, str], ...]:
    # pypinyin knows words by their Simplified form best; characters stay one to one.
    sounds = lazy_pinyin(to_simplified(to_traditional(line)), style=Style.TONE)
    return tuple(zip(line, sounds, strict=True))
