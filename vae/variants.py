"""Variant characters of the corpus, each with the standard Traditional one it is written as: 爲 為, 黄 黃, 隠 隱.

Run as a script to derive the shipped table again, bit for bit:

    python -m vae.variants ../shared/corpus/train.jsonl.xz ../shared/prosody/guangyun.csv

Candidates are OpenCC's maps (Taiwan's standard, Japanese and Simplified forms that slipped into the corpus), read
character by character. A candidate holds when the 廣韻 does not tell the two characters apart by sound: 台 is not 臺 and
芸 is not 藝, though modern scripts merge them. What sound cannot decide is in `APART` and `TOGETHER`.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

_FILE = "variants.txt"

# Of one sound, yet two words in classical use, or a candidate that points away from the standard form.
APART = frozenset(
    "后范帘里余云游采凄岳朴咸辟凶夸尸熏肴筑苧准术种覈凜衛並褒餅鎮慎即翻郎真緒研併瓶概晃亘幺鮎敚丑仆厂广儿适胜听叶宁丰卷"
)
# Variants that OpenCC does not list.
TOGETHER = (
    "疎疏 栢柏 囬回 鴈雁 皃貌 埜野 鷄雞 凴憑 徧遍 恠怪 劒劍 棃梨 嬾懶 寳寶 冨富 舘館 甎磚 菴庵 盃杯 蘓蘇 嵗歲 竒奇 凈淨 "
    "遶繞 窓窗 窻窗 牕窗 鄊鄉 鶑鶯 鸎鶯 煖暖 暎映 畊耕 谿溪 磵澗 斾旆 襃褒 飇飆 飈飆 蹔暫 箇個 亾亡 覩睹 灋法 乗乘 歘欻 苐第"
)


@cache
def table() -> dict[int, str]:
    """The shipped map, as `str.translate` takes it."""
    text = resources.files("vae").joinpath("data", _FILE).read_text(encoding="utf-8")
    return {ord(pair[0]): pair[1] for pair in text.split()}


def derive(counts: Mapping[str, int], sounds: Mapping[str, set[str]]) -> dict[str, str]:
    """Variant -> standard, for the characters counted in a corpus; `sounds`: the 廣韻's homophone groups (小韻) of each."""
    import opencc  # noqa: PLC0415 - slow to load and needed by this script alone

    taiwan, simplified, japanese = (opencc.OpenCC(name).convert for name in ("t2tw", "s2tw", "jp2t"))
    found: dict[str, str] = {pair[:1]: pair[1:] for pair in TOGETHER.split()}
    for char in sorted(counts):
        if char in APART or char in found:
            continue
        standard = taiwan(char)
        if standard == char:
            candidates = (taiwan(simplified(char)), taiwan(japanese(char)))
            standard = next((c for c in candidates if c != char and _same_word(char, c, counts, sounds)), char)
        if standard != char and len(standard) == 1:
            found[char] = standard
    return {variant: _end(found, standard) for variant, standard in sorted(found.items())}


def _same_word(char: str, standard: str, counts: Mapping[str, int], sounds: Mapping[str, set[str]]) -> bool:
    told_apart = sounds[char] and sounds[standard] and not sounds[char] & sounds[standard]
    attested = counts.get(standard, 0) * 20 >= counts[char]
    return not told_apart and attested


def _end(found: Mapping[str, str], char: str) -> str:
    return _end(found, found[char]) if char in found else char


def main(corpus: Path, guangyun: Path) -> None:
    from vae.corpus import read_poems  # noqa: PLC0415 - the corpus itself is read through this table

    counts: Counter[str] = Counter()
    for poem in read_poems(corpus):
        counts.update("".join(poem.lines))
    sounds: defaultdict[str, set[str]] = defaultdict(set)
    with guangyun.open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            sounds[row["字頭"]].add(row["小韻號"])
    pairs = [variant + standard for variant, standard in derive(counts, sounds).items()]
    rows_of_text = (" ".join(pairs[i : i + 24]) for i in range(0, len(pairs), 24))
    target = Path(str(resources.files("vae").joinpath("data", _FILE)))
    target.write_text("\n".join(rows_of_text) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(pairs)} variants -> {target}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
