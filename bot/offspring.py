"""Processes that the program begins."""

from __future__ import annotations

import multiprocessing
import os
import threading


def end_with_the_program() -> None:
    """From now on this process, which the program began, ends when the program does, even where that was killed."""
    program = multiprocessing.parent_process()
    assert program is not None

    def outlive_nobody() -> None:
        program.join()
        os._exit(1)

    threading.Thread(target=outlive_nobody, name="outlive nobody", daemon=True).start()
