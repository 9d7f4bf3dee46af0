"""Whether the catalogues that ship say the same texts with the same particulars. Needs no Babel."""

from __future__ import annotations

import gettext
import string
from collections.abc import Iterable
from functools import cache

from bot.locales import FOLDER, HANS, HANT


def faults(wanted: Iterable[str]) -> list[str]:
    """What is wrong, a sentence each. wanted: texts of the program that each language must have."""
    names = [path.stem for path in (HANS, HANT)]
    try:
        catalogues = {name: _catalogue(name) for name in names}
    except (OSError, ValueError) as error:
        return [f"the catalogues cannot be read ({error})"]
    texts = frozenset(wanted).union(*catalogues.values())
    found = []
    for name, catalogue in catalogues.items():
        if missing := [text for text in texts if not catalogue.get(text)]:
            found.append(f"{name} lacks {len(missing)} texts, such as {min(missing)!r}")
        if other := [text for text, said in catalogue.items() if _particulars(text) != _particulars(said)]:
            found.append(f"{name} has other particulars in {len(other)} texts, such as {min(other)!r}")
    return found


@cache
def _catalogue(name: str) -> dict[str, str]:
    """Each text, its context before it where it has one, and what it is in that language."""
    with (FOLDER / f"{name}.mo").open("rb") as file:
        read = vars(gettext.GNUTranslations(file))["_catalog"]
    return {key if isinstance(key, str) else key[0]: said for key, said in read.items() if key}


def _particulars(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
