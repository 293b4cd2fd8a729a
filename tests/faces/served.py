"""A site on a real server in a thread, whose threads and open files are gone when the test is over."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import waitress


@contextmanager
def served(application: Any, threads: int = 4) -> Iterator[str]:
    """Serves a WSGI application on a free port; gives its address."""
    server = waitress.create_server(
        application, host="127.0.0.1", port=0, threads=threads, asyncore_use_poll=True
    )

    def run() -> None:
        with suppress(OSError):  # its socket is closed while it waits on it
            server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)
    server.task_dispatcher.shutdown()
