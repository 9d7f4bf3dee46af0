from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bot.worker.clerk import Clerk


@pytest.fixture
def clerk() -> Iterator[Clerk]:
    clerk = Clerk()
    yield clerk
    clerk.go_on.set()
