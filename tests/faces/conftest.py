"""The shipped trial, played once for all tests that read it."""

import shutil
from pathlib import Path

import pytest

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
