"""Wishes of every kind, as the poet meets them: answers, places, English, boldness, blends that lean, no copied line."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from tests.vae.test_poet import complies
from vae.bloom import Bloom
from vae.errors import WishError
from vae.poem import BlendRequest, Form, Script, WriteRequest
from vae.poet import Poet
from vae.script import to_simplified, to_traditional
from vae.wish import Codes, Wish

ANSWERED = "朝辭白帝彩雲間，千里江陵一日還。兩岸猿聲啼不住，輕舟已過萬重山。"


def test_an_answer_uses_the_other_poems_rhyme_words_in_their_order(poet: Poet) -> None:
    requests = [
        WriteRequest(answer=ANSWERED, random_seed=1),
        WriteRequest(answer=ANSWERED, form=Form.WUJUE, seed="明月", acrostic="春夏秋冬", random_seed=2),
        WriteRequest(answer=to_simplified(ANSWERED), script=Script.HANS, random_seed=3),
    ]
    for poem in poet.write_all(requests):
        assert to_traditional("".join(poem.lines[i][-1] for i in (0, 1, 3))) == "間還山"
        assert complies(poem), poem.text
    assert poet.write(requests[0]).form is Form.QIJUE


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_a_line_stands_at_the_place_asked_for(poet: Poet, place: int) -> None:
    line = "白日依山盡" if place % 2 else "黃河入海流"
    poem = poet.write(WriteRequest(seed=line, place=place, random_seed=1, candidates=2))
    assert poem.lines[place - 1] == line
    assert complies(poem)


@pytest.mark.parametrize(
    ("seed", "heard"),
    [
        ("the autumn moon", {"秋月"}),
        ("homesick", {"歸人", "歸心", "鄉心", "思鄉"}),
        ("我今天很想家", {"思鄉", "歸心"}),
        ("小橋流水人家", {"小橋", "流水", "人家"}),
    ],
)
def test_english_and_sentences_of_today_are_heard_by_their_images(poet: Poet, seed: str, heard: set[str]) -> None:
    poem = poet.write(WriteRequest(seed=seed, random_seed=1, candidates=2))
    assert any(image in line for image in heard for line in poem.lines)
    assert complies(poem)


def test_what_the_glossary_does_not_know_is_told(poet: Poet) -> None:
    poem = poet.write(WriteRequest(seed="moon and blockchain", random_seed=1, candidates=1))
    assert any("blockchain" in note for note in poem.notes)


def test_an_unknown_english_word_beside_chinese_is_told(poet: Poet) -> None:
    poem = poet.write(WriteRequest(seed="明月 blockchain", random_seed=1, candidates=1))
    assert any("blockchain" in note for note in poem.notes)


def test_no_line_of_the_poem_that_is_answered_is_written(poet: Poet) -> None:
    own = ("孤窗聽夜雨", "舊夢落寒燈", "欲寫天涯信", "西風掩客情")
    (wish,) = poet.prepare(WriteRequest(seed="，".join(own), random_seed=1)).wishes
    other = ("孤窗聽夜雪", *own[1:])
    ids = [poet.vocabulary.encode("".join(lines)).astype(np.int64) for lines in (own, other)]
    assert [wish._copied(each, poet.vocabulary) for each in ids] == [[0, 1, 2, 3], [1, 2, 3]]


def test_a_line_that_simplified_makes_another_poets_is_a_copy(poet: Poet) -> None:
    assert "南遊四十年" in Bloom.shipped()
    assert "南游四十年" not in Bloom.shipped()
    (wish,) = poet.prepare(WriteRequest(form=Form.WUJUE, random_seed=0)).wishes
    own = "翛然同客坐洗拂夢塵緣依約元無侶"
    for last, copied in (("南游四十年", [3]), ("南遊四十年", [3]), ("南冠四十仙", [])):
        ids = poet.vocabulary.encode(own + last).astype(np.int64)
        assert wish._copied(ids, poet.vocabulary) == copied


def test_boldness_is_each_poems_own(poet: Poet) -> None:
    requests = [WriteRequest(random_seed=1, boldness=boldness, candidates=4) for boldness in (0.0, 0.5, 1.0)]
    together = poet.write_all(requests)
    assert together == [poet.write(request) for request in requests]
    assert len({poem.lines for poem in together}) == 3


def test_no_line_of_the_corpus_is_written_but_the_persons_own(poet: Poet) -> None:
    known = Bloom.shipped()
    # All but one character of a famous line stand, and the rest would be easy to guess.
    requests = [
        WriteRequest(seed=seed, form=Form.WUJUE, random_seed=i, candidates=1) for i in range(4) for seed in NEARLY
    ]
    for poem in poet.write_all([*requests, *(WriteRequest(random_seed=i, candidates=1) for i in range(40))]):
        assert not [line for line in poem.lines if to_traditional(line) in known], poem.text
    assert poet.write(WriteRequest(seed="白日依山盡", random_seed=1)).lines[0] in known


def test_rhyme_words_that_simplified_would_make_one_are_not_written_both(poet: Poet) -> None:
    """浮沈 is shown as 浮沉, which has rhymed above."""
    lines = ["詩眼看雲只自深", "人言筆力落洪音", "何憑山色秋容出", "噴雪泉聲晚氣沉"]
    lines += ["頗訝千峰如畫像", "也將一印付浮沈", "四時日月無私會", "遮莫風煙總是心"]
    request = WriteRequest(form=Form.QILV, rhyme="侵", script=Script.HANS, random_seed=1, candidates=1)
    (wish,) = poet.prepare(request).wishes
    ids = poet.vocabulary.encode("".join(lines)).astype(np.int64)[None]
    again = wish.answer(ids, np.zeros(1, np.float32), Codes(torch.zeros(1, 128)), poet.vocabulary)
    assert isinstance(again, Wish)
    assert again.avoided & {"沈", "沉"}


NEARLY = ("白日依山", "黃河入海", "床前明月", "春眠不覺")


def test_the_steps_of_a_blend_lean_from_one_parent_to_the_other(poet: Poet) -> None:
    a, b = "大漠孤煙直，長河落日圓", "明月松間照，清泉石上流"
    request = BlendRequest(a=a, b=b, steps=5, form=Form.WUJUE, random_seed=2, candidates=8)
    leans = [poem.lean for poem in poet.blend(request)]
    assert all(lean is not None and -1 <= lean <= 1 for lean in leans)
    assert leans[0] < -0.5 < 0.5 < leans[-1]
    assert sum(a <= b for a, b in pairwise(leans)) >= 3


@pytest.mark.parametrize(("a", "b", "told"), [("", "明月", "first text"), ("明月", "🌙", "second text")])
def test_a_parent_that_cannot_be_read_is_named(poet: Poet, a: str, b: str, told: str) -> None:
    with pytest.raises(WishError, match=told):
        poet.prepare(BlendRequest(a=a, b=b))
