"""`/healthz`, `/readyz` and `/metrics` on PORT, for hosts that ask."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeAlias

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from bot.errors import PortTaken

log = logging.getLogger(__name__)

Probe: TypeAlias = Callable[[], Awaitable[str | None]]
"""What is wrong with a part, in a few words without secrets; None where it is well."""

PATIENCE = 2.0
"""Seconds a probe has; one that hangs is a fault of its own."""


@asynccontextmanager
async def served(port: int, probes: Mapping[str, Probe], numbers: CollectorRegistry) -> AsyncIterator[int]:
    """Answers while the context lasts; yields the port (0 asks for any free one). Raises PortTaken."""
    app = web.Application()
    app.add_routes(
        [
            web.get("/healthz", _alive),
            web.get("/readyz", partial(_ready, probes)),
            web.get("/metrics", partial(_metrics, numbers)),
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "0.0.0.0", port)  # noqa: S104 - it is for the host to ask
        try:
            await site.start()
        except OSError as error:
            raise PortTaken(port=port, reason=error.strerror or error) from error
        bound = runner.addresses[0][1]
        log.info("health on port %d", bound)
        yield bound
    finally:
        await runner.cleanup()


async def faults(probes: Mapping[str, Probe]) -> dict[str, str]:
    """What is wrong, by the part's name; empty when all is well."""
    found = await asyncio.gather(*(_asked(probe) for probe in probes.values()))
    return {name: fault for name, fault in zip(probes, found, strict=True) if fault is not None}


async def _asked(probe: Probe) -> str | None:
    asked = asyncio.ensure_future(probe())
    # It is not called off: a database's driver would not hear of that before its own time is up.
    await asyncio.wait([asked], timeout=PATIENCE)
    if not asked.done():
        asked.add_done_callback(lambda late: late.cancelled() or late.exception())
        return f"no answer within {PATIENCE:g} s"
    try:
        return asked.result()
    except Exception as error:
        log.exception("a probe failed")
        return type(error).__name__


async def _alive(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _ready(probes: Mapping[str, Probe], _: web.Request) -> web.Response:
    wrong = await faults(probes)
    text = "".join(f"{name}: {wrong.get(name, 'ok')}\n" for name in probes)
    return web.Response(text=text, status=503 if wrong else 200)


async def _metrics(numbers: CollectorRegistry, _: web.Request) -> web.Response:
    return web.Response(body=generate_latest(numbers), headers={"Content-Type": CONTENT_TYPE_LATEST})
