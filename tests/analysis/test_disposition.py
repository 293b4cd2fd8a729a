from charcot.analysis import Datasets, ReportPlan
from charcot.analysis.data_status import derive_data_status
from charcot.analysis.deviations import derive_deviation_results
from charcot.analysis.disposition import derive_disposition
from charcot.datasets import Snapshot


def test_flow_is_that_of_figure_1(datasets: Datasets, snapshot: Snapshot, plan: ReportPlan) -> None:
    # Paper: twenty consented, three refused, seventeen infused; 12 dead and 5 alive at five years.
    flow = derive_disposition(datasets, snapshot.protocol, plan)
    single = (flow.screened, flow.consented, flow.declined, flow.enrolled, flow.infused, flow.died)
    assert [result.value for result in single] == [20, 20, 3, 17, 17, 12]
    assert flow.alive_at_last_contact is not None
    assert flow.alive_at_last_contact.value == 5


def test_every_visit_accounts_for_everybody(datasets: Datasets, snapshot: Snapshot, plan: ReportPlan) -> None:
    for visit in derive_disposition(datasets, snapshot.protocol, plan).visits:
        parts = (visit.seen.value, visit.not_expected.value, visit.not_seen.value)
        assert sum(part for part in parts if isinstance(part, int)) == 17, visit.label


def test_deviations_are_the_waivers_of_two_people(
    datasets: Datasets, snapshot: Snapshot, plan: ReportPlan
) -> None:
    # paper.md, points 2 and 3: participants 12 (67 years) and 15 (71 years, 4 months).
    found = derive_deviation_results(datasets, snapshot.protocol, plan)
    assert (found.total.value, found.people.value) == (3, 2)
    assert [(line.participant, line.section) for line in found.lines] == [
        ("P12", "I1"),
        ("P15", "I1"),
        ("P15", "I3"),
    ]


def test_values_by_origin_add_up(datasets: Datasets, snapshot: Snapshot) -> None:
    status = derive_data_status(datasets, snapshot.protocol)
    parts = [result.value for result in status.origins.values()]
    assert sum(part for part in parts if isinstance(part, int)) == status.values.value
    assert set(status.origins) == {"published", "derived", "synthetic"}
