"""Make the report of a trial from a snapshot: results first, then sections in the order of ICH E3, then the whole."""

from charcot.analysis import Datasets, ReportPlan, derive_lineage, derive_report_datasets, index_results
from charcot.analysis.data_status import derive_data_status
from charcot.analysis.deviations import derive_deviation_results
from charcot.analysis.disposition import derive_disposition
from charcot.analysis.findings import Findings, derive_findings
from charcot.analysis.plan import plan_report, population
from charcot.analysis.selection import select_members
from charcot.datasets import Snapshot
from charcot.protocol import Protocol
from charcot.report.document import Paragraph, Report, Section, numbers_shown
from charcot.report.sections.appendix import make_appendix
from charcot.report.sections.baseline import make_baseline
from charcot.report.sections.claims import add_claims, judge_claims, make_claims_section
from charcot.report.sections.course import make_course
from charcot.report.sections.deviations import make_deviations
from charcot.report.sections.disposition import make_flow
from charcot.report.sections.events import make_events
from charcot.report.sections.expected import make_expected_function, make_expected_survival
from charcot.report.sections.exposure import make_exposure
from charcot.report.sections.function import make_scores, make_slopes, make_stages
from charcot.report.sections.laboratory import make_laboratory, make_laboratory_figure
from charcot.report.sections.limits import make_limits
from charcot.report.sections.listings import make_listings
from charcot.report.sections.material import Material
from charcot.report.sections.methods import make_methods
from charcot.report.sections.mixed_models import make_mixed_models
from charcot.report.sections.origins import make_origins
from charcot.report.sections.outside import OUTSIDE, make_closing, make_earlier, make_watched
from charcot.report.sections.product import make_product
from charcot.report.sections.status import make_status
from charcot.report.sections.survival import make_survival
from charcot.report.sections.synopsis import make_synopsis
from charcot.report.sections.time_effect import make_time_effects


def make_report(
    snapshot: Snapshot,
    datasets: Datasets,
    *,
    plan: ReportPlan | None = None,
    language: str | None = None,
) -> Report:
    """The report. `plan` is the protocol's own where none is given; `datasets` are those of `derive_datasets(snapshot)`.

    The same ledger gives the same report. `language` is that of the protocol where none is given.
    """
    protocol = snapshot.protocol
    plan = plan or plan_report(protocol)
    judged = judge_claims(snapshot)
    everything = derive_report_datasets(snapshot, add_claims(datasets, snapshot, judged), plan)
    material = Material(snapshot, protocol, plan, everything)
    data = material.datasets
    status, flow = derive_data_status(data, protocol), derive_disposition(data, protocol, plan)
    anybody = not select_members(population(protocol, plan.treated), data).is_empty()
    findings = derive_findings(data, protocol, plan) if anybody else None
    sections: tuple[Section, ...] = (
        make_origins(material, status),
        make_synopsis(material, flow, findings),
        make_status(material, status),
        make_flow(material, flow),
        make_deviations(material, derive_deviation_results(data, protocol, plan)),
        *_results(material, findings),
        *make_claims_section(snapshot, data, judged),
        make_limits(material, None if findings is None else findings.limits),
    )
    listings = () if findings is None else (make_listings(material, findings),)
    shown = index_results([number.result for number in numbers_shown((*sections, *listings))])
    sections += (make_methods(material, shown.values()), *listings, make_appendix(material))
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
        snapshot=snapshot,
        language=language or protocol.trial.language,
    )


def _results(material: Material, findings: Findings | None) -> tuple[Section, ...]:
    """The sections about those treated; where there is nobody yet, they say so."""
    if findings is None:
        nobody = Paragraph(
            ("Nobody has been treated yet. Baseline, safety, function and survival stand here then.",)
        )
        return (Section("results", "Results", (nobody,)),)
    function = (
        *make_scores(material, findings.scores),
        *make_stages(material, findings.stages),
        *make_slopes(material, findings.slopes),
    )
    return (
        make_baseline(material, findings.baseline),
        make_exposure(material, findings.exposure),
        *make_product(material, findings.product),
        make_events(
            material,
            findings.events,
            (
                *make_laboratory(material, findings.laboratory),
                *make_laboratory_figure(material, findings.laboratory_courses),
            ),
        ),
        *((make_course(material, findings.courses, function),) if findings.courses else ()),
        *_over_time(material, findings),
        make_survival(material, findings.survival),
        *_outside(material, findings),
    )


def _outside(material: Material, findings: Findings) -> tuple[Section, ...]:
    """What the outcomes are held against from outside, where the plan names anything."""
    blocks = (
        *make_expected_survival(material, findings.expected_survival, findings.survival),
        *make_expected_function(material, findings.expected_function),
        *make_watched(material, findings.watched),
        *make_earlier(material, findings.earlier),
        *make_closing(
            findings.expected_survival, findings.expected_function, findings.watched, findings.earlier
        ),
    )
    return (
        (Section("expected", "Expected against observed", (Paragraph((OUTSIDE,), "notice"), *blocks)),)
        if blocks
        else ()
    )


def _over_time(material: Material, findings: Findings) -> tuple[Section, ...]:
    mixed = make_mixed_models(material, findings.mixed)
    blocks = make_time_effects(material, findings.time_effects, mixed)
    return (
        (Section("time", "Change over time: analysis of variance and mixed models", blocks),)
        if blocks
        else ()
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
