"""How poems are set on a screen: columns, captions, and what is longer than a message."""

from __future__ import annotations

import dataclasses
import itertools
import unicodedata

import discord
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.locale import Language, Say
from bot.chat.page import TEXT_LIMIT, Page, packed
from bot.chat.views.poem import poem_page
from bot.chat.views.walk import walk_pages
from bot.service.blend_lines import Walk
from bot.service.desk import Written
from vae.poem import BlendRequest, Form, Poem, Recipe

blocks = st.lists(st.text(alphabet="詩\nx", min_size=1, max_size=40), min_size=1)
forms = st.sampled_from(Form)


def some_poem(form: Form) -> Poem:
    recipe = Recipe(model="0" * 12, random_seed=2**63 - 1, request=BlendRequest(a="明月", b="春江"))
    return Poem(("明" * form.columns,) * form.lines, form, recipe)


def texts_of(page: Page) -> str:
    return "\n".join(item.content for item in page.walk_children() if isinstance(item, discord.ui.TextDisplay))


def poem_text(written: Written, language: Language = Language.EN) -> str:
    return texts_of(poem_page(Say(language), written, pictures=False))


@given(forms)
def test_each_character_stands_under_the_one_above(form):
    lines = [line for line in poem_text(Written(7, some_poem(form))).splitlines() if line.startswith("> ")]
    assert len(lines) == form.lines
    assert len({len(line) for line in lines}) == 1
    assert all(unicodedata.east_asian_width(char) in "WF" for line in lines for char in line[2:])


@given(forms)
def test_a_poem_tells_its_form_in_chinese_and_english_and_its_number(form):
    caption = poem_text(Written(1234, some_poem(form))).splitlines()[-1]
    assert caption.startswith(f"-# {form.chinese} · ")
    assert "character" in caption
    assert poem_text(Written(1234, some_poem(form)), Language.HANS).splitlines()[-1].endswith("第 1234 首")
    assert caption.endswith("No. 1234")


@given(forms, st.integers(2, 25), st.text(max_size=400), st.text(max_size=400))
def test_the_longest_walk_takes_an_answer_and_at_most_five_follow_ups(form, steps, a, b):
    walk = Walk(a, b, tuple(Written(10**9 + i, some_poem(form)) for i in range(steps)))
    pages = walk_pages(Say(Language.EN), walk)
    texts = [texts_of(page) for page in pages]
    assert len(texts) <= 6
    assert all(page.content_length() <= TEXT_LIMIT for page in pages)
    assert "\n".join(texts).count("No. ") == steps


def test_each_step_of_a_walk_tells_whose_words_it_uses():
    leans = (-1.0, -0.45, 0.1, 0.6, 1.0)
    poems = [dataclasses.replace(some_poem(Form.COUPLET), lean=lean) for lean in leans]
    (page,) = walk_pages(Say(Language.EN), Walk("明月", "春江", tuple(map(Written, range(1, 6), poems))))
    head, _, steps = texts_of(page).partition("> ")
    assert head.startswith("Ⓐ **明月** → Ⓑ **春江**\n")
    assert "whose words a poem uses" in head
    captions = [line for line in steps.splitlines() if line.startswith("-# ")]
    assert captions[0] == "-# 1 of 5 · Ⓐ ●────── Ⓑ · No. 1"
    assert [caption.split(" · ")[1] for caption in captions[1:]] == [
        "Ⓐ ──●──── Ⓑ",
        "Ⓐ ───●─── Ⓑ",
        "Ⓐ ─────●─ Ⓑ",
        "Ⓐ ──────● Ⓑ",
    ]


def test_a_walk_of_which_nobody_knows_whose_words_it_uses_shows_none():
    (page,) = walk_pages(Say(Language.EN), Walk("明月", "春江", (Written(1, some_poem(Form.COUPLET)),)))
    assert "●" not in texts_of(page)


@given(blocks, st.integers(40, 100))
def test_packing_keeps_every_block_whole_and_in_order(blocks, limit):
    texts = packed(blocks, limit)
    assert "\n".join(texts) == "\n".join(blocks)
    assert all(len(text) <= limit for text in texts)
    rest = list(blocks)
    for text in texts:
        inside = []
        while "\n".join(inside) != text:
            inside.append(rest.pop(0))


@given(st.text(alphabet="詩\nx"), st.integers(1, 20))
def test_what_is_longer_than_a_message_is_broken_and_never_cut(text, limit):
    texts = packed([text], limit)
    assert all(len(text) <= limit for text in texts)
    assert "".join(texts).replace("\n", "") == text.replace("\n", "")


@given(blocks, st.integers(40, 100))
def test_packing_wastes_no_message(blocks, limit):
    texts = packed(blocks, limit)
    for text, following in itertools.pairwise(texts):
        assert len(text) + 1 + len(following) > limit or "\n" in following
