from __future__ import annotations

import http.client
import sys

import typer

from bot.settings import read_settings


def job() -> None:
    """Ask the program that runs on PORT whether it lives: exit code 0 if so, else 1. For the health check of a container."""
    port = read_settings().port
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port or 0, timeout=3)
        connection.request("GET", "/healthz")
        alive = connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        alive = False
    typer.echo("alive" if alive else f"nothing answers on port {port}")
    sys.exit(not alive)
