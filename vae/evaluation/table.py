"""Rows as plain text, as JSON objects and as Markdown."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence

from vae.evaluation.bootstrap import Figure
from vae.evaluation.columns import CODE, FORM, LIKELIHOOD, PERCENT, WRITTEN, Row
from vae.poem import Form

Cells = list[list[str]]


def as_json(row: Row) -> str:
    """One object: who, which form, how many poems, and each figure with the ends of its interval."""
    told = dataclasses.asdict(row)
    told["figures"] = {name: _rounded(figure) for name, figure in row.figures.items()}
    return json.dumps(told, ensure_ascii=False)


def as_text(rows: Sequence[Row]) -> str:
    """The tables, at most 120 columns wide."""
    parts = [f"{head}\n{aligned(cells)}" for head, cells in _tables(rows)]
    return "\n\n".join(parts)


def as_markdown(rows: Sequence[Row]) -> str:
    """The tables, and what their columns mean."""
    parts = [f"**{head}**\n\n{markdown(cells)}\n\n{_meanings(cells[0])}" for head, cells in _tables(rows)]
    return "\n\n".join(parts)


def aligned(cells: Cells) -> str:
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    lines = []
    for row in cells:
        texts = [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join(texts).rstrip())
    return "\n".join(lines)


def markdown(cells: Cells) -> str:
    head, *body = cells
    rule = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *body))


def cell(figure: Figure | None, *, percent: bool = False) -> str:
    """The value, and half the width of its interval where there is one to tell."""
    if figure is None:
        return "-"
    scale, digits = (100, 1) if percent else (1, 2)
    if figure.low == figure.high == round(figure.value):
        digits = 0
    value = f"{figure.value * scale:.{digits}f}"
    spread = f"{figure.spread * scale:.{digits}f}"
    return value if not float(spread) else f"{value}±{spread.removeprefix('0')}"


def _tables(rows: Sequence[Row]) -> Iterable[tuple[str, Cells]]:
    yield "Likelihood of held-out poems", _cells(rows, LIKELIHOOD)
    yield "Codes of held-out poems", _cells(rows, CODE)
    yield "Of poems written", _cells(rows, WRITTEN)
    yield "Of their form", _cells(rows, FORM)


def _cells(rows: Sequence[Row], columns: Mapping[str, str]) -> Cells:
    told = [row for row in rows if any(name in row.figures for name in columns)]
    kept = [name for name in columns if any(name in row.figures for row in told)]
    body = [
        [row.form.value, row.writer, *(cell(row.figures.get(name), percent=name in PERCENT) for name in kept)]
        for row in sorted(told, key=lambda row: list(Form).index(row.form))
    ]
    return [["form", "writer", *kept], *body]


def _meanings(head: Sequence[str]) -> str:
    known = LIKELIHOOD | CODE | WRITTEN | FORM
    return "\n".join(f"- *{name}*: {known[name]}." for name in head if name in known)


def _rounded(figure: Figure) -> dict[str, float]:
    return {name: round(value, 6) for name, value in dataclasses.asdict(figure).items()}
