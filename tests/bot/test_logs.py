"""The log tells what befell a request from end to end, and neither a token nor what a person typed."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import logs
from bot.service.desk import Desk
from bot.settings import Settings
from bot.worker import Worker
from tests.bot.chat.conftest import fake_discord, on_discord, settings
from tests.fake_discord import rate_limited

__all__ = ["fake_discord", "settings"]

TYPED = "明月 over the Lanting pavilion"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@contextmanager
def written(stream: io.StringIO, **how: object) -> Iterator[io.StringIO]:
    """Everything of the log at its loudest goes to the stream, as `set_up` would have it."""
    root, handler = logging.getLogger(), logs.handler(stream, **how)
    levels = {name: logging.getLogger(name).level for name in (*logs.QUIET, "")}
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    for name, least in logs.QUIET.items():
        logging.getLogger(name).setLevel(least)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class Stumbling:
    """A poet that stumbles over what it is asked, and says over what."""

    def __init__(self, poet):
        self.poet = poet

    def prepare(self, request):
        return self.poet.prepare(request)

    def grant(self, prepared):
        raise KeyError(f"nothing rhymes with {TYPED}, nor with pavilion or 蘭")


@pytest.fixture
async def stumbling(poet, store):
    worker = Worker(lambda: Stumbling(poet), limit=8, timeout=60)
    await worker.start()
    yield Desk(worker, store)
    await worker.stop()


async def test_one_code_runs_through_chat_worker_and_store(fake_discord, desk, settings):
    with written(io.StringIO()) as stream:
        async with on_discord(fake_discord, desk, settings) as bot:
            await bot.asked("poem", {"form": "couplet"})
            await bot.listens()
    told = lines(stream)
    (of_poem,) = [line for line in told if line["message"].startswith("/poem: answered in ")]
    assert of_poem["level"] == "info"
    (of_help,) = [line for line in told if line["message"].startswith("/help: answered in ")]
    loggers = {line["logger"] for line in told if line.get("request") == of_poem["request"]}
    assert loggers >= {"bot.chat.asked", "bot.worker.rounds", "bot.store.database"}
    assert of_help["request"] != of_poem["request"]


async def test_what_fails_tells_the_person_the_code_of_its_lines(fake_discord, stumbling, settings):
    with written(io.StringIO()) as stream:
        async with on_discord(fake_discord, stumbling, settings) as bot:
            exchange = await bot.asked("poem", {"form": "couplet", "seed": TYPED})
    told = lines(stream)
    (code,) = [line["request"] for line in told if line["message"].startswith("/poem: failed in ")]
    assert code in exchange.texts[0]
    errors = [line["logger"] for line in told if line.get("request") == code and "error" in line]
    assert errors == ["bot.worker.rounds", "bot.worker.rounds", "bot.chat.errors"]


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("make", [io.StringIO, Terminal])
async def test_neither_tokens_nor_typed_words_are_told_unless_asked_for(make, text, fake_discord, stumbling, settings):
    hidden = (*settings.secrets, "pass:word")
    with written(make(), text=text, hidden=hidden) as stream:
        async with on_discord(fake_discord, stumbling, settings) as bot:
            fake_discord.faults.add("edit_original", rate_limited())
            exchange = await bot.asked("poem", {"form": "couplet", "seed": TYPED})
            await (await bot.discord.visitor("alice").complete("poem", "seed", "pavilion")).until_answered()
            await bot.asked("check", {"text": "白日依山盡 and a secret of mine"})
            logging.getLogger("bot").error("the token is %s, the password pass:word", settings.secrets[0])
            logging.getLogger("bot").error("POST webhooks/123/%s/messages/@original", exchange.token)
    told = stream.getvalue()
    for secret in (*hidden, exchange.token):
        assert secret not in told
    assert "***" in told
    for typed in (TYPED, "明月", "pavilion", "Lanting pav", "蘭", "白日", "secret of mine"):
        assert (typed in told) == text or (text and typed == "Lanting pav"), typed


@given(st.text(min_size=3).filter(str.strip))
def test_a_typed_text_is_told_by_no_line_about_its_request(typed: str):
    stream = io.StringIO()
    logger = logging.Logger("bot")
    logger.addHandler(logs.handler(stream))
    with logs.about(logs.Asked("a1b2c3", (typed,))):
        logger.error("»%s«", typed)
    (line,) = lines(stream)
    assert line["message"] != f"»{typed}«"
    assert line["request"] == "a1b2c3"


def test_an_event_is_one_line_whatever_it_tells():
    for stream in (io.StringIO(), Terminal()):
        logger = logging.Logger("bot")
        logger.addHandler(logs.handler(stream))
        logger.error("a\nb\x1b[31m")
        assert stream.getvalue().count("\n") == 1
        assert "\x1b" not in stream.getvalue()
        try:
            raise ValueError("詩")
        except ValueError:
            logger.exception("it failed")
        assert "ValueError: □" in stream.getvalue()


def test_outside_of_requests_the_house_s_own_names_are_told():
    stream = Terminal()
    logger = logging.Logger("bot")
    logger.addHandler(logs.handler(stream))
    logger.warning("the database %s", "/詩/lanting.db")
    assert "/詩/lanting.db" in stream.getvalue()


def test_the_settings_name_their_secrets():
    made = Settings(_env_file=None, discord_token="a.b.c", database_url="postgresql://me:s3cret@host/db")
    assert made.secrets == ("a.b.c", "s3cret")
    assert Settings(_env_file=None).secrets == ()
