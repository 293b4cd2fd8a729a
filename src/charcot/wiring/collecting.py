"""Pausing Python's collector of cycles while much is made that stays: it would look through all of it again and again."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LOCK = threading.Lock()
_pauses = 0


@contextmanager
def collector_paused() -> Iterator[None]:
    """Within it nothing is collected; several threads may be within at a time."""
    global _pauses
    with _LOCK:
        _pauses += 1
        gc.disable()
    try:
        yield
    finally:
        with _LOCK:
            _pauses -= 1
            if not _pauses:
                gc.enable()
