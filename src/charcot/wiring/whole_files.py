"""Files that are there as a whole or not at all, for the eyes of their owner only."""

import os
from pathlib import Path

WRITING = ".writing"
"""How a file ends that is not whole yet."""


def write_whole(path: Path, content: bytes) -> Path:
    """Writes beside the place and then moves there, over what was there. Gives the path back."""
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}{WRITING}")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    return draft.replace(path)
