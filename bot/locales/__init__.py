"""What Lanting says, in Simplified and Traditional Chinese: gettext catalogues; English is what stands in the code.

`zh-Hans.po` is written by hand. `python -m bot.locales` makes the rest from it: it brings the catalogue up to date with
the code, derives `zh-Hant.po` by OpenCC and `zh-Hant.corrections.tsv`, and compiles both to the `.mo` that ship.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
HANS, HANT = FOLDER / "zh-Hans.po", FOLDER / "zh-Hant.po"
CORRECTIONS = FOLDER / "zh-Hant.corrections.tsv"
"""What OpenCC makes of the Simplified text, and what it should have made."""
