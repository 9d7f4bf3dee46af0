"""Variant characters of the corpus, each with the standard Traditional one it is written as: 爲 為, 黄 黃, 隠 隱."""

from __future__ import annotations

from functools import cache
from importlib import resources

FILE = "variants.txt"


@cache
def table() -> dict[int, str]:
    """The shipped map, as `str.translate` takes it; `vae.derive` makes it."""
    text = resources.files("vae").joinpath("data", FILE).read_text(encoding="utf-8")
    return {ord(pair[0]): pair[1] for pair in text.split()}
