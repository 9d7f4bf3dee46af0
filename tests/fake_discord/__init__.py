"""Discord on loopback, for tests: REST and gateway over the wire, Discord's limits kept, time in the test's hands.

async with FakeDiscord(token="...") as discord:     # or the pytest fixture in `fake_discord.fixture`
    ...                                             # start a bot against discord.api and discord.gateway_url
    await discord.gateway.connected()
    exchange = await discord.slash("poem", seed="明月")
    assert exchange.texts == ["..."]
"""

from .clock import Clock
from .exchange import Exchange
from .faults import Held, answer_lost, dropped, failing, lacking, rate_limited, slow
from .messages import Message
from .modals import Modal
from .people import Person, Place, Role
from .server import FakeDiscord
from .visitor import Visitor

__all__ = [
    "Clock",
    "Exchange",
    "FakeDiscord",
    "Held",
    "Message",
    "Modal",
    "Person",
    "Place",
    "Role",
    "Visitor",
    "answer_lost",
    "dropped",
    "failing",
    "lacking",
    "rate_limited",
    "slow",
]
