"""A site served by several processes: gunicorn keeps them, each opens the trial for itself.

Run as `python -m charcot.wiring.workers DIR HOST PORT WORKERS THREADS`; the first process stays small and opens nothing.
"""

import os
import sys
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from charcot.wiring.logs import LOG, logging_settings

GRACE = 30
"""How long requests in hand may take when the site is stopped [s]."""


class Workers(BaseApplication):
    """The site of the trial in a folder, as gunicorn serves it."""

    def __init__(self, folder: Path, address: str, workers: int, threads: int) -> None:
        self._folder = folder
        self._chosen = {
            "bind": address,
            "workers": workers,
            "worker_class": "gthread",
            "threads": threads,
            "graceful_timeout": GRACE,
            "timeout": 120,
            "keepalive": 5,
            "max_requests": 20_000,
            "max_requests_jitter": 2_000,
            "forwarded_allow_ips": "",
            "logconfig_dict": logging_settings() | {"root": {"level": "WARNING", "handlers": ["nowhere"]}},
            "proc_name": "charcot",
            "control_socket_disable": True,
        }
        super().__init__()  # type: ignore[no-untyped-call]  # gunicorn ships no types

    def load_config(self) -> None:
        """Takes what was chosen; gunicorn reads no file and no argument."""
        config: Any = self.cfg
        for name, value in self._chosen.items():
            config.set(name, value)

    def load(self) -> Any:
        """The site; called once in each worker."""
        from charcot.wiring.folder import open_folder
        from charcot.wiring.serving import site

        return site(open_folder(self._folder))


def become_workers(folder: Path, host: str, port: int, workers: int, threads: int) -> None:
    """Turns this process into the one that keeps the workers; does not return."""
    os.environ.setdefault(LOG, "json")
    parts = [str(folder), host, str(port), str(workers), str(threads)]
    os.execv(sys.executable, [sys.executable, "-m", "charcot.wiring.workers", *parts])


def main() -> None:
    """Serves until stopped: SIGTERM lets requests in hand end, SIGINT and SIGQUIT stop at once."""
    folder, host, port, workers, threads = sys.argv[1:]
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    Workers(Path(folder), address, int(workers), int(threads)).run()  # type: ignore[no-untyped-call]  # gunicorn ships no types


if __name__ == "__main__":
    main()
