"""A wish on its way to the poet, and what the worker needs of a poet."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, runtime_checkable

from bot.logs import Asked, asked
from vae.poem import BlendRequest, Form, Poem, WriteRequest

Request: TypeAlias = WriteRequest | BlendRequest
Outcome: TypeAlias = list[Poem] | BaseException

REVISED_FROM, CANDIDATES_A_LINE = 32, 4
"""Where there is time for more candidates than `REVISED_FROM`, lines of the chosen poem are written anew too, one for every
`CANDIDATES_A_LINE` more."""
REVISED_CHARACTERS, REVISED_LINES = 240, 8
"""At most so many lines, as far as the poem has so many characters in as many copies: 8 of 七絕, 6 of 五律, 4 of 七律. With 64 candidates that
takes less than a second on one thread, compiled, and more than eight were no better to readers (see ABLATIONS)."""


class Prepared(Protocol):
    """A request that the poet has read: `rows` candidates, all of one form."""

    @property
    def form(self) -> Form: ...
    @property
    def rows(self) -> int: ...


class Writes(Protocol):
    """What the thread needs of a Poet."""

    def prepare(self, request: Request) -> Any: ...  # noqa: ANN401 - a Prepared of the poet's own
    def grant(self, prepared: Sequence[Any]) -> list[list[Poem]]: ...


@runtime_checkable
class WritesSideBySide(Writes, Protocol):
    """A poet of several hands: that many threads may call it at once.

    hands: batches that it can write side by side now; most_hands: at any time; close: ends it.
    """

    @property
    def hands(self) -> int: ...
    @property
    def most_hands(self) -> int: ...
    def close(self) -> None: ...


@dataclass(slots=True, eq=False)
class Wish:
    """One request of one person; times are seconds of the worker's clock.

    patience: seconds from its birth to its deadline. person: whose it is; None is the house's own, which no rule of
    fairness binds. settle: takes the outcome, from any thread. number: its place among all that ever came. left: nobody
    waits for it any more. prepared, form: once read. asked: for the log.
    """

    request: Request
    person: int | None
    came: float
    deadline: float
    patience: float
    settle: Callable[[Outcome], None] = field(repr=False)
    number: int = 0
    left: bool = False
    prepared: Prepared | None = None
    asked: Asked = field(default_factory=asked, repr=False)

    @property
    def poems(self) -> int:
        """At least one, though no path be of so few steps: the poet says so when it reads the wish."""
        return max(1, self.request.steps) if isinstance(self.request, BlendRequest) else 1

    @property
    def form(self) -> Form | None:
        return None if self.prepared is None else self.prepared.form

    @property
    def places(self) -> int:
        """Of its form; the longest form's while it is not read."""
        return (self.form or Form.QILV).size

    def with_candidates(self, candidates: int) -> Request:
        """The request as the poet is to read it, where it is given so many candidates."""
        if isinstance(self.request, BlendRequest):
            return dataclasses.replace(self.request, candidates=candidates)
        return dataclasses.replace(self.request, candidates=candidates, revisions=self.revisions(candidates))

    def revisions(self, candidates: int) -> int:
        """Lines that are written anew when the poem is chosen: its own where it is a recipe, else the more the more candidates there
        is time for."""
        if isinstance(self.request, BlendRequest):
            return 0
        own = self.request.revisions
        if self.to_the_letter:
            return own
        further = max(0, candidates - REVISED_FROM) // CANDIDATES_A_LINE
        return max(own, min(further, REVISED_LINES, REVISED_CHARACTERS // self.places))

    @property
    def to_the_letter(self) -> bool:
        """A request with a random seed is a recipe: it gives its very poem only with its very number of candidates."""
        return self.request.random_seed is not None
