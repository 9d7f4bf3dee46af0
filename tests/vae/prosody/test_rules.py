"""The schemes as handbooks print them."""

import pytest

from vae.poem import Form
from vae.prosody import rules
from vae.prosody.rules import FLAG, Rule, flags

PRINTED = {
    (Form.WUJUE, "S1"): "*ZPPZ PPZZR *PPZZ *ZZPR",
    (Form.WUJUE, "S2"): "*PPZZ *ZZPR *ZPPZ PPZZR",
    (Form.WUJUE, "S3"): "*ZZPR PPZZR *PPZZ *ZZPR",
    (Form.WUJUE, "S4"): "PPZZR *ZZPR *ZPPZ PPZZR",
    (Form.QIJUE, "S1"): "*P*ZPPZ *ZPPZZR *Z*PPZZ *P*ZZPR",
    (Form.QIJUE, "S2"): "*Z*PPZZ *P*ZZPR *P*ZPPZ *ZPPZZR",
    (Form.QIJUE, "S3"): "*P*ZZPR *ZPPZZR *Z*PPZZ *P*ZZPR",
    (Form.QIJUE, "S4"): "*ZPPZZR *P*ZZPR *P*ZPPZ *ZPPZZR",
}


@pytest.mark.parametrize(("form", "name"), PRINTED)
def test_quatrains_are_as_printed(form, name):
    kinds = rules.scheme(form, name).kinds
    assert " ".join(rules.variants(kind, form.columns)[0].pattern for kind in kinds) == PRINTED[form, name]


def test_regulated_verse_goes_on_as_it_began():
    kinds = {scheme.name: scheme.kinds for scheme in rules.schemes(8)}
    assert kinds == {"S1": "ABCDABCD", "S2": "CDABCDAB", "S3": "DBCDABCD", "S4": "BDABCDAB"}


@pytest.mark.parametrize("lines", [2, 4, 8])
@pytest.mark.parametrize("columns", [5, 7])
def test_couplets_oppose_and_adhere(lines, columns):
    for scheme in rules.schemes(lines):
        patterns = [rules.variants(kind, columns)[0].pattern for kind in scheme.kinds]
        for i in range(1, lines):
            for column in range(1, columns - 1, 2):
                same = patterns[i][column] == patterns[i - 1][column]
                assert same == (i % 2 == 0)


def test_schemes_have_their_titles():
    titles = {(s.name, n): s.title(n) for s in rules.schemes(4) for n in (5, 7)}
    assert titles["S1", 5] == "仄起首句不入韻"
    assert titles["S1", 7] == "平起首句不入韻"
    assert titles["S4", 5] == "平起首句入韻"
    assert titles["S4", 7] == "仄起首句入韻"


@pytest.mark.parametrize("columns", [5, 7])
def test_every_variant_keeps_to_its_type_and_the_forbidden_to_none(columns):
    digit = {"P": "1", "R": "1", "Z": "2", "*": "2"}
    for kind in "ABCD":
        for variant in rules.variants(kind, columns):
            tones = "".join(digit[letter] for letter in variant.pattern)
            assert bool(flags(tones) & FLAG[kind]) != variant.needs_rescue
        never = rules.forbidden(kind, columns)
        if never:
            assert not flags("".join(digit[letter] for letter in never[0])) & 15


def test_the_forbidden_have_their_names():
    assert rules.forbidden("B", 7) == ("*ZZPZZR", Rule.LONE_LEVEL)
    assert rules.forbidden("D", 7) == ("*P*ZPPR", Rule.THREE_LEVELS)


def test_an_unknown_character_breaks_nothing():
    assert flags("00000") & 15 == 15
