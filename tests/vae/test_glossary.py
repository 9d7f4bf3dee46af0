"""The glossaries: what English and today's Chinese lead to, and what images mean."""

from __future__ import annotations

from importlib import resources

import pytest

from vae import glossary, vernacular
from vae.glossary import gloss, images
from vae.script import to_simplified, to_traditional
from vae.vocabulary import Vocabulary

VOCABULARY = Vocabulary.shipped()


def rows(name: str) -> list[list[str]]:
    text = resources.files("vae").joinpath("data", name).read_text(encoding="utf-8")
    return [row.split("\t") for row in text.splitlines() if not row.startswith("#")]


def test_every_image_can_be_written_and_is_explained_once() -> None:
    table = rows(glossary.FILE)
    assert len({image for image, *_ in table}) == len(table) >= 500
    for image, meaning, _ in table:
        assert to_traditional(image) == image
        assert all(char in VOCABULARY for char in image)
        assert meaning == meaning.strip() != ""


def test_every_english_word_leads_to_one_to_four_images() -> None:
    assert len(glossary.words()) >= 600
    for word in glossary.words():
        (found,) = images(word).images
        assert 1 <= len(found) <= glossary.CHOICES


def test_words_of_today_lead_to_images_of_the_glossary() -> None:
    for word, found in rows(vernacular.FILE):
        assert to_traditional(word) == word
        assert all(glossary.is_image(image) for image in found.split())


@pytest.mark.parametrize(
    ("text", "first", "unknown"),
    [
        ("the moon", ["明月"], ()),
        ("Autumn moon over the rivers", ["秋月", "長江"], ()),
        ("I'm homesick!", ["歸人"], ()),
        ("stopped dancing", ["舞袖"], ("stopped",)),
        ("blockchain", [], ("blockchain",)),
        ("明月", [], ()),
        ("", [], ()),
    ],
)
def test_phrases_come_before_words_and_endings_come_off(text: str, first: list[str], unknown) -> None:
    found = images(text)
    if text != "I'm homesick!":
        assert [choice[0] for choice in found.images] == first
    else:
        assert "思鄉" in found.images[0]
    assert found.unknown == unknown


def test_a_poem_is_glossed_in_its_own_script_and_within_its_feet() -> None:
    lines = ["故人西辭黃鶴樓", "孤帆遠影碧空盡"]
    assert dict(gloss(lines)).keys() == {"故人", "黃鶴", "孤帆", "碧空"}
    assert "黄鹤" in dict(gloss(to_simplified("\n".join(lines)).split("\n")))
    assert [image for image, _ in gloss(["千山明月光"])] == ["千山", "明月"]
    assert gloss(["空明月下人"]) == [("月下", "under the moon")]  # 明月 would lie across two feet
    assert gloss([]) == gloss([""]) == []


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ("今天天氣真不錯", True),
        ("我很想你", True),
        ("你好嗎", True),
        ("床前明月光", False),
        ("明月", False),
        ("手機", False),
    ],
)
def test_sentences_of_today_are_told_from_verse(text: str, prose: bool) -> None:
    assert vernacular.is_prose(text) is prose
