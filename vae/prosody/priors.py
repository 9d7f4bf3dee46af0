"""How often the corpus' regulated poems use each scheme and rhyme group; counted by `vae.prosody.derive`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from vae.poem import Form
from vae.prosody import rules
from vae.prosody.check import check
from vae.prosody.table import RhymeTable

_FILE = Path(__file__).parents[1] / "data" / "prosody.json"
# Couplets stand for the inner couplets of longer poems, whose first lines end oblique; rhymed ones are for the asking.
_COUPLETS = {"S1": 1.0, "S2": 1.0, "S3": 1e-6, "S4": 1e-6}


def count(poems: Iterable[tuple[str, ...]], table: RhymeTable) -> dict[str, Any]:
    """For each form the compliant poems' schemes and rhyme groups, counted."""
    schemes: dict[str, Counter[str]] = {}
    rhymes: dict[str, Counter[str]] = {}
    for lines in poems:
        report = check(lines, table=table)
        if report.complies and report.form and report.scheme and report.rhyme_group:
            schemes.setdefault(report.form.value, Counter())[report.scheme.name] += 1
            rhymes.setdefault(report.form.value, Counter())[report.rhyme_group] += 1
    return {"schemes": _sorted(schemes), "rhymes": _sorted(rhymes)}


def _sorted(counts: Mapping[str, Counter[str]]) -> dict[str, dict[str, int]]:
    return {form: dict(sorted(found.items())) for form, found in sorted(counts.items())}


@cache
def _shipped() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return found


def scheme_weights(form: Form, table: RhymeTable) -> dict[str, float]:
    """Scheme -> weight, all above 0."""
    if form.lines == 2:
        return dict(_COUPLETS)
    counts = _shipped()[table.name]["schemes"][form.value]
    return {name: counts.get(name, 0) + 1.0 for name in rules.NAMES}


def rhyme_weights(form: Form, table: RhymeTable) -> dict[str, float]:
    """Level rhyme group -> weight, all above 0; a couplet's are those of the quatrain of its length."""
    alike = {Form.COUPLET: Form.WUJUE, Form.COUPLET7: Form.QIJUE}.get(form, form)
    counts = _shipped()[table.name]["rhymes"][alike.value]
    return {group: counts.get(group, 0) + 1.0 for group in table.rhyme_groups}
