"""What the poet is worth, beside its ancestor, a trigram and people: `python -m vae evaluate`.

`columns` says what each figure means; every figure has a 95 % interval, by bootstrap over poems.
"""
