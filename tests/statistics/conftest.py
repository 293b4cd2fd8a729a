"""Fixtures of the statistics tests: reference numbers from R, and Table 1 of the paper."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "reference"


def _open(name: str) -> str:
    path = SHARED / name
    if not path.exists():
        pytest.skip(
            f"the reference file {name} is not here: it lies in the shared folder beside the repository"
        )
    return path.read_text(encoding="utf-8")


@pytest.fixture
def expected() -> Callable[[str], Any]:
    """Results of R runs by file name, such as expected("exact")."""
    return lambda name: json.loads(_open(f"expected/{name}.json"))


@pytest.fixture
def data() -> Callable[[str], list[dict[str, str]]]:
    """Rows of a public data set by file name, such as data("lung")."""
    return lambda name: list(csv.DictReader(_open(f"data/{name}.csv").splitlines()))


@pytest.fixture
def table_1() -> list[dict[str, str]]:
    """The 17 rows of Table 1 of Nabavi 2021 (Cell J 23:772), as published."""
    text = Path(__file__).with_name("nabavi2021_table1.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
