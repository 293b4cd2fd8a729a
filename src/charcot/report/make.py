"""Make the first report of a trial from a snapshot: results first, then sections, then the whole."""

from charcot.analysis import Datasets, ReportPlan, derive_lineage, derive_report_datasets, index_results
from charcot.analysis.baseline_listing import derive_baseline_listing
from charcot.analysis.data_status import derive_data_status
from charcot.analysis.deviations import derive_deviation_results
from charcot.analysis.disposition import derive_disposition
from charcot.analysis.function_course import derive_function_course
from charcot.analysis.plan import population, visits_of
from charcot.analysis.selection import select_members
from charcot.analysis.survival import derive_survival_results
from charcot.analysis.table1 import derive_table1
from charcot.analysis.table2 import derive_table2
from charcot.datasets import Snapshot
from charcot.protocol import Protocol
from charcot.report.document import Paragraph, Report, Section, numbers_shown
from charcot.report.sections.appendix import make_appendix
from charcot.report.sections.baseline import make_baseline
from charcot.report.sections.course import make_course
from charcot.report.sections.deviations import make_deviations
from charcot.report.sections.disposition import make_flow
from charcot.report.sections.events import make_events
from charcot.report.sections.limits import make_limits
from charcot.report.sections.material import Material
from charcot.report.sections.methods import make_methods
from charcot.report.sections.origins import make_origins
from charcot.report.sections.status import make_status
from charcot.report.sections.survival import make_survival


def make_report(
    snapshot: Snapshot, datasets: Datasets, *, plan: ReportPlan | None = None, language: str = "en"
) -> Report:
    """The first report. `datasets` are those of `derive_datasets(snapshot)`; the same ledger gives the same report."""
    plan = plan or ReportPlan()
    protocol = snapshot.protocol
    material = Material(snapshot, protocol, plan, derive_report_datasets(snapshot, datasets, plan))
    data = material.datasets
    status = derive_data_status(data, protocol)
    sections: tuple[Section, ...] = (
        make_origins(material, status),
        make_status(material, status),
        make_flow(material, derive_disposition(data, protocol, plan)),
        *_results(material),
        make_limits(material),
    )
    shown = index_results([number.result for number in numbers_shown(sections)])
    sections += (make_methods(material, shown.values()), make_appendix(material))
    return Report(
        title=protocol.trial.title,
        short_title=protocol.trial.short_title,
        facts=_facts(protocol),
        purpose=snapshot.charter.purpose,
        cut=snapshot.now.date(),
        receipt=snapshot.receipt,
        protocol_version=protocol.version.number,
        sections=sections,
        results=shown,
        lineage={id: derive_lineage(result, data, material.entries) for id, result in shown.items()},
        datasets=data,
        language=language,
    )


def _results(material: Material) -> tuple[Section, ...]:
    """The sections about those treated; where there is nobody yet, they say so."""
    data, protocol, plan = material.datasets, material.protocol, material.plan
    deviations = make_deviations(material, derive_deviation_results(data, protocol, plan))
    if select_members(population(protocol, plan.treated), data).is_empty():
        nobody = Paragraph(
            ("Nobody has been treated yet. Baseline, safety, function and survival stand here then.",)
        )
        return (Section("results", "Results", (nobody,)), deviations)
    courses = [
        derive_function_course(data, protocol, plan, measure)
        for measure in plan.measures
        if visits_of(protocol, measure.part, plan.horizon_months)
    ]
    return (
        make_baseline(
            material,
            derive_table1(data, protocol, plan),
            *derive_baseline_listing(data, protocol, plan),
        ),
        make_events(material, derive_table2(data, protocol, plan)),
        deviations,
        *((make_course(material, courses),) if courses else ()),
        make_survival(material, derive_survival_results(data, protocol, plan)),
    )


def _facts(protocol: Protocol) -> tuple[tuple[str, str], ...]:
    trial = protocol.trial
    return (
        ("Sponsor", trial.sponsor),
        ("Condition", trial.condition),
        ("Phase", trial.design.phase),
        *((found.scheme, found.id) for found in trial.identifiers),
        ("Design", trial.design.summary or trial.design.intervention_model.replace("_", " ")),
    )
