"""How poems are set on a screen."""

from __future__ import annotations

import itertools
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bot.chat.replies import MESSAGE_LIMIT, packed, poem_text, walk_texts
from bot.service.blend_lines import Walk
from bot.service.desk import Written
from vae.poem import BlendRequest, Form, Poem, Recipe

blocks = st.lists(st.text(alphabet="詩\nx", min_size=1, max_size=40), min_size=1)
forms = st.sampled_from(Form)


def some_poem(form: Form) -> Poem:
    recipe = Recipe(model="0" * 12, random_seed=2**63 - 1, request=BlendRequest(a="明月", b="春江"))
    return Poem(("明" * form.columns,) * form.lines, form, recipe)


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
    assert caption.endswith("No. 1234")


@given(forms, st.integers(2, 25), st.text(max_size=400), st.text(max_size=400))
def test_the_longest_walk_takes_an_answer_and_at_most_five_follow_ups(form, steps, a, b):
    walk = Walk(a, b, tuple(Written(10**9 + i, some_poem(form)) for i in range(steps)))
    texts = walk_texts(walk)
    assert len(texts) <= 6
    assert all(len(text) <= MESSAGE_LIMIT for text in texts)
    assert "\n".join(texts).count("No. ") == steps


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


@given(blocks, st.integers(40, 100))
def test_packing_wastes_no_message(blocks, limit):
    texts = packed(blocks, limit)
    for text, following in itertools.pairwise(texts):
        assert len(text) + 1 + len(following) > limit or "\n" in following
