"""Poems for tests that need one and no poet."""

from vae.poem import Form, Poem, Recipe, WriteRequest

LINES = ("床前明月光", "疑是地上霜", "舉頭望明月", "低頭思故鄉")


def a_poem(request: WriteRequest | None = None, random_seed: int = 1) -> Poem:
    recipe = Recipe(model="0123456789ab", random_seed=random_seed, request=request or WriteRequest())
    return Poem(LINES, Form.WUJUE, recipe)
