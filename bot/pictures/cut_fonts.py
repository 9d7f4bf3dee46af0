"""Cuts the shipped fonts out of whole ones: `python -m bot.pictures.cut_fonts BASE RARE...` (needs fonttools).

BASE is the face that characters are taken from; RARE fill in what it lacks. Debian's packages fonts-lxgw-wenkai
(LXGWWenKai-Regular.ttf) and fonts-cns11643-kai (TW-Kai-98_1.ttf, TW-Kai-Ext-B-98_1.ttf) have them; the licences stand
beside the cut files. A cut font bears a name of its own, as the Open Font License asks.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from bot.pictures.typeface import FOLDER
from vae.script import to_simplified
from vae.vocabulary import Vocabulary

LATIN = "".join(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x1CD, 0x1DD))))
SIGNS = "·—–…“”‘’。，、；：？！「」『』《》○●△□×〇"


def cut(fonts: list[Path], folder: Path = FOLDER) -> None:
    """Writes a font and a text file of its characters for each of `fonts` that adds any."""
    written = Vocabulary.shipped().characters
    wanted = set(written) | set("".join(map(to_simplified, written))) | set(LATIN + SIGNS)
    folder.mkdir(exist_ok=True)
    for number, path in enumerate(fonts):
        has = wanted & {chr(code) for code in TTFont(path).getBestCmap()}
        wanted -= has
        if has:
            _save(path, has, f"Lanting Kai {number or ''}".strip(), folder / f"kai-{number}.ttf")
            (folder / f"kai-{number}.txt").write_text("".join(sorted(has)), encoding="utf-8")
    missing = sorted(char for char in wanted if char in written)
    print(f"without a glyph: {len(wanted)}, of which the poet writes: {''.join(missing) or 'none'}")  # noqa: T201


def _save(path: Path, chars: set[str], name: str, to: Path) -> None:
    options = subset.Options(hinting=False, layout_features=[], glyph_names=False, notdef_outline=True)
    font = subset.load_font(str(path), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(chars))
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in {1, 4, 16}:
            record.string = name
        elif record.nameID == 6:
            record.string = name.replace(" ", "")
    font.save(str(to))


if __name__ == "__main__":
    cut([Path(name) for name in sys.argv[1:]])
