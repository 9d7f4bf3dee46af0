"""Whether an interaction is still worth an answer."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import datetime

STALE = 2.5
"""Seconds. Discord forgets an interaction that nobody has acknowledged within three."""
REMEMBERED = 32


class Gate:
    """Tells interactions that came too late, as after a break of the connection, from fresh ones.

    Age is reckoned from the quickest of the last interactions, not from this host's clock alone: where that is wrong,
    nobody must go unanswered.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lags: deque[float] = deque(maxlen=REMEMBERED)

    def lets_in(self, born: datetime) -> bool:
        lag = self._clock() - born.timestamp()
        self._lags.append(lag)
        return lag - min(self._lags) < STALE
