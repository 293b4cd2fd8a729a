from dataclasses import replace

import pytest

from analysis.small_trial import protocol_files
from charcot.analysis import ReportPlan
from charcot.analysis.plan import plan_report
from charcot.datasets import Snapshot
from charcot.protocol import parse_protocol
from charcot.protocol.plan import PlannedReading


def test_the_shipped_protocol_states_what_the_defaults_are(snapshot: Snapshot) -> None:
    stated = plan_report(snapshot.protocol)
    outside = {"expected_survival": None, "expected_courses": (), "watched": (), "earlier_trials": None}
    assert replace(stated, **outside) == ReportPlan()
    assert stated.expected_survival is not None and stated.expected_survival.planned == "survival_expected"
    assert [measure.planned for measure in stated.expected_courses] == ["expected_alsfrs_r", "expected_fvc"]
    assert [(planned, event.windows) for planned, event in stated.watched] == [("emboli_expected", (65, 365))]
    assert stated.earlier_trials == "earlier_trials"


def test_a_protocol_that_states_nothing_has_the_defaults(snapshot: Snapshot) -> None:
    silent = tuple(
        result.model_copy(update={"reads": None})
        for result in snapshot.protocol.analysis
        if result.method != "earlier_trials"
    )
    assert plan_report(snapshot.protocol.model_copy(update={"analysis": silent})) == ReportPlan()


def test_a_protocol_can_state_something_else(snapshot: Snapshot) -> None:
    planned = {
        "table1": PlannedReading(form="demography"),
        "figure2_fvc": PlannedReading(measure="fvc_litres"),
        "anova_fvc": PlannedReading(measure="fvc_litres"),
        "survival": PlannedReading(months=(0, 6, 18)),
    }
    analysis = tuple(
        result.model_copy(update={"reads": planned.get(result.id)}) for result in snapshot.protocol.analysis
    )
    plan = plan_report(snapshot.protocol.model_copy(update={"analysis": analysis}))
    assert (plan.baseline_form, plan.baseline_skip, plan.baseline_onset) == ("demography", (), None)
    assert [(m.id, m.planned) for m in plan.measures] == [("fvc_litres", "figure2_fvc")]
    assert [m.planned for m in plan.anovas] == ["anova_fvc"]
    assert plan.survival_months == (0, 6, 18)


@pytest.mark.parametrize(
    ("written", "wrong", "said"),
    [
        (
            "        fvc: fvc_percent",
            "        fvc: fvc_percents",
            "published_baseline has no item fvc_percents",
        ),
        (
            "event: category = 'pulmonary_embolism'\n        windows",
            "event: categori = 'pulmonary_embolism'\n        windows",
            "categori",
        ),
        ("form: published_baseline", "form: published_baselin", "there is no form published_baselin"),
        ("duration: disease_duration", "duration: disease_years", "has no item disease_years"),
        ("outcome: outcome", "outcome: result", "the form adverse_event has no item result"),
        ("procedure: procedure.kind", "procedure: procedure.sort", "the form procedure has no item sort"),
        ("skip: [table1_id]", "skip: [table_id]", "has no item table_id"),
    ],
)
def test_names_that_the_plan_reads_must_exist(written: str, wrong: str, said: str) -> None:
    files = protocol_files()
    assert written in files["analysis.yaml"]
    files["analysis.yaml"] = files["analysis.yaml"].replace(written, wrong, 1)
    findings = parse_protocol(files).findings
    assert any(said in finding.what and finding.file == "analysis.yaml" for finding in findings), findings
