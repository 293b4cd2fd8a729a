"""Every act by every role of the shipped protocol, at its own and at another site: allowed exactly where the protocol says so.

Each act is called for real, on a small course in which it succeeds for whoever may do it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from charcot import conduct, library
from charcot.conduct import Trial
from charcot.conduct.analyse_cytometry import CytometryPlan, MarkerAsked
from charcot.conduct.certify import CERTIFYING
from charcot.conduct.lock import LOCKING
from charcot.conduct.prepare_dose import DoseNotPossible
from charcot.conduct.process import Made
from charcot.conduct.review_safety import REVIEWING
from charcot.conduct.sign_narrative import NARRATING
from charcot.ledger import Actor, Clock, Draft, Entry, Head, Kind, Ledger, link
from charcot.participants import FormKey
from charcot.product import Taken
from charcot.protocol import NEEDS, VERBS, require_study
from charcot.refusal import NotAllowed
from charcot.simulation.tubes import draw_tube
from charcot.team import Signature
from conduct.desk import COORDINATOR, DATA_MANAGER, MONITOR, Desk
from product.bench import (
    INVESTIGATOR,
    NURSE,
    QP,
    SECOND,
    SIGNED_CLOSING,
    TECHNICIAN,
    Bench,
    freeze,
    product_files,
)

HOME = Path(str(library.__file__)).parent / "royan_admsc" / "protocol"
TEAM = (HOME / "team.yaml").read_text("utf-8").partition("\n# What a signature may say")[0]
SMALL = product_files(
    ("forms: [blood], at: [month_2]", "forms: [blood], at: [screening, month_2]"),
    ("sites: [Tehran]", "sites: [here, there]"),
    ("gates: [certified_dose, custody, bedside_check]", "gates: []"),
)
OWN_ROLES = SMALL["trial.yaml"][SMALL["trial.yaml"].index("roles:") : SMALL["trial.yaml"].index("sex_item:")]
WATCHING = """\
boundaries:
  - {id: emboli, label: Embolus, event: term = 'Embolus', method: pocock, p0: 0.03, alpha: 0.10, planned: 10,
     stop: [{events: 1, up_to: 10}], source: A test}
reporting:
  - {id: sponsor, label: To the sponsor, to: Sponsor, when: term = 'Embolus', within: 24 hours, concerns: [sponsor], source: A test}
"""
EVENT_FORM = (
    SMALL["forms/adverse_event.yaml"]
    + """\
  - {id: relation_product, label: Relation, type: choice, codes: {possible: Possible, unlikely: Unlikely}}
"""
)
FILES = {
    **SMALL,
    "trial.yaml": SMALL["trial.yaml"].replace(OWN_ROLES, ""),
    "team.yaml": TEAM,
    "safety.yaml": WATCHING,
    "forms/adverse_event.yaml": EVENT_FORM,
}
"""The small protocol with the roles of the shipped one, at two sites, without gates."""
AGAIN = {**FILES, "trial.yaml": FILES["trial.yaml"].replace('number: "1.0"', 'number: "2.0"')}
ROLES = {role.id: frozenset(role.may) for role in require_study(FILES).protocol.roles}
SITES = ("here", "there", "everywhere")
SIGNED = Signature("password+totp", "I approve")

CLAIMS = (Path(__file__).parents[2] / "docs/claims-example/streptomycin.yaml").read_text()

TUBE = draw_tube("any", {}, seed=[1], events=50).content

VITALS = {"participant": "P-1", "form": "vital_signs", "encounter": "screening"}
EVENT = {"participant": "P-1", "form": "adverse_event", "instance": 2, "version": 1}
READY = {"participant": "P-1", "at": "2014-01-20"}
ACTS: dict[str, dict[str, Any]] = {
    "approve": {"committee": "C", "document": "protocol", "version": "9", "reference": "R", "approved_on": "2014-01-01"},
    "delegate": {"person": "new", "role": "monitor", "since": date(2014, 1, 1)},
    "end_delegation": {"person": "monitor-c", "role": "monitor", "until": date(2014, 12, 2), "reason": "Left"},
    "activate_protocol": {"protocol_files": AGAIN, "reason": "A window was widened"},
    "cut": {"name": "first", "statement": "For the committee."},
    "adopt_claims": {"text": CLAIMS, "reason": "To be judged"},
    "change_access": {"person": "nurse-b", "what": "account_disabled"},
    "screen": {"participant": "P-9", "at": "2014-01-10", "site": "here"},
    "consent": {"participant": "P-2", "at": "2014-01-12T10:00", "form_version": "1.0"},
    "record": {"participant": "P-1", "form": "vital_signs", "encounter": "extra", "at": "2014-01-12", "values": {"pulse": "70"}},
    "correct": {**VITALS, "changes": {"pulse": "71"}, "based_on": 1, "reason": "Misread"},
    "miss": {"participant": "P-1", "encounter": "month_2", "at": "2014-04-10", "reason": "Holiday"},
    "assess": READY,
    "waive": {"participant": "P-4", "at": "2014-01-20", "criterion": "I1", "justification": "Agreed"},
    "enrol": {"participant": "P-3", "at": "2014-01-20"},
    "decline": {"participant": "P-2", "at": "2014-01-20", "reason": "No wish"},
    "withdraw": {**READY, "scope": "treatment"},
    "lose_to_follow_up": {**READY, "reason": "Called three times"},
    "infuse": {"participant": "P-1", "at": "2014-01-20T10:00", "given_dose": "141000000", "values": {}},
    "report_event": {**READY, "values": {"term": "Headache"}},
    "report_deviation": {**READY, "category": "visit", "section": "6", "description": "Late"},
    "record_death": {**READY, "cause": "Unknown"},
    "contact": {**READY, "alive": True},
    "open_query": {**VITALS, "text": "With shoes?"},
    "answer_query": {"participant": "P-1", "query": "q1", "text": "Without."},
    "reopen_query": {"participant": "P-1", "query": "q2", "reason": "Unclear"},
    "close_query": {"participant": "P-1", "query": "q2"},
    "verify_source": {**VITALS, "version": 1},
    "withdraw_verification": {"participant": "P-1", "form": "consent", "reason": "Wrong page"},
    "review_safety": {"rule": "emboli", "decision": "continue", "statement": "None so far", "signature": Signature("password+totp", REVIEWING)},
    "record_submission": {**EVENT, "clock": "sponsor", "at": "2014-01-16", "reference": "By telephone"},
    "sign_narrative": {**EVENT, "text": "A cough.", "signature": Signature("password+totp", NARRATING)},
    "assess_relation": {**EVENT, "relation": "unlikely", "why": "It began before the infusion."},
    "judge_result": {"participant": "P-1", "form": "blood", "encounter": "screening", "item": "haemoglobin", "version": 1, "significant": "no"},
    "set_range": {"site": "here", "form": "blood", "item": "haemoglobin", "since": "2014-01-01", "low": "11.5", "source": "The laboratory's list"},
    "sign": {"participant": "P-1", "versions": {FormKey("vital_signs", "screening"): 1}, "signature": SIGNED},
    "lock": {"scope": "participant", "participant": "P-1"},
    "unlock": {"scope": "visit", "participant": "P-1", "encounter": "extra", "instance": 3, "reason": "More is known"},
    "enter_in_error": {**VITALS, "version": 1, "reason": "Of somebody else"},
    "reinstate": {"participant": "P-1", "form": "adverse_event", "reason": "It was theirs"},
    "attach": {**VITALS, "name": "a.pdf", "media_type": "application/pdf", "size": 1, "sha256": "0" * 64},
    "withdraw_attachment": {"participant": "P-1", "attachment": "a1", "reason": "Wrong file"},
}  # fmt: skip
ON_THE_PRODUCT: Mapping[str, dict[str, Any]] = {
    "register_donor": {"donor": "D9", "participant": "P-1", "relation": "child"},
    "consent_donor": {"donor": "D2", "at": "2014-01-08", "form_version": "1"},
    "screen_donor": {"donor": "D3", "at": "2014-01-09", "suitable": "yes"},
    "record_donor_test": {"donor": "D3", "test": "hiv", "sampled_at": "2014-01-09", "result": "negative", "method": "ELISA"},
    "report_donor_reaction": {"donor": "D1", "at": "2014-01-10", "description": "Bruise", "severity": "mild", "outcome": "recovered"},
    "follow_donor_reaction": {"donor": "D1", "reaction": "r1", "at": "2014-01-12", "outcome": "recovered", "found": "Gone"},
    "decide_donor": {"donor": "D1", "at": "2014-01-12", "decision": "eligible"},
    "receive_material": {"code": "MED9", "material": "medium", "lot_number": "X", "supplier": "S", "expires": "2014-12-31", "amount": "5", "at": "2014-01-09"},
    "release_material": {"code": "COL2", "certificate": "C"},
    "recall_material": {"code": "COL2", "reason": "The maker asked for it"},
    "calibrate": {"code": "CEN1", "equipment": "centrifuge", "label": "C", "on": "2014-01-09", "due": "2014-12-31"},
    "procure": {"lot": "L9", "donor": "D1", "at": "2014-01-10T09:00", "volume_ml": "100", "operator": "O", "anaesthetic": "A", "container": "C", "received_at": "2014-01-10T09:30"},
    "process": {"lot": "L1", "step": "sampling", "at": "2014-01-20T09:00", "parents": [Taken("L1.svf", "1000000")], "children": [Made("S2")], "verifier": SECOND},
    "count_cells": {"node": "L1.S1", "at": "2014-01-20T09:00", "replicates": [(100, 5)], "factor": "1000", "volume_ml": "1", "method": "M"},
    "move_vial": {"node": "L3.V1", "at": "2014-01-20T09:00", "place": "T1/R1/B1/A2"},
    "report_storage_excursion": {"place": "T1", "at": "2014-01-19", "until": "2014-01-20", "temperature": "-90", "severity": "major", "description": "Lid open"},
    "request_test": {"node": "L2.P0-harvest", "test": "cd14", "sampled_at": "2014-01-19T09:00", "reason": "Again"},
    "analyse_cytometry": {
        "node": "L2.P0-harvest", "sampled_at": "2014-01-19T09:00",
        "plan": CytometryPlan({"t": TUBE, "c": TUBE}, (MarkerAsked("CD14", "FITC-A", "t", "c"),), compensation="none"),
    },
    "result_test": {"lot": "L2", "test": "t3", "value": "1.0", "at": "2014-01-20"},
    "review_test": {"lot": "L1", "test": "t3", "verdict": "PASS"},
    "report_product_deviation": {"lot": "L1", "at": "2014-01-19", "severity": "minor", "description": "Late"},
    "assess_product_deviation": {"lot": "L1", "deviation": "d1", "severity": "minor", "impact": "I", "investigation": "N", "root_cause": "C", "action": "A"},
    "close_product_deviation": {"lot": "L1", "deviation": "d2", "outcome": "O", "signature": SIGNED_CLOSING},
    "annul_product_entry": {"about": "dose/X1", "entry": 0, "reason": "Of another dose"},
    "certify": {"lot": "L2", "outcome": "certified", "signature": Signature("password+totp", CERTIFYING)},
    "prescribe_dose": {"participant": "P-1", "dose": "X9", "at": "2014-01-20T07:00"},
    "prepare_dose": {"dose": "X2", "node": "L2.P0-harvest", "at": "2014-01-20T08:00", "viable": "141000000", "total": "150000000", "concentration": "14100000", "volume_ml": "10", "verifier": SECOND},
    "print_labels": {"dose": "X1", "copies": 1, "reason": "Smudged"},
    "reconcile_labels": {"dose": "X1", "used": 1, "destroyed": 1},
    "issue_dose": {"dose": "X3", "at": "2014-01-20T09:00", "temperature": "8"},
    "hand_over_dose": {"dose": "X1", "at": "2014-01-20T09:55", "to": SECOND, "temperature": "8"},
    "receive_dose": {"dose": "X1", "at": "2014-01-20T09:55", "temperature": "8"},
    "check_bedside": {"dose": "X1", "at": "2014-01-20T09:55", "wristband": "P-1", "bag": "X1", "second": INVESTIGATOR},
    "end_dose": {"dose": "X1", "at": "2014-01-20T10:30", "what": "destroyed", "reason": "Not needed", "witness": SECOND},
    "open_recall": {"recall": "R9", "lots": ["L1"], "at": "2014-01-21", "reason": "A doubt"},
    "notify_recall": {"recall": "R1", "whom": "lot L4", "at": "2014-01-21", "how": "Telephone", "answer": "Set aside"},
    "close_recall": {"recall": "R2", "conclusion": "All set aside"},
}  # fmt: skip
ACTS |= ON_THE_PRODUCT
BOUND_TO_A_PERSON = ("hand_over_dose", "receive_dose")
"""What of those who may, only the one who holds the dose, or to whom it was handed, does."""
AT_THE_SITE = (
    "register_donor", "consent_donor", "screen_donor", "record_donor_test", "decide_donor", "report_donor_reaction", "follow_donor_reaction", "procure",
    "prescribe_dose", "hand_over_dose", "receive_dose", "check_bedside", "end_dose", "annul_product_entry",
)  # fmt: skip
"""What is done on donors and doses at the bedside, for participants of one's own site; the rest is done where cells are made."""
OF_THE_TRIAL = (
    *(act for act in ON_THE_PRODUCT if act not in AT_THE_SITE),
    "review_safety",
    "approve",
    "delegate",
    "end_delegation",
    "activate_protocol",
    "cut",
    "adopt_claims",
    "change_access",
)
WITHOUT_ACT = {"read"}
"""Verbs that allow no act: reading."""


def at(site: str) -> dict[str, str]:
    """How a delegation is limited to a site; one that holds everywhere is not."""
    return {} if site == "everywhere" else {"site": site}


class Trying:
    """A ledger on which an act is carried out to its end, and then not kept."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.head = ledger.head
        self.rows = ledger.rows

    def entries(
        self,
        *,
        subjects: Collection[str] | None = None,
        kinds: Collection[Kind] | None = None,
        after: int = 0,
        until: int | None = None,
    ) -> Iterator[Entry]:
        return self._ledger.entries(subjects=subjects, kinds=kinds, after=after, until=until)

    def append(
        self, drafts: Sequence[Draft], *, seen: int, watching: Collection[str], clock: Clock
    ) -> tuple[Entry, ...]:
        head: Head = self._ledger.head()
        assert seen == head.sequence
        return link(drafts, head, clock())


class HereDesk(Bench):
    """A desk at the site `here`."""

    def begin(self, participant: str = "P-1") -> None:
        self.about("screen", "2014-01-05", participant, site="here")
        self.about("consent", "2014-01-06T10:00", participant, form_version="1.0")


@pytest.fixture(scope="module")
def course() -> Desk:
    """Five people on their way, and somebody in each role at each site."""
    desk = HereDesk(files=FILES)
    for role in ROLES:
        for site in SITES:
            desk.act("delegate", person=f"{role}-{site}", role=role, since=date(2014, 1, 1), **at(site))
    desk.enrol("P-1")
    desk.begin("P-2")
    desk.begin("P-3")
    desk.fill("demography", "2014-01-07", "screening", "P-3", age="40", sporadic="yes", sex="F")
    desk.begin("P-4")
    desk.fill("demography", "2014-01-07", "screening", "P-4", age="70", sporadic="yes", sex="F")
    desk.about("assess", "2014-01-08", "P-4")
    for _ in range(2):
        desk.act("open_query", DATA_MANAGER, **VITALS, text="With shoes?")
    desk.act("answer_query", COORDINATOR, participant="P-1", query="q2", text="Without.")
    desk.act("verify_source", MONITOR, participant="P-1", form="consent", version=1)
    desk.about("report_event", "2014-01-15", "P-1", values={"term": "Cough"})
    desk.act("enter_in_error", participant="P-1", form="adverse_event", version=1, reason="Of somebody else")
    desk.about("report_event", "2014-01-15", "P-1", values={"term": "Cough"})
    desk.fill("blood", "2014-01-08", "screening", "P-1", haemoglobin="9.8")
    desk.act("lock", DATA_MANAGER, scope="visit", participant="P-1", encounter="extra", instance=3)
    desk.act(
        "attach",
        participant="P-1",
        form="consent",
        name="a.pdf",
        media_type="application/pdf",
        size=1,
        sha256="0" * 64,
    )
    make_products(desk)
    return desk


def make_products(bench: Bench) -> None:
    """Lots and doses on their way: L1 certified with X1 at the bedside, L2 to be certified, L3 with X3 to be issued."""
    bench.accept("D1", "P-1")
    bench.act("report_donor_reaction", NURSE, donor="D1", at="2014-01-11", description="Bruise", severity="mild",
              outcome="ongoing")  # fmt: skip
    for donor in ("D2", "D3"):
        bench.register(donor, "P-1")
    bench.act("consent_donor", NURSE, donor="D3", at="2014-01-08T09:00", form_version="1")
    bench.receive("COL2", "collagenase")
    for lot in ("L1", "L2", "L3"):
        bench.procure(lot)
        bench.grow(lot)
    bench.step("sampling", "2014-01-18T11:00", [Taken("L1.svf", "1000000")], "S1")
    bench.release("L1")
    bench.assay("cd14", "1.0", "L1", review=False)
    bench.act(
        "report_product_deviation",
        TECHNICIAN,
        lot="L1",
        at="2014-01-19",
        severity="minor",
        description="Late",
    )
    bench.act(
        "report_product_deviation",
        TECHNICIAN,
        lot="L1",
        at="2014-01-19",
        severity="minor",
        description="Cold",
    )
    assessed = {**ON_THE_PRODUCT["assess_product_deviation"], "deviation": "d2"}
    bench.act("assess_product_deviation", QP, **assessed)
    bench.assay("cd90", "97.0", "L2")
    bench.assay("sterility", "negative", "L2")
    bench.act("request_test", TECHNICIAN, node="L2.P0-harvest", test="cd14", sampled_at="2014-01-18T11:00")
    bench.release("L3")
    freeze(bench, "L3", {"V1": "T1/R1/B1/A1"})
    for dose, lot in (("X1", "L1"), ("X2", ""), ("X3", "L3")):
        bench.prescribe(dose, "P-1")
        if lot:
            bench.prepare(dose, lot)
            bench.label(dose)
    bench.carry("X1")
    received = bench.dose("X1").received
    assert received is not None
    ACTS["annul_product_entry"]["entry"] = received.sequence
    for recall, lot in (("R1", "L4"), ("R2", "L5")):
        bench.procure(lot)
        bench.act("open_recall", QP, recall=recall, lots=[lot], at="2014-01-20", reason="A doubt")
    bench.act(
        "notify_recall", QP, recall="R2", whom="lot L5", at="2014-01-21", how="Telephone", answer="Set aside"
    )


def test_every_act_and_every_verb_is_in_the_matrix() -> None:
    acts = {name for name in conduct.__all__ if name.islower() and name not in ("read_charter", "open_trial")}
    assert set(ACTS) == acts
    reached = {verb for act in acts for verb in NEEDS.get(act, (act,))}
    assert set(VERBS) == reached | WITHOUT_ACT


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_done_by_those_and_only_those_who_may(course: Desk, act: str, role: str) -> None:
    may = bool(ROLES[role] & set(NEEDS.get(act, (act,))))
    trial = Trial(Trying(course.trial.ledger), course.trial.vault, course.trial.clock)
    for site in SITES:
        actor = Actor(f"{role}-{site}", role)
        if may and (site == "everywhere" or (site == "here" and act not in OF_THE_TRIAL)):
            if act in BOUND_TO_A_PERSON:
                with pytest.raises(DoseNotPossible):
                    getattr(conduct, act)(trial, actor, **ACTS[act])
                continue
            entries = getattr(conduct, act)(trial, actor, **ACTS[act])
            assert {entry.actor for entry in entries} == {actor}
        else:
            with pytest.raises(NotAllowed):
                getattr(conduct, act)(trial, actor, **ACTS[act])


@pytest.mark.parametrize(
    "act, second", [("check_bedside", "second"), ("end_dose", "witness"), ("hand_over_dose", "to")]
)
def test_the_second_person_at_the_bedside_is_one_of_the_same_site(
    course: Desk, act: str, second: str
) -> None:
    """X1 is for P-1 of the site `here`, and the coordinator NURSE of every site holds it."""
    trial = Trial(Trying(course.trial.ledger), course.trial.vault, course.trial.clock)
    for site in SITES:
        given = {**ACTS[act], second: Actor(f"coordinator-{site}", "coordinator")}
        if site == "there":
            with pytest.raises(NotAllowed, match="at another site"):
                getattr(conduct, act)(trial, NURSE, **given)
        else:
            (entry, *_more) = getattr(conduct, act)(trial, NURSE, **given)
            assert entry.data[second]["person"] == f"coordinator-{site}"


@pytest.mark.parametrize("kind", [Kind.LABELS_PRINTED, Kind.STEP_PERFORMED])
def test_what_was_done_where_cells_are_made_is_not_struck_out_at_a_site(course: Desk, kind: Kind) -> None:
    trial = Trial(Trying(course.trial.ledger), course.trial.vault, course.trial.clock)
    subject = "dose/X1" if kind is Kind.LABELS_PRINTED else "product/L1"
    entry = [e for e in course.trial.ledger.entries(subjects=[subject]) if e.kind is kind][-1]
    given = {"about": subject, "entry": entry.sequence, "reason": "In error"}
    with pytest.raises(NotAllowed, match="at some sites only"):
        conduct.annul_product_entry(trial, Actor("gmp_technician-here", "gmp_technician"), **given)


@pytest.mark.parametrize("role", ROLES)
def test_the_trial_is_locked_by_those_who_may(course: Desk, role: str) -> None:
    trial = Trial(Trying(course.trial.ledger), course.trial.vault, course.trial.clock)
    given = {
        "scope": "trial",
        "statement": "All data are final.",
        "reason": "The sponsor ends the trial.",
        "signature": Signature("password+totp", LOCKING),
    }
    if "lock" in ROLES[role]:
        (entry,) = conduct.lock(trial, Actor(f"{role}-everywhere", role), **given)  # type: ignore[arg-type]  # by name
        assert entry.data["scope"] == "trial"
    for site in SITES[:2] if "lock" in ROLES[role] else SITES:
        with pytest.raises(NotAllowed):
            conduct.lock(trial, Actor(f"{role}-{site}", role), **given)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("act", ACTS)
def test_nobody_acts_in_a_role_that_was_not_delegated_to_them(course: Desk, act: str) -> None:
    for role in ROLES:
        with pytest.raises(NotAllowed):
            getattr(conduct, act)(course.trial, Actor("stranger", role), **ACTS[act])
