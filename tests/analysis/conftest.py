"""The small trial, its snapshot and the datasets of its report, made once."""

import importlib.util
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import pytest

from charcot.analysis import Datasets, ReportPlan, derive_report_datasets
from charcot.datasets import Snapshot, derive_datasets, take_snapshot


def _small_trial() -> ModuleType:
    """The module beside this file; both test rooms share one played trial."""
    if "small_trial" not in sys.modules:
        spec = importlib.util.spec_from_file_location("small_trial", Path(__file__).parent / "small_trial.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["small_trial"] = module
        spec.loader.exec_module(module)
        module.play_small_trial = lru_cache(maxsize=1)(module.play_small_trial)
    return sys.modules["small_trial"]


@pytest.fixture(scope="session")
def snapshot() -> Snapshot:
    return take_snapshot(_small_trial().play_small_trial())


@pytest.fixture(scope="session")
def plan() -> ReportPlan:
    return ReportPlan()


@pytest.fixture(scope="session")
def datasets(snapshot: Snapshot, plan: ReportPlan) -> Datasets:
    return derive_report_datasets(snapshot, derive_datasets(snapshot), plan)
