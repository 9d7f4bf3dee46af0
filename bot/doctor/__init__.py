"""What stands in the way of the program on this host: a finding for each part, with what to do about it."""

from bot.doctor.examination import examine
from bot.doctor.finding import Finding, State

__all__ = ["Finding", "State", "examine"]
