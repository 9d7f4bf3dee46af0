"""Figures of this package, measured: `python -m vae.prosody.bench [--corpus ../shared/corpus] [--guangyun ...csv]`.

What needs a source that is not there is left out.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from vae.corpus import CorpusPoem, read_poems
from vae.prosody import derive, rules, usage
from vae.prosody.check import Report, check
from vae.prosody.table import LEVEL, OBLIQUE, Policy, RhymeTable, classical, modern
from vae.script import normalise

_ENTERING = frozenset("屋沃覺質物月曷黠屑藥陌錫職緝合葉洽")
_FORMS = ("wujue", "qijue", "wulv", "qilv")
_PUBLISHED = {
    ("tang", "wujue"): (77.0, 90.1, 33.3, 54.5, 52.6),
    ("tang", "qijue"): (94.2, 96.9, 63.6, 84.6, 83.3),
    ("tang", "wulv"): (89.4, 93.8, 33.0, 73.1, 71.8),
    ("tang", "qilv"): (92.6, 93.4, 58.5, 85.2, 83.2),
    ("song", "wujue"): (66.9, 84.9, 30.3, 48.9, 46.4),
    ("song", "qijue"): (92.1, 93.5, 69.0, 88.8, 84.3),
    ("song", "wulv"): (83.2, 87.6, 34.1, 71.5, 67.6),
    ("song", "qilv"): (88.7, 89.2, 55.9, 84.6, 79.2),
}
"""Earlier counts of the same corpus by another hand, in per cent: rhyme, with oblique ones, strict tone, tone, full."""

_LOADING = """
import time
def resident(): return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6
before, start = resident(), time.process_time()
from vae.prosody.table import classical
table = classical()
table.codes, table.level_bits
print(f"{(time.process_time() - start) * 1000:.0f} ms, {resident() - before:.1f} MB")
"""


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def rate(poems: list[tuple[str, ...]], rounds: int = 5) -> float:
    """Poems checked a second of processor time: the best of some rounds, verdict and rhyme group asked for."""
    best = 0.0
    for _ in range(rounds):
        start = time.process_time()
        for lines in poems:
            report = check(lines)
            _ = report.complies, report.rhyme_group
        best = max(best, len(poems) / (time.process_time() - start))
    return best


def tone_agreement(counts: Counter[str]) -> str:
    """平水韻 against pypinyin's tones, on characters that have one tone in both and no entering tone (入聲, lost today)."""
    old, new = classical(), modern()
    agree = total = agree_uses = uses = 0
    for char, times in counts.items():
        a, b = old.tones(char), new.tones(char)
        if a in (LEVEL, OBLIQUE) and b in (LEVEL, OBLIQUE) and not old.ancient(char) & _ENTERING:
            agree, total = agree + (a == b), total + 1
            agree_uses, uses = agree_uses + times * (a == b), uses + times
    return f"{agree / total:.2%} of {total} characters, {agree_uses / uses:.2%} of {uses} uses"


def corpus_agreement(guangyun: Path, seen: usage.Usage) -> str:
    """The 廣韻 as printed against usage: characters of one tone there, with 30 or more uses at fixed places."""
    agree = total = agree_uses = uses = 0
    for char, groups in derive.read_guangyun(guangyun).items():
        kinds = {group in derive.LEVEL_GROUPS for group in groups}
        if len(kinds) == 1 and seen.seen[char] >= 30:
            fits = (seen.share(char) >= 0.5) == (True in kinds)
            level = seen.level[char]
            agree, total = agree + fits, total + 1
            agree_uses += level if True in kinds else seen.seen[char] - level
            uses += seen.seen[char]
    return f"{agree / total:.2%} of {total} characters, {agree_uses / uses:.2%} of {uses} uses"


def marks(report: Report) -> tuple[bool, ...]:
    """rhyme, rhyme with oblique ones, strict tone, tone, full, and tone and full without the rescue of 大拗."""
    plain = any(
        all(
            rules.fits(digits, rules.variants(kind, len(digits))[0].pattern)
            for digits, kind in zip(report.digits, scheme.kinds, strict=True)
        )
        for scheme in rules.schemes(len(report.lines))
    )
    rhyme = report.rhyme_ok
    return (
        rhyme,
        rhyme or report.details.ancient is not None,
        plain,
        report.tone_ok,
        report.complies,
        *_unrescued(report),
    )


def _unrescued(report: Report) -> tuple[bool, bool]:
    free = all(licence.rule is not rules.Rule.MAJOR for licence in report.details.licences)
    return report.tone_ok and free, report.complies and free


def compliance(poems: Iterable[CorpusPoem], table: RhymeTable) -> dict[tuple[str, str], list[int]]:
    """(dynasty, form) -> poems, and how many of them have each of the `marks`."""
    found: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * 8)
    for poem in poems:
        if poem.form in _FORMS:
            report = check(tuple(map(normalise, poem.lines)), table=table)
            row = found[poem.dynasty, poem.form]
            for i, mark in enumerate((True, *marks(report))):
                row[i] += mark
    return found


def show_compliance(title: str, found: dict[tuple[str, str], list[int]], *, as_earlier: bool = False) -> None:
    """as_earlier: tone and full without the rescue of 大拗, as the earlier counts seem to be."""
    say(f"\n{title}: per cent, and the difference from earlier counts")
    say("                poems   rhyme          any tone       strict         tone           full")
    for key, published in _PUBLISHED.items():
        poems, *kept = found.get(key, [0] * 8)
        chosen = [*kept[:3], *(kept[5:] if as_earlier else kept[3:5])]
        shares = [100 * n / poems for n in chosen] if poems else []
        cells = (f"{share:5.1f} ({share - old:+5.1f}) " for share, old in zip(shares, published, strict=False))
        say(f"{key[0]:5}{key[1]:6}{poems:10}   {' '.join(cells)}")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("../shared/corpus"))
    parser.add_argument("--guangyun", type=Path, default=Path("../shared/prosody/guangyun.csv"))
    options = parser.parse_args(arguments)
    loading = subprocess.run([sys.executable, "-c", _LOADING], capture_output=True, text=True, check=True)  # noqa: S603
    say(f"importing and loading the classical table, processor time: {loading.stdout.strip()}")
    if not options.corpus.is_dir():
        return
    parts = {part: list(read_poems(options.corpus / f"{part}.jsonl.xz")) for part in ("train", "valid")}
    lines = [tuple(map(normalise, poem.lines)) for poem in parts["valid"] if poem.form in _FORMS]
    say(f"check: {rate(lines):.0f} poems a second")
    every = [tuple(map(normalise, poem.lines)) for part in parts.values() for poem in part]
    counts = Counter(char for poem in every for line in poem for char in line)
    unknown = sum(n for char, n in counts.items() if char not in classical())
    say(f"characters of the corpus not in the table: {unknown / counts.total():.3%} of uses")
    say(f"agreement with pypinyin: {tone_agreement(counts)}")
    if options.guangyun.exists():
        regular = [poem for poem in every if (len(poem), len(poem[0])) in {(4, 5), (4, 7), (8, 5), (8, 7)}]
        table = classical()
        tones = {char: table.tones(char) for char in table}
        seen = usage.count((p for p in regular if len(set(map(len, p))) == 1), tones, {})
        say(f"agreement of the 廣韻 with usage: {corpus_agreement(options.guangyun, seen)}")
    every_poem = [*parts["train"], *parts["valid"]]
    show_compliance("all poems", compliance(every_poem, classical()))
    title = "all poems, every reading of the book, no 大拗"
    show_compliance(title, compliance(every_poem, classical(Policy.BOOK)), as_earlier=True)
    show_compliance("held-out poems", compliance(parts["valid"], classical()))
    show_compliance("held-out poems, dominant reading", compliance(parts["valid"], classical().strict))
    show_compliance("held-out poems, modern table", compliance(parts["valid"], modern()))


if __name__ == "__main__":
    main(sys.argv[1:])
