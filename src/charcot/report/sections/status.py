"""Data status: what has been recorded at each visit, what is open, and the receipt of the record."""

from charcot.analysis.data_status import VISIT_STATES, DataStatus
from charcot.report.document import Particulars, Section
from charcot.report.format import format_day
from charcot.report.sections.material import Material
from charcot.report.table import Number, Pieces, Table, TableColumn, TableRow, Verbatim, number


def make_status(material: Material, status: DataStatus) -> Section:
    """Particulars about the record, and a table by visit."""
    snapshot = material.snapshot
    checks: list[Pieces] = []
    for severity, result in status.checks.items():
        checks.append((Number(result), f" {'questions' if severity == 'query' else severity + 's'}"))
    joined: Pieces = tuple(
        piece for index, pieces in enumerate(checks) for piece in ((", ", *pieces) if index else pieces)
    )
    facts = Particulars(
        (
            ("Data cut", (format_day(snapshot.now.date()),)),
            ("Last entry", (f"no. {snapshot.head.sequence}, recorded {format_day(snapshot.now.date())}",)),
            ("Receipt", (Verbatim(str(snapshot.receipt)),)),
            ("Values recorded", (Number(status.values),)),
            ("Edit checks that do not hold", joined),
        )
    )
    table = Table(
        "status",
        "Visits and forms",
        "Visit",
        (*(TableColumn(label) for label, _ in VISIT_STATES.values()), TableColumn("Forms filled")),
        tuple(
            TableRow(
                visit.label,
                (*(number(visit.counts[name]) for name in VISIT_STATES), number(visit.forms)),
            )
            for visit in status.visits
        ),
        notes=(
            "Visits of everybody who gave consent. Those of people who declined before treatment count for the visits "
            "that had been due by then.",
        ),
    )
    return Section("status", "Where the data stand", (facts, table))
