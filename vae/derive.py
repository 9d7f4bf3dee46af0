"""Derives the shipped tables of characters, bit for bit:

    python -m vae.derive --guangyun ../shared/prosody/guangyun.csv --corpus ../shared/corpus

Variants: candidates are OpenCC's maps (Taiwan's standard, Japanese and Simplified forms that slipped into the corpus), read
character by character. A candidate holds when the 廣韻 does not tell the two characters apart by sound: 台 is not 臺 and
芸 is not 藝, though modern scripts merge them. What sound cannot decide is in `APART` and `TOGETHER`.
Vocabulary and words: the characters that occur at least twenty times once variants are folded, and the pairs of
them that are used as words (see `vae.lexicon`). A changed vocabulary wants new weights and a new
table of company (`python -m vae company`).
Lines: all of the corpus, validation part too, as a filter that no poem may pass (see `vae.bloom`).
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Set
from importlib import resources
from pathlib import Path

from vae import bloom, lexicon, variants, vocabulary
from vae.bloom import Bloom
from vae.corpus import read_poems
from vae.lexicon import Lexicon
from vae.vocabulary import Vocabulary

# Of one sound, yet two words in classical use, or a candidate that points away from the standard form.
APART = frozenset(
    "后范帘里余云游采凄岳朴咸辟凶夸尸熏肴筑苧准术种覈凜衛並褒餅鎮慎即翻郎真緒研併瓶概晃亘幺鮎敚丑仆厂广儿适胜听叶宁丰卷"
)
# Variants that OpenCC does not list.
TOGETHER = (
    "疎疏 栢柏 囬回 鴈雁 皃貌 埜野 鷄雞 凴憑 徧遍 恠怪 劒劍 棃梨 嬾懶 寳寶 冨富 舘館 甎磚 菴庵 盃杯 蘓蘇 嵗歲 竒奇 凈淨 "
    "遶繞 窓窗 窻窗 牕窗 鄊鄉 鶑鶯 鸎鶯 煖暖 暎映 畊耕 谿溪 磵澗 斾旆 襃褒 飇飆 飈飆 蹔暫 箇個 亾亡 覩睹 灋法 乗乘 歘欻 苐第"
)


def derive_variants(counts: Mapping[str, int], sounds: Mapping[str, Set[str]]) -> dict[str, str]:
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


def _same_word(char: str, standard: str, counts: Mapping[str, int], sounds: Mapping[str, Set[str]]) -> bool:
    old, new = sounds.get(char, set()), sounds.get(standard, set())
    told_apart = old and new and not old & new
    attested = counts.get(standard, 0) * 20 >= counts[char]
    return not told_apart and attested


def _end(found: Mapping[str, str], char: str) -> str:
    return _end(found, found[char]) if char in found else char


def read_sounds(guangyun: Path) -> dict[str, Set[str]]:
    """Character -> the numbers of its homophone groups (小韻) in the 廣韻."""
    sounds: defaultdict[str, set[str]] = defaultdict(set)
    with guangyun.open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            sounds[row["字頭"]].add(row["小韻號"])
    return dict(sounds)


def tables(corpus: Path, guangyun: Path) -> dict[str, bytes]:
    """File name -> its content. corpus: the folder of train.jsonl.xz and valid.jsonl.xz. Raises CorpusError, OSError."""
    lines, unseen = (
        [line for poem in read_poems(corpus / f"{part}.jsonl.xz") for line in poem.lines] for part in ("train", "valid")
    )
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(line)
    found = derive_variants(counts, read_sounds(guangyun))
    pairs = [variant + standard for variant, standard in found.items()]
    text = "".join(" ".join(pairs[i : i + 24]) + "\n" for i in range(0, len(pairs), 24))
    folding = str.maketrans(found)
    standard = [line.translate(folding) for line in lines]
    characters = Vocabulary.count(standard)
    return {
        variants.FILE: text.encode(),
        vocabulary.FILE: characters.dump().encode(),
        lexicon.FILE: Lexicon.count(standard, characters).dump(),
        bloom.FILE: Bloom.of_lines([*standard, *(line.translate(folding) for line in unseen)]).dump(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guangyun", type=Path, default=Path("../shared/prosody/guangyun.csv"))
    parser.add_argument("--corpus", type=Path, default=Path("../shared/corpus"))
    parser.add_argument("--out", type=Path, default=Path(str(resources.files("vae").joinpath("data"))))
    options = parser.parse_args()
    for name, content in tables(options.corpus, options.guangyun).items():
        (options.out / name).write_bytes(content)
        sys.stdout.write(f"{options.out / name}\n")


if __name__ == "__main__":
    main()
