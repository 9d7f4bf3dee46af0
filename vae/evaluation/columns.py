"""What each column of the tables means; one wording for the terminal, the card and whoever reads the code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vae.evaluation.bootstrap import Figure
from vae.poem import Form

LIKELIHOOD = {
    "nats": "-log p(x) a character, natural logarithm, told nothing but the form; for the nets with a code the importance-"
    "weighted bound (Burda et al. 2016) under z ~ N(0, I), an upper bound: of all poems the ELBO, less what the weights gain "
    "on some",
    "fitted": "the same bound with z from the Gaussian fitted to the corpus' codes, where unseeded poems' codes are drawn",
    "given z": "-log p(x | z) a character, z from the poem's own posterior",
    "other z": "the same with another poem's code: the gap is what the code says",
}
CODE = {
    "kl": "KL(q(z | x) || N(0, I)) of a whole poem, nats",
    "active": "units of the code whose mean varies by more than 0.01",
    "info >=": "mutual information I(x; z) in nats, from below (Hoffman & Johnson 2016; sees at most the logarithm of the "
    "number of poems)",
    "info <=": "the same from above: KL(q(z | x) || the fitted Gaussian)",
    "rebuilt": "% of characters found again, the likeliest written from mu place by place",
    "words": "the weight of known words, were they favoured at every place, that makes held-out poems likeliest given z",
}
WRITTEN = {
    "told apart": "the two-sample test: % of poems that a classifier trained on the two sets (five parts by turns) rightly "
    "calls human or not; 50 is perfect. For people: one half of the held-out poems against the other",
    "coherence": "% of times a line belongs better with the line before it than that line of another poem of the set does, by "
    "what the training part puts side by side, rhyme words left out; 50 is no thread",
    "follows": "% of times a line is held likelier after all lines before it than that line of another poem of the set, by a net "
    "that has learnt it of people's poems alone (`vae.nets.coherence`); the flagship's are chosen by it among other marks",
    "distinct-2": "% of the set's pairs of neighbouring characters that are different ones",
    "4 seen": "% of runs of four characters that stand in the training part",
    "copied": "% of lines that stand in the training part",
    "repeats": "% of characters that stood earlier in their poem, doubled ones (重重) not counted",
}
FORM = {
    "format": "% of poems with the form's lines and lengths",
    "rhyme": "% whose rhyming lines share one level group of 平水韻, no word twice, any reading counting",
    "tone": "% that fit a scheme, variants and rescues (拗救) counted",
}
PERCENT = {"rebuilt", *WRITTEN, *FORM}


@dataclass(frozen=True, slots=True)
class Row:
    """One writer's figures for one form. marked: held-out poems scored; weighted: those of them scored by importance
    weights; written: poems by the writer. figures: by column; what a writer has none of is left out.
    """

    writer: str
    model: str
    form: Form
    marked: int
    weighted: int
    written: int
    figures: Mapping[str, Figure]
