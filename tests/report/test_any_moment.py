"""A report can be made of any moment of a trial, from its first day on."""

import pytest

from charcot.datasets import derive_datasets, take_snapshot
from charcot.ledger import Ledger, view_as_of
from charcot.report import make_report, render_html


@pytest.mark.parametrize("entries", [2, 4, 6, 12, 18, 19, 21, 60, 150])
def test_a_report_of_any_moment(ledger: Ledger, entries: int) -> None:
    snapshot = take_snapshot(view_as_of(ledger, entries))
    report = make_report(snapshot, derive_datasets(snapshot))
    page = render_html(report)
    assert f"entry {entries}" in page
    assert ">nan<" not in page.lower() and ">None<" not in page
