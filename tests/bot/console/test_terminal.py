import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from bot.console.terminal import Words


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/", ["/poem", "/blend", "/help", "/quit"]),
        ("/b", ["/blend"]),
        ("床", []),
        ("/poem f", ["form:"]),
        ("/poem ", []),
        ("/poem form:q", ["form:qijue", "form:qilv"]),
        ("/blend 明月 流水 script:", ["script:hans", "script:hant"]),
        ("/poem steps:", []),
        ("明月 s", ["scheme:", "script:", "steps:"]),
    ],
)
def test_completion_offers(typed: str, offered: list[str]):
    found = Words().get_completions(Document(typed), CompleteEvent())
    assert [completion.text for completion in found] == offered
