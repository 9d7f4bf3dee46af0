"""One of two programs on one database: says what it got. `python -m tests.bot.store.rival WHERE`, then a line begins."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import date, timedelta
from pathlib import Path

from bot.store import Store

GUILD, PEOPLE, DAYS = 7, range(100, 120), 20
MINUTE, DRAWS = timedelta(minutes=1), 10


async def main(where: str) -> None:
    store = await Store.open(where if "://" in where else Path(where))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(DAYS)]
    claims = await asyncio.gather(*(store.claim_daily(GUILD, day) for day in days))
    presses = await asyncio.gather(*(store.add_favourite(person, 1) for person in PEOPLE))
    await asyncio.gather(*(store.rate(person, 1, 4) for person in PEOPLE))
    draws = await asyncio.gather(*(store.draw_quota(5, MINUTE, DRAWS * MINUTE) for _ in range(DRAWS)))
    await store.close()
    sys.stdout.write(json.dumps({"claims": claims, "presses": presses, "draws": draws}) + "\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
