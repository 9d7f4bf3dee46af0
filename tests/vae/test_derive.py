"""The shipped tables of characters are what the script derives."""

from importlib import resources
from pathlib import Path

import pytest

from vae.derive import derive_variants, tables

CORPUS, GUANGYUN = Path("../shared/corpus"), Path("../shared/prosody/guangyun.csv")


@pytest.mark.skipif(not (CORPUS.exists() and GUANGYUN.exists()), reason="the corpus or the rhyme book is not here")
def test_the_shipped_tables_are_derived_bit_for_bit() -> None:
    for name, content in tables(CORPUS, GUANGYUN).items():
        assert resources.files("vae").joinpath("data", name).read_bytes() == content, name


def test_variants_are_of_one_sound_and_lead_to_the_standard() -> None:
    sounds = {"為": {"1"}, "爲": {"1"}, "臺": {"2"}, "台": {"3"}}
    found = derive_variants({"爲": 9, "為": 9, "台": 9, "臺": 9, "云": 9, "雲": 9}, sounds)
    assert found["爲"] == "為"
    assert "台" not in found
    assert "云" not in found
    assert not set(found) & set(found.values())
