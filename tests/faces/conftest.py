"""The shipped trial, played once for all tests that read it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from faces.practice import Practice, open_practice
from running import Charcot, Demo, run_charcot


@pytest.fixture(scope="session")
def charcot() -> Charcot:
    return run_charcot


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    path = tmp_path_factory.mktemp("story") / "demo"
    made = run_charcot("demo", path, "--no-serve")
    assert made.status == 0, made.err
    return Demo(path, made)


@pytest.fixture
def copy_of_demo(demo: Demo, tmp_path: Path) -> Path:
    """A copy that a test may spoil. Nothing has the original open, so the files can be copied as they are."""
    return Path(shutil.copytree(demo.path, tmp_path / "copy"))


@pytest.fixture(scope="session")
def practice_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("practice") / "trial"
    make_aside("practice", "make_practice", path)
    return path


@pytest.fixture
def practice(practice_made: Path, tmp_path: Path) -> Practice:
    """A practice trial with an account for each role; see `practice.py`."""
    return open_practice(Path(shutil.copytree(practice_made, tmp_path / "practice")))


@pytest.fixture(scope="session")
def concealed_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("concealed") / "trial"
    make_aside("concealing", "make_concealed", path)
    return path


def make_aside(module: str, function: str, path: Path) -> None:
    """Makes a folder in a process of its own, so that nothing has it open and its files can be copied."""
    lines = f"""
from pathlib import Path
from charcot.wiring.settings import configure_django
configure_django()
from faces.{module} import {function}
{function}(Path({str(path)!r}))
"""
    found = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    made = subprocess.run(
        [sys.executable, "-c", lines],
        env=os.environ | {"PYTHONPATH": found},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
