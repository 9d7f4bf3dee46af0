"""`check`: does a poem keep its form? The verdict is quick, the explanation is made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vae.poem import Form
from vae.prosody import rules
from vae.prosody.rules import FLAG, FLAG_MAJOR, FLAG_RESCUES, Scheme
from vae.prosody.table import RhymeTable, classical
from vae.script import is_han

if TYPE_CHECKING:
    from vae.prosody.explain import Details, Fault

_FORMS = {(form.lines, form.columns): form for form in Form}
EVERY = -1
"""The mask of all groups: what is not known is held against nobody."""


class Report:
    """What `check` found. Lines and columns are counted from 0.

    form: the form asked for, or the one the shape has; None for any other shape.
    format_ok: the number and the length of the lines are the form's, and all characters are Chinese.
    tone_ok: a scheme fits every line, variants and rescues (拗救) counted.
    rhyme_ok: the rhyming lines end in level words of one group, none twice.
    opens: whether the first line rhymes with the even ones, in the same group or a neighbour.
    digits: the lines' tone masks, a digit a character (1 level, 2 oblique, 3 both, 0 unknown).
    rhyme_group: the level group that the rhyming lines share, the first of the book if several; None if there is none.
    """

    def __init__(self, lines: tuple[str, ...], form: Form | None, table: RhymeTable) -> None:
        self.lines = lines
        self.table = table
        text = "".join(lines)
        digits = text.translate(table.codes)
        width = len(lines[0]) if lines else 0
        self.digits: tuple[str, ...]
        if width * len(lines) == len(text) and all(len(line) == width for line in lines):
            self.digits = tuple([digits[i : i + width] for i in range(0, len(digits), width)]) if width else lines
            shape = _FORMS.get((len(lines), width))
        else:
            self.digits = tuple(line.translate(table.codes) for line in lines)
            shape = None
        self.form = form or shape
        self.regular = shape is not None and self.form is shape
        self.format_ok = self.regular and ("0" not in digits or all(map(is_han, text)))
        self.tone_ok = self.rhyme_ok = self.opens = False
        self.group_bits = 0
        self._fitting: Scheme | None = None
        if self.regular:
            self._judge()

    @property
    def complies(self) -> bool:
        return self.format_ok and self.tone_ok and self.rhyme_ok

    @cached_property
    def scheme(self) -> Scheme | None:
        """The scheme that fits, or the nearest; None without a regular shape."""
        if self._fitting or not self.regular:
            return self._fitting
        from vae.prosody.explain import nearest  # noqa: PLC0415 - explanations are for the few

        return nearest(self.digits, rhymed=self.opens)

    def _judge(self) -> None:
        flags = [rules.flags(digits) for digits in self.digits]
        common = EVERY
        for i in range(1, len(flags), 2):
            common &= self.rhyme_bits(i)
        first = self.rhyme_bits(0)
        shared = self._opening(common, first)
        self.opens = shared != 0
        fitting = [scheme for scheme in rules.schemes(len(flags)) if _fits(flags, scheme.kinds)]
        self.tone_ok = bool(fitting)
        # Of two schemes (the first line's end may be read either way) one that rhymes as it should comes first.
        fitting.sort(key=lambda scheme: scheme.rhymed != self.opens)
        if fitting:
            self._fitting = fitting[0]
        rhymed = fitting[0].rhymed if fitting else self.opens
        self.group_bits = (shared or common) if rhymed else common
        self.rhyme_ok = bool(shared if rhymed else common) and self._no_word_twice(rhymed)

    def rhyme_bits(self, line: int) -> int:
        """The groups, as bits over the table's, that a line's last character may rhyme in; EVERY if nobody can tell."""
        bits = self.table.level_bits.get(self.lines[line][-1])
        if bits is not None:
            return bits
        # Level, but of no group that the book could tell, or not in the book at all.
        return 0 if self.digits[line][-1] == "2" else EVERY

    def _opening(self, common: int, first: int) -> int:
        # The shared groups that the opening line rhymes with: in itself, or else as a neighbour.
        if common & first or EVERY in (common, first):
            return common & first
        opening = self.table.opening_bits
        return sum(1 << i for i in range(len(opening)) if common >> i & 1 and opening[i] & first)

    def _no_word_twice(self, rhymed: bool) -> bool:
        words = [line[-1] for line in self.lines[1::2]]
        if rhymed:
            words.append(self.lines[0][-1])
        return len(set(words)) == len(words)

    @property
    def rhyme_group(self) -> str | None:
        if not self.group_bits or self.group_bits == EVERY:
            return None
        return self.table.rhyme_groups[(self.group_bits & -self.group_bits).bit_length() - 1]

    @cached_property
    def details(self) -> Details:
        """Faults, rescues, polyphones and unknown characters; the ancient style's rhyme."""
        from vae.prosody.explain import explain  # noqa: PLC0415 - explanations are for the few

        return explain(self)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What breaks the form; empty exactly when the poem complies."""
        return self.details.faults

    def grid(self) -> str:
        """The poem with its tones beside the characters, and what there is to say of it, as plain text."""
        from vae.prosody.grid import grid  # noqa: PLC0415 - see above

        return grid(self)

    def to_json(self) -> dict[str, Any]:
        """Plain data for json.dumps."""
        from vae.prosody.grid import to_json  # noqa: PLC0415 - see above

        return to_json(self)


def _fits(flags: Sequence[int], kinds: str) -> bool:
    for i, kind in enumerate(kinds):
        if not flags[i] & FLAG[kind]:
            rescued = kind == "A" and flags[i] & FLAG_MAJOR and flags[i + 1] & FLAG_RESCUES
            if not rescued:
                return False
    return True


def check(lines: Sequence[str], form: Form | None = None, table: RhymeTable | None = None) -> Report:
    """Judge a poem: its lines without punctuation, in Traditional characters, any text at all.

    form: the form it should have; None takes the one its shape has. table: 平水韻, any reading counting, unless given.
    """
    return Report(tuple(lines), form, table or classical())
