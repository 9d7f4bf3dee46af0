"""`python -m bot` is told to end while many wait, or is killed: who asked hears of it, and what was said stays usable."""

from __future__ import annotations

import asyncio
import re
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.chat.presses import MODALS, PRESSES
from bot.store import Store
from tests.bot.chat.conftest import numbers, verses
from tests.bot.chat.set_type import couplet
from tests.bot.chat.test_process import start
from tests.fake_discord import Exchange, FakeDiscord, Visitor
from tests.fake_discord.components import STRING_SELECT, walk

BOUND = 10.0
"""Seconds: SHUTDOWN_TIMEOUT as it is by itself."""
STOPPING = "going to rest"
CROWD = 20


async def test_told_to_end_under_load_it_answers_or_tells_everyone(tmp_path: Path):
    database = tmp_path / "lanting.db"
    async with FakeDiscord() as discord:
        process = await start(discord, database, discord.token)
        try:
            await discord.gateway.connected()
            first = await discord.visitor("first").slash("poem", form="couplet")
            await first.until_answered()
            asked = [first]
            for i in range(CROWD):
                somebody = discord.visitor(f"poet {i}")
                asked.append(await somebody.slash("poem", form="qilv"))
                asked.append(await somebody.press(first.message, "Again"))
                asked.append(await somebody.slash("blend", a="大漠孤煙直", b="長河落日圓", steps=2))
                asked.append(await somebody.slash("check", text="白日依山盡，黃河入海流。"))
            await asked[1].until_answered()
        finally:
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGTERM)  # a second one is harmless
            told = time.monotonic()
            _, err = await process.communicate()
        assert time.monotonic() - told < BOUND + 1
        assert process.returncode == 0, err.decode()
        assert "Traceback" not in err.decode()
        assert discord.invalid == []
        texts = ["\n".join(exchange.texts) for exchange in asked]
    wishes = [text for exchange, text in zip(asked, texts, strict=True) if exchange.data.get("name") != "check"]
    unanswered = [text for text in wishes if not (verses(text) or STOPPING in text or "already has" in text)]
    assert unanswered == []
    assert any(STOPPING in text for text in wishes)
    assert all(text for text in texts)
    assert {n for exchange in asked for n in numbers(exchange)} <= kept_whole(database)


def kept_whole(database: Path) -> set[int]:
    """The numbers of the poems in a sound store."""
    with sqlite3.connect(database) as kept:
        assert kept.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert kept.execute("PRAGMA foreign_key_check").fetchall() == []
        return {number for (number,) in kept.execute("SELECT id FROM poems")}


async def test_killed_and_started_again_every_button_works(tmp_path: Path):
    """Under the messages of the first process a second one is asked for everything that a button, select or modal does."""
    database = tmp_path / "lanting.db"
    async with FakeDiscord() as discord:
        alice = discord.visitor("alice")
        await keeps_six(alice, database)
        async with running(discord, database) as process:
            stand = await everything_said_to(alice)
            process.kill()
        assert {number for exchange in stand.values() for number in numbers(exchange)} <= kept_whole(database)
        async with running(discord, database):
            worked = {name: await outcome_of(alice, name, stand[of]) for name, of in STAND_UNDER.items()}
        assert discord.invalid == []
    assert worked.keys() == {*PRESSES, *MODALS}
    assert {name: text for name, text in worked.items() if not re.search(EXPECTED[name], text)} == {}


async def keeps_six(visitor: Visitor, database: Path) -> None:
    """Six favourites make two pages."""
    store = await Store.open(database)
    poems = [couplet(first + "前明月光疑是地上霜") for first in "春夏秋冬東南"]
    for number in await store.add_poems(poems, author_id=visitor.person.id):
        await store.add_favourite(visitor.person.id, number)
    await store.close()


async def everything_said_to(visitor: Visitor) -> dict[str, Exchange]:
    """Every kind of message with something to press, the last of them of wishes that are still being met."""
    poem = await (await visitor.slash("poem", seed="床前明月光", form="couplet")).until_answered()
    stand = {
        "poem": poem,
        "walk": await (await visitor.slash("blend", a="明月", b="春江", steps=2, form="couplet")).until_answered(),
        "kept": await (await visitor.press(poem.message, "Favourite")).until_answered(),
        "modal": await (await visitor.press(poem.message, "Blend with …")).until(lambda e: e.modal),
    }
    for name in ("page", "share", "drop", "export"):
        stand[name] = await (await visitor.slash("favourites")).until_answered()
    for name in ("yes", "no"):
        stand[name] = await (await visitor.slash("privacy erase")).until_answered()
    crowd = [visitor.discord.visitor(f"poet {i}") for i in range(CROWD)]
    for one in crowd:
        await one.slash("blend", a="大漠孤煙直", b="長河落日圓", steps=25, form="qilv")
    stand["in the queue"] = await visitor.slash("blend", a="大漠孤煙直", b="長河落日圓", steps=12, form="qilv")
    await stand["in the queue"].until(lambda e: e.messages and "Take it back" in e.message.buttons)
    return stand


async def outcome_of(visitor: Visitor, name: str, stands: Exchange) -> str:
    """What comes of a press, a choice or a modal by its name: all that is said, and the files."""
    visitor.discord.clock.catch_up()
    if name.startswith("m1"):
        asked = await visitor.submit(stands, {"line": "大漠孤煙直", "steps": "2"})
    else:
        able = [c for _, c in walk(stands.message.components) if not c.get("disabled")]
        found = next(c for c in able if c.get("custom_id", "").startswith(name))
        if found["type"] == STRING_SELECT:
            value = "4" if name == "p1:rate" else found["options"][-1]["value"]
            asked = await visitor.choose(stands.message, found["custom_id"], value)
        else:
            asked = await visitor.press(stands.message, found["custom_id"])
    shown = list(stands.texts)
    await asked.until(lambda e: e.modal or e.follow_ups or e.answered or (e.source and e.source.deleted))
    if asked.source and (asked.source.deleted or asked.modal):
        return "deleted" if asked.source.deleted else "a modal"
    await asked.until(lambda e: e.texts != shown or e.follow_ups or (e.messages and e.message.files))
    return "\n".join([*asked.texts, *(file for message in asked.messages for file in message.files)])


@asynccontextmanager
async def running(discord: FakeDiscord, database: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    before = discord.gateway.identifies
    process = await start(discord, database, discord.token)
    try:
        await discord.gateway.until(lambda gateway: gateway.identifies > before)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()  # for ever, should a process that it began outlive it


VERSE = "(?m)^> "
STAND_UNDER = {
    "p1:again": "poem",
    "p1:vary": "poem",
    "p1:blend": "poem",
    "m1:blend": "modal",
    "p1:keep": "poem",
    "p1:read": "poem",
    "p1:rate": "poem",
    "p1:picture": "poem",
    "p1:open": "walk",
    "b1:map": "walk",
    "f1:page": "page",
    "f1:share": "share",
    "f1:out": "kept",
    "f1:drop": "drop",
    "f1:export": "export",
    "w1:cancel": "in the queue",
    "e1:no": "no",
    "p1:delete": "poem",
    "e1:yes": "yes",
}
"""The message that each press is found under, in an order in which none takes away what a later one needs."""
EXPECTED = {
    "p1:again": VERSE,
    "p1:vary": VERSE,
    "p1:blend": "^a modal$",
    "p1:keep": "among your favourites already",
    "p1:read": "chuáng",
    "p1:rate": "You gave it 4 stars",
    "p1:picture": r"poem\.png",
    "p1:open": VERSE,
    "p1:delete": "^deleted$",
    "b1:map": r"walk\.gif",
    "f1:page": "page 2 of 2",
    "f1:share": VERSE,
    "f1:drop": "5 favourites",
    "f1:out": "Taken out",
    "f1:export": r"favourites\.json",
    "w1:cancel": "no longer waits",
    "e1:yes": "Gone: ",
    "e1:no": "Nothing was erased",
    "m1:blend": VERSE,
}
