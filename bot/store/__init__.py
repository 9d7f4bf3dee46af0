"""The only place that speaks SQL: one function a question, grouped by subject, behind one `Store`."""

from bot.store.records import (
    CONSOLE,
    DailyPoem,
    Due,
    Erased,
    Exported,
    Guild,
    Page,
    Person,
    Ranked,
    Ratings,
    StoredPoem,
)
from bot.store.store import Store

__all__ = [
    "CONSOLE",
    "DailyPoem",
    "Due",
    "Erased",
    "Exported",
    "Guild",
    "Page",
    "Person",
    "Ranked",
    "Ratings",
    "Store",
    "StoredPoem",
]
