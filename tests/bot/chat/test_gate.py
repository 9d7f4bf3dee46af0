"""What came too late is dropped; a clock that is wrong drops nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.chat.gate import STALE, Gate
from tests.bot.chat.conftest import on_discord

BORN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("wrong", [0.0, -3600.0, 3600.0])
def test_age_is_reckoned_from_the_quickest_whatever_the_clock_says(wrong):
    now = BORN.timestamp() + wrong
    gate = Gate(lambda: now)
    assert gate.lets_in(BORN)
    assert gate.lets_in(BORN - timedelta(seconds=STALE - 0.1))
    assert not gate.lets_in(BORN - timedelta(seconds=STALE + 0.1))


def test_a_clock_that_is_put_right_meanwhile_is_soon_forgiven():
    now = BORN.timestamp()
    gate = Gate(lambda: now)
    assert gate.lets_in(BORN)
    now += 60
    assert [gate.lets_in(BORN) for _ in range(40)][-1]


async def test_an_interaction_that_is_too_old_is_dropped_without_a_sound(fake_discord, desk, settings):
    late = iter([0.0, STALE + 0.1, 0.0])
    async with on_discord(fake_discord, desk, settings, clock=lambda: fake_discord.clock.now + next(late)) as bot:
        assert await bot.listens()
        old = await bot.discord.slash("help")
        assert await bot.listens()
    assert old.answer_type is None
    assert old.refused == []
