"""和韻: the poem that is answered, and the rhyme words it lends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vae.errors import Clash, Phrase, WishError
from vae.poem import Form
from vae.prosody.check import check
from vae.prosody.table import RhymeTable
from vae.script import clean, printable, to_traditional


class NoRegularPoem(WishError):
    key = "answer_no_poem"
    template = (
        "The poem to answer ({text}) is no regular poem: 2, 4 or 8 lines of 5 or 7 characters are wanted. "
        "Paste the whole poem, with its punctuation."
    )


class NoLevelRhyme(WishError):
    key = "answer_no_rhyme"
    template = (
        "The poem to answer rhymes on {words}, which share no level rhyme group of the rhyme book. "
        "Answer a poem with one level rhyme, or give it as the seed."
    )


@dataclass(frozen=True, slots=True)
class Answered:
    """A poem to answer, in standard Traditional.

    rhymes: its rhyme words by line, from 0; the first line is among them if it rhymes. typed: the same as typed.
    """

    form: Form
    lines: tuple[str, ...]
    rhymes: Mapping[int, str]
    typed: Mapping[int, str]

    @property
    def name(self) -> Phrase:
        return Phrase("the rhyme words {words} of the poem you answer", words="、".join(self.typed.values()))

    def rhymes_in(self, form: Form) -> Mapping[int, str]:
        """The rhyme words by line for a poem of another form. Raises Clash where it has more rhyming lines, or fewer."""
        if form.lines != self.form.lines:
            reason = Phrase(
                "it has {wanted} rhyming lines and the poem {found}. Leave the form open, or choose {form}.",
                wanted=form.lines // 2,
                found=self.form.lines // 2,
                form=self.form.chinese,
            )
            raise Clash(first=self.name, second=form.chinese, reason=reason)
        return self.rhymes


def answered(text: str, table: RhymeTable) -> Answered:
    """The poem in a typed text, titles and names before it passed over. Raises WishError."""
    runs = clean(text, what="poem to answer")
    lines, typed = _poem_in(runs)
    form = Form.of(lines)
    if form is None:
        raise NoRegularPoem(text=printable(text))
    table = table.lenient
    opens = check(lines, form, table).opens
    rhyming = [i for i in range(form.lines) if i % 2 or (i == 0 and opens)]
    groups = [table.groups(lines[i][-1]) for i in rhyming if i]
    if not frozenset.intersection(*groups):
        raise NoLevelRhyme(words="、".join(typed[i][-1] for i in rhyming))
    return Answered(form, lines, {i: lines[i][-1] for i in rhyming}, {i: typed[i][-1] for i in rhyming})


def _poem_in(runs: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The last lines of one length that make a poem, in standard Traditional and as typed; none if there are none."""
    standard = to_traditional("\n".join(runs)).split("\n")
    for columns in (7, 5):
        fitting = [i for i, run in enumerate(runs) if len(run) % columns == 0]
        lines, typed = (
            [side[i][at : at + columns] for i in fitting for at in range(0, len(runs[i]), columns)]
            for side in (standard, runs)
        )
        for count in (8, 4, 2):
            # A title may be as long as a line, but a poem is not half of what was pasted.
            if count <= len(lines) <= count + 1:
                return tuple(lines[-count:]), tuple(typed[-count:])
    return (), ()
