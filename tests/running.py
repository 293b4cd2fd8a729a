"""Running the real command, and what a test is given of the demonstration trial."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ran:
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Demo:
    """The demonstration trial and what making it printed."""

    path: Path
    made: Ran

    @property
    def receipt(self) -> str:
        return next(line for line in self.made.out.splitlines() if line.startswith("Receipt:")).split()[1]


Charcot = Callable[..., Ran]


def run_charcot(*arguments: object, typed: str = "") -> Ran:
    """Runs the real command in a process of its own; `typed` is what comes in on its standard input."""
    environment = {k: v for k, v in os.environ.items() if k != "CHARCOT_DATABASE_URL"} | {"COLUMNS": "200"}
    command = [sys.executable, "-c", "from charcot.cli.commands import main; main()", *map(str, arguments)]
    done = subprocess.run(command, input=typed, capture_output=True, text=True, env=environment, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)
