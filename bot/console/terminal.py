"""A terminal's prompt, with history and completion."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from bot.console.commands import COMMANDS, OPTIONS
from vae.poem import Form, Script

_VALUES = {"form": [form.value for form in Form], "script": [script.value for script in Script]}


class Words(Completer):
    """Command names at the head of a line; options and their values after it."""

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        head, _, word = document.text_before_cursor.rpartition(" ")
        name, colon, _ = word.partition(":")
        if not head.strip():
            known = [f"/{command}" for command in COMMANDS] if word.startswith("/") else []
        elif not colon:
            known = [f"{option}:" for option in OPTIONS if word]
        else:
            known = [f"{name}:{choice}" for choice in _VALUES.get(name, [])]
        for text in known:
            if text.startswith(word):
                yield Completion(text, start_position=-len(word))


async def typed_lines() -> AsyncIterator[str]:
    """What the person types, until Ctrl-D or Ctrl-C."""
    session: PromptSession[str] = PromptSession(completer=Words(), interrupt_exception=EOFError)
    while True:
        try:
            # The app has its own handler for SIGINT, and prompt_toolkit would take it away.
            yield await session.prompt_async("兰亭 › ", handle_sigint=False)
        except EOFError:
            return
