"""Derives the shipped tables, bit for bit:

    python -m vae.prosody.derive --guangyun ../shared/prosody/guangyun.csv --corpus ../shared/corpus

廣韻 readings (nk2028/tshet-uinh-data, CC0), merged into the 平水韻, carried over to variant characters, completed and
weighed by the corpus' own usage (`vae.prosody.usage`).
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path

from vae.corpus import read_poems
from vae.prosody import books, priors, usage
from vae.prosody.modern import derive_modern
from vae.prosody.table import FILES, Book, Entry, Reading, dump, parse
from vae.script import normalise

Readings = dict[str, dict[str, None]]
"""Character -> its groups, in the order of the rhyme book (a dict for its order)."""

LEVEL_GROUPS = frozenset(books.CLASSICAL_LEVEL)
_ORDER = {group: i for i, group in enumerate((*books.CLASSICAL_LEVEL, *books.CLASSICAL_OBLIQUE))}
_VARIANT_MAPS = ("t2tw", "tw2t", "t2hk", "hk2t", "jp2t", "t2jp")
_SCRIPT_MAPS = ("s2t", "t2s")
_RHYMES = 8
"""Rhyme uses from which a group that the book lacks is believed when half of them are in it."""
_HAN = (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))


def read_guangyun(path: Path) -> dict[str, set[str]]:
    """Character -> 平水韻 groups."""
    merge = books.merge()
    found: defaultdict[str, set[str]] = defaultdict(set)
    with path.open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            # Eighteen odd entries have no place in the system, or stand under a rhyme of another tone than their own.
            group = merge.get((row["音韻地位"][-1:], row["韻目原貌"]))
            if group:
                found[row["字頭"]].add(group)
    return dict(found)


def variants(characters: Iterable[str], maps: Iterable[str]) -> dict[str, set[str]]:
    """Character -> those that OpenCC's maps lead to from it or lead to it from."""
    import opencc  # noqa: PLC0415 - needed here alone

    universe = sorted(characters)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name in maps:
        converted = opencc.OpenCC(name).convert("\n".join(universe)).split("\n")
        for before, after in zip(universe, converted, strict=True):
            if before != after and len(after) == 1:
                found[before].add(after)
                found[after].add(before)
    return found


def widen(book: dict[str, set[str]], characters: Iterable[str]) -> dict[str, set[str]]:
    """Readings for variant characters too.

    A standard form has those of all its variants (為 those of 爲); a variant that the book lacks has those of its
    standard form, else of any other variant, else of the other script's character.
    """
    universe = {*book, *characters, *(chr(code) for code in _HAN)}
    wide = {char: set(groups) for char, groups in book.items()}
    for char, groups in book.items():
        wide.setdefault(normalise(char), set()).update(groups)
    for char in sorted(universe - wide.keys()):
        if normalise(char) in wide:
            wide[char] = set(wide[normalise(char)])
    for maps in (_VARIANT_MAPS, _VARIANT_MAPS, _SCRIPT_MAPS):
        near = variants(universe, maps)
        new = {char: set().union(*(wide.get(other, ()) for other in near[char])) for char in near if char not in wide}
        wide.update({char: groups for char, groups in new.items() if groups})
    return wide


def regulated(corpus: Path) -> Iterator[tuple[str, ...]]:
    """Lines, in standard characters, of the training part's poems of the regular shapes; the rest stays for judging."""
    for poem in read_poems(corpus / "train.jsonl.xz"):
        if poem.form in ("wujue", "qijue", "wulv", "qilv"):
            yield tuple(normalise(line) for line in poem.lines)


def weigh(char: str, groups: set[str], seen: usage.Usage) -> Entry | None:
    """A character's readings with the corpus' shares; readings the book lacks join where usage leaves no doubt.

    The 廣韻 misses forms younger than itself (鞍, 魂, 裙 stand there in other shapes) and readings that poets took for
    granted (忘 level, 為 oblique, 涯 in 麻). None for a character that neither book nor usage tells anything of.
    """
    standard = normalise(char)
    uses, share = seen.seen[standard], seen.share(standard)
    counts = seen.rhymes.get(standard, Counter[str]())
    level = {group for group in groups if group in LEVEL_GROUPS}
    oblique = sorted(groups - level, key=_ORDER.__getitem__)
    has_level = bool(level) or _attested(share, uses, known=bool(groups))
    has_oblique = bool(oblique) or _attested(1 - share, uses, known=bool(groups))
    if not has_level and not has_oblique:
        return None
    if has_level and counts.total() >= _RHYMES:
        level |= {group for group, times in counts.items() if times >= counts.total() / 2}
    total = sum(counts[group] + 1 for group in level)
    readings = [Reading(group, (counts[group] + 1) / total) for group in level]
    readings.sort(key=lambda reading: (-reading.share, _ORDER[reading.group]))
    share = 1.0 if not has_oblique else 0.0 if not has_level else share
    return Entry(share, tuple(readings), tuple(Reading(group, 1.0) for group in oblique))


def _attested(share: float, uses: int, *, known: bool) -> bool:
    # A tone that the book does not give: a known character needs more to be told anew.
    return uses >= 30 and share >= 0.2 if known else uses >= 8 and share >= 0.5


def derive_classical(guangyun: Path, poems: Sequence[tuple[str, ...]]) -> dict[str, Entry]:
    """The 平水韻 with the shares that the poems bear out."""
    book = read_guangyun(guangyun)
    characters = {char for lines in poems for line in lines for char in line}
    book = widen(book, characters)
    tones = {char: (1 if g & LEVEL_GROUPS else 0) | (2 if g - LEVEL_GROUPS else 0) for char, g in book.items()}
    seen = usage.count(poems, tones, {char: frozenset(g & LEVEL_GROUPS) for char, g in book.items()})
    weighed = ((char, weigh(char, book.get(char, set()), seen)) for char in book.keys() | characters)
    return {char: entry for char, entry in weighed if entry is not None}


def derive(guangyun: Path, corpus: Path) -> dict[str, str]:
    """File name -> text, of all that is derived."""
    poems = list(regulated(corpus))
    classical = derive_classical(guangyun, poems)
    files: dict[Book, str] = {
        "classical": dump(sorted(classical.items())),
        "modern": dump(sorted(derive_modern(classical).items())),
    }
    counts = {name: priors.count(poems, parse(name, text)) for name, text in files.items()}
    told = json.dumps(counts, ensure_ascii=False, indent=1) + "\n"
    return {**{FILES[name]: text for name, text in files.items()}, "prosody.json": told}


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description="Derive the shipped tables of rhyme and tone.")
    parser.add_argument("--guangyun", type=Path, default=Path("../shared/prosody/guangyun.csv"))
    parser.add_argument("--corpus", type=Path, default=Path("../shared/corpus"))
    parser.add_argument("--out", type=Path, default=Path(str(resources.files("vae").joinpath("data"))))
    options = parser.parse_args(arguments)
    for name, text in derive(options.guangyun, options.corpus).items():
        (options.out / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{text.count(chr(10))} lines -> {options.out / name}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
