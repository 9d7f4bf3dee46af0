"""What Discord says when it says no."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .limits import Breach

INVALID_FORM = 50035


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


def too_many_creates(most: int) -> DiscordError:
    said = f"Max number of daily application command creates has been reached ({most})"
    return DiscordError(400, 30034, said)


def unknown_channel() -> DiscordError:
    return DiscordError(404, 10003, "Unknown Channel")


def unknown_guild() -> DiscordError:
    return DiscordError(404, 10004, "Unknown Guild")


def unknown_member() -> DiscordError:
    return DiscordError(404, 10007, "Unknown Member")


def unknown_user() -> DiscordError:
    return DiscordError(404, 10013, "Unknown User")


def missing_access() -> DiscordError:
    return DiscordError(403, 50001, "Missing Access")


def missing_permissions() -> DiscordError:
    return DiscordError(403, 50013, "Missing Permissions")


def not_the_author() -> DiscordError:
    return DiscordError(403, 50005, "Cannot edit a message authored by another user")


def too_large() -> DiscordError:
    return DiscordError(413, 40005, "Request entity too large")


def invalid_json() -> DiscordError:
    return DiscordError(400, 50109, "The request body contains invalid JSON.")


def internal_error() -> DiscordError:
    return DiscordError(500, 0, "500: Internal Server Error")


def invalid_form(breaches: list[Breach]) -> DiscordError:
    """`50035 Invalid Form Body`, each breach at its place in a tree of keys, as Discord sends it."""
    errors: dict[str, Any] = {}
    for breach in breaches:
        node = errors
        for key in breach.path:
            node = node.setdefault(str(key), {})
        node.setdefault("_errors", []).append({"code": breach.code, "message": breach.message})
    return DiscordError(400, INVALID_FORM, "Invalid Form Body", errors)


@contextmanager
def under(key: str) -> Iterator[None]:
    """Moves the places of faults one key deeper, since a callback carries its message under `data`."""
    try:
        yield
    except DiscordError as error:
        if key and "errors" in error.body:
            error.body["errors"] = {key: error.body["errors"]}
        raise
