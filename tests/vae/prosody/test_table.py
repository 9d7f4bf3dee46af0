"""Which tones and groups characters have, and that the shipped tables are the derived ones."""

from pathlib import Path

import pytest

from vae.errors import UnknownChoice
from vae.prosody import derive
from vae.prosody.table import EITHER, LEVEL, OBLIQUE, Policy, RhymeTable, classical, modern, named
from vae.vocabulary import Vocabulary

SHARED = Path(__file__).parents[4] / "shared"
DATA = Path(derive.__file__).parents[1] / "data"
TABLES = [book(policy) for book in (classical, modern) for policy in Policy]
each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.name}-{table.policy.name}")


def test_the_books_have_their_groups():
    assert (len(classical().rhyme_groups), len(classical().oblique_groups)) == (30, 76)
    assert len(set(classical().rhyme_groups + classical().oblique_groups)) == 106
    assert len(modern().rhyme_groups) == 14


@pytest.mark.parametrize(
    ("char", "tones", "groups"),
    [
        ("東", LEVEL, {"東"}),
        ("月", OBLIQUE, set()),
        ("看", EITHER, {"寒"}),
        ("先", LEVEL, {"先"}),
        ("行", LEVEL, {"庚", "陽"}),
        ("間", LEVEL, {"刪"}),
        ("魂", LEVEL, {"元"}),
        ("為", EITHER, {"支"}),
        ("忘", LEVEL, {"陽"}),
        ("白", OBLIQUE, set()),
        ("A", 0, set()),
        ("", 0, set()),
        ("東西", 0, set()),
    ],
)
def test_the_classical_table_reads_as_poets_did(char, tones, groups):
    assert classical().tones(char) == tones
    assert classical().groups(char) == groups


def test_the_modern_table_reads_as_today():
    assert modern().tones("白") == LEVEL  # the entering tone is lost
    assert modern().groups("支") == {"支"}
    assert modern().groups("東") == modern().groups("風") == {"庚"}
    assert modern().groups("魚") == modern().groups("兒") == {"齊"}


def test_oblique_groups_serve_the_ancient_style():
    assert classical().ancient("鳥") == classical().ancient("少") & classical().ancient("鳥") == {"篠"}
    assert "屑" in classical().ancient("雪")


def test_the_strict_policy_takes_the_dominant_reading_alone():
    strict = classical().strict
    assert strict.tones("行") == LEVEL
    assert strict.groups("行") == {"庚"}
    assert strict.tones("重") == 0  # as often level as not: nobody can count on it
    assert strict.tones("不") == OBLIQUE


@pytest.mark.parametrize("book", [classical, modern])
def test_what_the_stricter_policy_allows_the_more_lenient_one_allows(book):
    strict, usual, whole = (book(policy) for policy in (Policy.STRICT, Policy.ANY, Policy.BOOK))
    for char in usual:
        assert strict.tones(char) & ~usual.tones(char) == 0
        assert usual.tones(char) & ~whole.tones(char) == 0
        assert strict.groups(char) <= usual.groups(char) <= whole.groups(char)


@each_table
def test_a_group_counts_only_with_its_tone(table: RhymeTable):
    assert all(table.tones(char) & LEVEL for char in table.level_bits)
    assert all(table.tones(char) & OBLIQUE for char in table.oblique_bits)


@each_table
def test_the_vocabulary_is_known(table: RhymeTable):
    characters = Vocabulary.shipped().characters  # the commonest first
    assert sum(char in table for char in characters[:5000]) / 5000 > 0.997
    assert sum(char in table for char in characters) / len(characters) > 0.98


def test_level_share_is_the_poets_usage():
    assert classical().level_share("不") < 0.1 < 0.9 < classical().level_share("如")
    assert classical().level_share("A") == 0.5


def test_neighbours_are_mutual():
    for group, others in classical().neighbours.items():
        assert group not in others
        assert all(group in classical().neighbours[other] for other in others)
    assert classical().neighbours["元"] == {"真", "文", "寒", "刪", "先"}


def test_a_table_by_name():
    assert named("classical") is classical()
    assert named("modern") is modern()
    with pytest.raises(UnknownChoice, match="classical, modern"):
        named("ancient")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the sources are not here")
def test_the_shipped_tables_are_derived_bit_for_bit():
    derived = derive.derive(SHARED / "prosody" / "guangyun.csv", SHARED / "corpus")
    assert set(derived) == {"pingshui.tsv", "xinyun.tsv", "prosody.json"}
    for name, text in derived.items():
        assert (DATA / name).read_text(encoding="utf-8") == text, name
