"""The small trial of the analysis tests, its report, and the page made from it; made once."""

import importlib.util
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import pytest

from charcot.datasets import derive_datasets, take_snapshot
from charcot.ledger import Ledger
from charcot.report import Report, make_report, render_html


def _small_trial() -> ModuleType:
    """The module of the analysis tests; both test rooms share one played trial."""
    if "small_trial" not in sys.modules:
        place = Path(__file__).parents[1] / "analysis" / "small_trial.py"
        spec = importlib.util.spec_from_file_location("small_trial", place)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["small_trial"] = module
        spec.loader.exec_module(module)
        module.play_small_trial = lru_cache(maxsize=1)(module.play_small_trial)
    return sys.modules["small_trial"]


def make_again() -> Report:
    """The report, from the ledger on."""
    snapshot = take_snapshot(_small_trial().play_small_trial())
    return make_report(snapshot, derive_datasets(snapshot))


@pytest.fixture(scope="session")
def ledger() -> Ledger:
    found: Ledger = _small_trial().play_small_trial()
    return found


@pytest.fixture(scope="session")
def report() -> Report:
    return make_again()


@pytest.fixture(scope="session")
def page(report: Report) -> str:
    return render_html(report)


@pytest.fixture(scope="session")
def page_again() -> str:
    return render_html(make_again())
