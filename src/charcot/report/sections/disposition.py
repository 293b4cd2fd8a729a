"""The flow of participants: the diagram and its numbers."""

from charcot.analysis.disposition import PLANNED, Disposition
from charcot.report.document import Figure, Section
from charcot.report.figures import draw_flow
from charcot.report.figures.flow import describe
from charcot.report.sections.material import Material
from charcot.report.table import Number, Table, TableColumn, TableRow, number


def make_flow(material: Material, flow: Disposition) -> Section:
    """The flow diagram with its numbers as a table below."""
    single = [flow.screened, flow.consented, flow.declined, flow.enrolled, flow.infused]
    last = [r for r in (flow.alive_at_last_contact, flow.died, flow.lost, flow.withdrew) if r is not None]
    of_visits = [r for v in flow.visits for r in (v.seen, v.not_expected, v.not_seen)]
    everything = [*single, *of_visits, *last]
    people = Table(
        "flow-data",
        "Numbers of the diagram",
        "Step",
        (TableColumn("Participants"), TableColumn("Ended before"), TableColumn("Expected, not seen")),
        (
            *(TableRow(result.label, (number(result),)) for result in single),
            *(
                TableRow(
                    f"Seen: {v.label.lower()}", (number(v.seen), number(v.not_expected), number(v.not_seen))
                )
                for v in flow.visits
            ),
            *(TableRow(result.label, (number(result),)) for result in last),
        ),
    )
    figure = Figure(
        "flow",
        "Figure 1. Flow of participants",
        (draw_flow(flow, material.synthetic(everything)),),
        (
            "Counts of participants. “Enrolled” is the act of enrolment after eligibility. “Ended before”: died, "
            "withdrew or were lost before the visit was due. " + material.planned(PLANNED),
        ),
        describe(flow),
        people,
        tuple(Number(result) for result in everything),
        narrow=True,
    )
    return Section("flow", "Participants", (figure,))
