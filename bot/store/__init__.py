"""The only place that speaks SQL."""

from bot.store.store import Store, StoredPoem

__all__ = ["Store", "StoredPoem"]
