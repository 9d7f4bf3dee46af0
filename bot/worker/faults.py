"""What kind of failure an exception is. Torch's own classes are told by name, lest the loop's side import torch."""

from __future__ import annotations


def of_memory(error: BaseException) -> bool:
    """Less at once may succeed."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    told = str(error)
    return isinstance(error, RuntimeError) and ("out of memory" in told or "can't allocate memory" in told)


def of_device(error: BaseException) -> bool:
    """The device is in a state from which nothing more can be had; out of memory is not such a state."""
    if of_memory(error):
        return False
    return type(error).__name__ == "AcceleratorError" or (
        isinstance(error, RuntimeError) and "CUDA error" in str(error)
    )


def named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
