"""What Discord says when it says no."""

from __future__ import annotations

from typing import Any

from .limits import Breach


class DiscordError(Exception):
    """An HTTP error with Discord's JSON body."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} (code {code}): {message}" + (f" {errors}" if errors else ""))
        self.status, self.code = status, code
        self.body: dict[str, Any] = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


def unauthorized() -> DiscordError:
    return DiscordError(401, 0, "401: Unauthorized")


def unknown_interaction() -> DiscordError:
    return DiscordError(404, 10062, "Unknown interaction")


def already_acknowledged() -> DiscordError:
    return DiscordError(400, 40060, "Interaction has already been acknowledged.")


def unknown_webhook() -> DiscordError:
    return DiscordError(404, 10015, "Unknown Webhook")


def unknown_message() -> DiscordError:
    return DiscordError(404, 10008, "Unknown Message")


def invalid_webhook_token() -> DiscordError:
    return DiscordError(401, 50027, "Invalid Webhook Token")


def empty_message() -> DiscordError:
    return DiscordError(400, 50006, "Cannot send an empty message")


def too_many_follow_ups() -> DiscordError:
    return DiscordError(400, 40094, "Maximum number of follow-up messages for this interaction reached")


def invalid_form(breaches: list[Breach]) -> DiscordError:
    """`50035 Invalid Form Body`, each breach at its place in a tree of keys, as Discord sends it."""
    errors: dict[str, Any] = {}
    for breach in breaches:
        node = errors
        for key in breach.path:
            node = node.setdefault(str(key), {})
        node.setdefault("_errors", []).append({"code": breach.code, "message": breach.message})
    return DiscordError(400, 50035, "Invalid Form Body", errors)
