"""The poet's worker: one thread owns the Poet; people's wishes wait in a fair, bounded queue and are written in batches."""

from bot.worker.loading import poet_loader
from bot.worker.ticket import Ticket
from bot.worker.worker import Worker

__all__ = ["Ticket", "Worker", "poet_loader"]
