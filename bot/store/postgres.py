"""PostgreSQL, for when one machine is no longer enough: `pip install 'lanting[postgres]'`."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sqlalchemy.ext.asyncio import create_async_engine

from bot.errors import StoreDriverMissing, StoreUnreachable
from bot.store.database import WAIT_FOR_A_CONNECTION_S, Database
from bot.store.faults import plain

_CONNECTIONS = 8
_ONLY_LIBPQ_KNOWS = {"channel_binding", "gssencmode", "target_session_attrs"}


def server(url: str) -> Database:
    """`url` as hosts hand it out: postgres://, postgresql:// or postgresql+asyncpg://. Raises StoreDriverMissing."""
    try:
        import asyncpg  # noqa: PLC0415 - an extra
    except ImportError:
        raise StoreDriverMissing from None
    dsn, name = _for_asyncpg(url), _without_password(url)

    async def connect() -> Any:  # noqa: ANN401 - asyncpg tells no types
        try:
            return await asyncpg.connect(dsn, timeout=10, command_timeout=60)
        except asyncpg.PostgresError as error:
            raise plain(name, error) from error
        except (OSError, TimeoutError, ValueError, asyncpg.InterfaceError) as error:
            reason = str(error) or "it does not answer"
            raise StoreUnreachable(path=name, reason=reason) from error

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=WAIT_FOR_A_CONNECTION_S,
        hide_parameters=True,
        pool_pre_ping=True,  # a server that was restarted is found again without a fault
    )
    return Database(name, None, engine, engine.execution_options(postgresql_readonly=True))


def _for_asyncpg(url: str) -> str:
    """asyncpg reads a DSN as libpq does, but for a few words that it would hand on to the server."""
    parts = urlsplit(re.sub(r"^[a-z+]+://", "postgresql://", url))
    known = [(name, value) for name, value in parse_qsl(parts.query) if name not in _ONLY_LIBPQ_KNOWS]
    return urlunsplit(parts._replace(query=urlencode(known)))


def _without_password(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//", url).partition("?")[0]
