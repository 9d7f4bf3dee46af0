"""Words of verse: pairs within a foot, used at least twice."""

import torch

from vae.lexicon import Lexicon, within_foot
from vae.vocabulary import Vocabulary

VOCABULARY = Vocabulary("明月松間照清泉石上流悠空山新雨後")


def is_word(lexicon: Lexicon, pair: str) -> bool:
    first, second = torch.from_numpy(VOCABULARY.encode(pair).astype(int))
    return bool(lexicon.words(first)[second])


def test_feet_are_two_and_three_or_two_and_two_and_three() -> None:
    assert [within_foot(column, 5) for column in range(5)] == [False, True, False, True, True]
    assert [within_foot(column, 7) for column in range(7)] == [False, True, False, True, False, True, True]


def test_a_pair_used_twice_within_a_foot_is_a_word_and_no_other() -> None:
    lexicon = Lexicon.count(["明月松間照", "明月石上流", "空山新雨後", "長過五字六個字的行"], VOCABULARY)
    assert is_word(lexicon, "明月")
    assert not is_word(lexicon, "空山")
    assert not is_word(lexicon, "月松")
    assert not is_word(lexicon, "月明")


def test_what_is_outside_the_vocabulary_makes_no_word() -> None:
    assert not Lexicon.count(["𰻞𰻞松間照"] * 3, VOCABULARY).words(torch.arange(2)).any()


def test_characters_that_simplified_merges_are_kin() -> None:
    vocabulary = Vocabulary.shipped()
    kin = dict(
        zip(
            "閒閑遊游明月",
            Lexicon.shipped(vocabulary).kin[vocabulary.encode("閒閑遊游明月").astype(int)].tolist(),
            strict=True,
        )
    )
    assert kin["閒"] == kin["閑"]
    assert kin["遊"] == kin["游"]
    assert kin["明"] != kin["月"]


def test_the_shipped_words_are_poets_words() -> None:
    vocabulary = Vocabulary.shipped()
    words = Lexicon.shipped(vocabulary).words(torch.arange(len(vocabulary)))
    for pair in ("明月", "春風", "悠悠", "千里"):
        first, second = vocabulary.encode(pair).tolist()
        assert words[first, second], pair
    assert 0.001 < words.float().mean() < 0.05
