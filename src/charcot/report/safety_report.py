"""The report to the safety board: exposure, product, events, cases, deaths, laboratory, boundaries, and what changed since."""

from dataclasses import replace

from charcot.analysis import derive_lineage, index_results
from charcot.analysis.board_results import derive_board_results
from charcot.analysis.exposure_summary import derive_exposure_results
from charcot.analysis.frames import add_dates
from charcot.analysis.joined_frames import derive_shifts
from charcot.analysis.laboratory_changes import derive_laboratory_results
from charcot.analysis.plan import plan_report, population
from charcot.analysis.product_watch import derive_product_watch
from charcot.analysis.safety_summary import derive_safety_counts
from charcot.analysis.selection import RememberedDatasets, select_members
from charcot.datasets import Snapshot
from charcot.datasets.derivation import derive_safety_datasets
from charcot.report.changes_section import MOST_BRIEFLY, make_changes
from charcot.report.compare import compare_reports
from charcot.report.document import Paragraph, Report, Section, numbers_shown
from charcot.report.sections.exposure import make_exposure
from charcot.report.sections.laboratory import make_laboratory
from charcot.report.sections.material import Material
from charcot.report.sections.product_watch import make_product_watch
from charcot.report.sections.safety_board import (
    make_boundaries,
    make_clocks,
    make_new,
    make_people,
    make_reconciliation,
)
from charcot.report.sections.safety_cases import make_deaths, make_serious
from charcot.report.sections.safety_counts import make_counts
from charcot.report.sections.safety_values import make_outliers, make_vital_signs


def make_safety_report(snapshot: Snapshot, since: Snapshot | None = None) -> Report:
    """The report as of the snapshot; `since`: the record as the board saw it last. The same ledger gives the same report."""
    protocol = snapshot.protocol
    plan = plan_report(protocol)
    data = derive_board_datasets(snapshot)
    material = Material(snapshot, protocol, plan, data)
    board = derive_board_results(data, protocol)
    then = None if since is None else make_safety_report(since)
    sections: list[Section] = [make_people(board), make_new(board, snapshot, then)]
    if select_members(population(protocol, plan.treated), data).is_empty():
        sections.append(Section("events", "Events", (Paragraph(("Nobody has been treated yet.",)),)))
        sections.append(make_deaths(board))
    else:
        laboratory = make_laboratory(material, derive_laboratory_results(data, protocol, plan))
        sections += [
            make_exposure(material, derive_exposure_results(data, protocol, plan)),
            make_product_watch(derive_product_watch(data, protocol, plan)),
            make_counts(derive_safety_counts(data, protocol, plan)),
            make_serious(snapshot),
            make_deaths(board),
            Section("laboratory", "Laboratory", (*laboratory, *make_outliers(board))),
            make_vital_signs(board),
        ]
    sections += [
        make_boundaries(board, snapshot.watch),
        make_clocks(board),
        make_reconciliation(board),
    ]
    shown = index_results([number.result for number in numbers_shown(tuple(sections))])
    report = Report(
        title=f"Safety report: {protocol.trial.title}",
        short_title=f"{protocol.trial.short_title}: safety",
        facts=(
            ("Sponsor", protocol.trial.sponsor),
            ("Phase", protocol.trial.design.phase),
            ("For", "The safety board"),
        ),
        purpose=snapshot.charter.purpose,
        cut=snapshot.now.date(),
        receipt=snapshot.receipt,
        protocol_version=protocol.version.number,
        sections=tuple(sections),
        results=shown,
        lineage={id: derive_lineage(result, data, material.entries) for id, result in shown.items()},
        datasets=data,
        snapshot=snapshot,
        language=protocol.trial.language,
    )
    return report if then is None else _add_changes(report, then)


def _add_changes(report: Report, then: Report) -> Report:
    """The report with every number that is not what it was, and the entries that changed it, at its end."""
    comparison = compare_reports(then, report, then.snapshot, report.snapshot, newest=MOST_BRIEFLY)
    changes = make_changes(comparison, report, briefly=True)
    return replace(report, sections=(*report.sections, changes))


def derive_board_datasets(snapshot: Snapshot) -> RememberedDatasets:
    """The datasets that the report to the board rests on."""
    found = dict(derive_safety_datasets(snapshot))
    found["participants"] = add_dates(found["participants"])
    found["laboratory_shifts"] = derive_shifts(found)
    return RememberedDatasets(found)
