import pytest

from charcot.analysis import Datasets, ReportPlan
from charcot.analysis.table2 import EventLine, derive_table2
from charcot.datasets import Snapshot
from charcot.statistics import Interval

# als.md, section 4: Clopper-Pearson 95 % of 17.
EXACT = {"fever": (0, 0.0, 0.19506432), "pulmonary_embolism": (2, 0.01457932, 0.36440916)}


@pytest.fixture(scope="module")
def lines(datasets: Datasets, snapshot: Snapshot, plan: ReportPlan) -> dict[str, EventLine]:
    table = derive_table2(datasets, snapshot.protocol, plan)
    return {line.id: line for line in (*table.overall, *table.events, *table.procedures, *table.deaths)}


@pytest.mark.parametrize("kind", EXACT)
def test_people_with_an_event_and_the_exact_interval(lines: dict[str, EventLine], kind: str) -> None:
    people, lower, upper = EXACT[kind]
    share = lines[kind].share.value
    assert lines[kind].people.value == people
    assert isinstance(share, Interval)
    assert (share.lower, share.upper) == pytest.approx((lower, upper), abs=5e-9)


def test_emboli_came_on_the_days_of_the_abstract(lines: dict[str, EventLine]) -> None:
    days = lines["pulmonary_embolism"].days
    assert days is not None
    assert [result.value for result in days] == [36.0, 65.0]  # abstract of the paper; paper.md, point 7


def test_three_died_in_the_first_year(lines: dict[str, EventLine]) -> None:
    assert lines["death"].people.value == 3  # Table 2 of the paper


def test_every_kind_that_the_form_knows_is_listed(lines: dict[str, EventLine], snapshot: Snapshot) -> None:
    form = snapshot.protocol.form_playing("adverse_event")
    item = form.item("category") if form else None
    assert item is not None
    assert {code.code for code in snapshot.protocol.codes_of(item)} <= set(lines)
