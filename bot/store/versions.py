"""The versions a database has had, by the steps in `migrations/`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory

import migrations

HISTORY = str(Path(migrations.__file__).parent)


@cache
def versions() -> tuple[str, ...]:
    """All there were, the newest first."""
    return tuple(script.revision for script in ScriptDirectory(HISTORY).walk_revisions())


def head() -> str:
    """This program's."""
    return versions()[0]
