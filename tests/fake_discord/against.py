"""Runs a module as a program of its own whose discord.py takes a fake Discord for the real one:

python -m tests.fake_discord.against http://127.0.0.1:1234/api/v10 ws://127.0.0.1:1234/gateway module
"""

from __future__ import annotations

import runpy
import sys

import discord.gateway
import discord.http
import yarl


def main() -> None:
    _, api, gateway, module, *arguments = sys.argv
    discord.http.Route.BASE = api
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
