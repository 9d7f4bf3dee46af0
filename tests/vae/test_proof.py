"""The proof counts what it should, and the poet passes it."""

from __future__ import annotations

import dataclasses

from vae.poem import Form, Poem, Recipe, WriteRequest
from vae.poet import Poet
from vae.proof import faults, prove

GUANQUE = ("白日依山盡", "黃河入海流", "欲窮千里目", "更上一層樓")


def poem(*lines: str) -> Poem:
    return Poem(lines, Form.WUJUE, Recipe(model="m", random_seed=0, request=WriteRequest()))


def test_a_sound_poem_has_no_faults_and_a_spoilt_one_is_named() -> None:
    assert faults(poem(*GUANQUE)) == ["copy"]
    assert not faults(poem("白日依山坐", "黃河入海清", "欲窮千里月", "更上一層城"))
    assert "rhyme" in faults(poem(*GUANQUE[:3], "更上一層山"))
    assert "tone" in faults(poem("白日依山前", *GUANQUE[1:]))
    assert "format" in faults(dataclasses.replace(poem(*GUANQUE), lines=GUANQUE[:3]))


def test_what_the_poet_writes_keeps_its_form(poet: Poet) -> None:
    *_, last = prove(poet, 192, random_seed=1)
    assert last == "all: 192 of 192"
