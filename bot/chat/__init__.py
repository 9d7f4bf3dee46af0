"""Discord: the only rooms that know of it."""
