"""No sequence of acts infuses a dose that breaks one of the ten impossibilities of the product."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from charcot.conduct.certify import REJECTING
from charcot.conduct.decide_donor import EXCEPTION
from charcot.ledger import Actor, Kind
from charcot.product import Taken
from charcot.refusal import Refusal
from charcot.team import Signature
from product.bench import (
    INVESTIGATOR,
    NURSE,
    QP,
    REVIEWER,
    SECOND,
    SIGNED_CLOSING,
    SIGNED_RELEASE,
    TECHNICIAN,
    TESTER,
    Bench,
    copied,
)
from product.oracle import check_infusions

Act = Callable[[Bench], Any]


@cache
def base() -> Bench:
    """Two participants enrolled, a third only screened; another donor's lot that is grown; materials in every state."""
    bench = Bench()
    bench.enrol("S-1")
    bench.enrol("S-2")
    bench.about("screen", "2014-01-05", "S-3")
    bench.receive("COL2", "collagenase")  # stays in quarantine
    bench.receive("COL3", "collagenase", expires="2014-01-05")
    bench.receive("COL4", "collagenase", amount="1")
    bench.receive("COL5", "collagenase")
    for code in ("COL3", "COL4", "COL5"):
        bench.act("release_material", QP, code=code, certificate="C")
    bench.act("recall_material", QP, code="COL5", reason="The maker asked for it")
    tool = {"equipment": "centrifuge", "label": "Centrifuge"}
    bench.act("calibrate", TECHNICIAN, code="CEN2", **tool, on="2014-01-02", due="2014-12-31")
    bench.act(
        "calibrate", TECHNICIAN, code="CEN3", **tool, on="2013-01-02", due="2014-01-01", rotor_radius_cm="8"
    )
    bench.accept("D2", "S-2")
    bench.procure("L2", "D2")
    bench.grow("L2")
    return bench


@cache
def reached(stage: str) -> Bench:
    """The course as it stands just before a stage, everything before it done properly."""
    names = list(STAGES)
    place = names.index(stage)
    if place == 0:
        return base()
    bench = copied(reached(names[place - 1]))
    STAGES[names[place - 1]](bench)
    return bench


def donor_test(bench: Bench, test: str, result: str = "negative", sampled_at: str = "2014-01-10") -> None:
    bench.act(
        "record_donor_test",
        TESTER,
        donor="D1",
        test=test,
        sampled_at=sampled_at,
        result=result,
        method="ELISA",
    )


def consent(bench: Bench, at: str = "2014-01-08T09:00") -> None:
    bench.act("consent_donor", NURSE, donor="D1", at=at, form_version="1")


def screen(bench: Bench, suitable: str = "yes", at: str = "2014-01-08T10:00") -> None:
    bench.act("screen_donor", NURSE, donor="D1", at=at, suitable=suitable)


def decide(bench: Bench, decision: str = "eligible", who: Actor = QP, signed: bool = True) -> None:
    signature = Signature("password+totp", EXCEPTION) if signed and decision == "exception" else None
    bench.act(
        "decide_donor",
        who,
        donor="D1",
        at="2014-01-11",
        decision=decision,
        reason="So it is",
        signature=signature,
    )


def grow(
    bench: Bench, seeded: str = "100000000", early: bool = False, unfed: bool = False, **isolation: Any
) -> None:
    """The culture, with one thing done otherwise."""
    bench.isolate(**isolation)
    bench.count("L1.svf", "2014-01-10T12:00")
    at = "2014-01-10T09:30" if early else "2014-01-10T13:00"
    bench.step("seeding", at, [Taken("L1.svf", seeded)], "P0", materials={"MED1": "1"}, reason="As seeded")
    if not unfed:
        bench.step("feeding", "2014-01-14T09:00", [Taken("L1.P0")])
    bench.step("harvest", "2014-01-18T09:00", [Taken("L1.P0")], "P0-harvest")
    bench.count("L1.P0-harvest", "2014-01-18T10:00")


def mix(bench: Bench) -> None:
    """Cells of two donors, prepared as the dose."""
    bench.step("pooling", "2014-01-18T11:00", [Taken("L1.P0-harvest"), Taken("L2.P0-harvest")], "pool")
    bench.count("L1.pool", "2014-01-18T12:00")


def ask(
    bench: Bench,
    test: str,
    value: str,
    reviewer: Actor = REVIEWER,
    verdict: str | None = None,
    again: str = "",
) -> None:
    """A test whose result may be entered twice, found invalid, or reviewed by who tested."""
    (entry,) = bench.act(
        "request_test", TESTER, node="L1.P0-harvest", test=test, sampled_at="2014-01-18T10:30", reason="Again"
    )
    name = str(entry.data["id"])
    bench.act("result_test", TESTER, lot="L1", test=name, value=value, at="2014-01-19")
    if again:
        attempt(
            bench, lambda b: b.act("result_test", TESTER, lot="L1", test=name, value=again, at="2014-01-19")
        )
    found = bench.lot().test(name)
    bench.act("review_test", reviewer, lot="L1", test=name, verdict=verdict or (found and found.verdict))


def certify(bench: Bench, outcome: str = "certified", who: Actor = QP, **more: Any) -> None:
    bench.act("certify", who, lot="L1", outcome=outcome, signature=SIGNED_RELEASE, **more)


def reject(bench: Bench) -> None:
    signed = Signature("password+totp", REJECTING)
    bench.act("certify", QP, lot="L1", outcome="rejected", reason="R", signature=signed)


def conditionally(bench: Bench, **more: Any) -> None:
    """Certified while sterility runs."""
    bench.act(
        "request_test",
        TESTER,
        node="L1.P0-harvest",
        test="sterility",
        sampled_at="2014-01-18T10:30",
        reason="R",
    )
    certify(bench, "conditional", **more)


def deviate(bench: Bench, severity: str = "major", **more: Any) -> None:
    bench.act(
        "report_product_deviation",
        TECHNICIAN,
        lot="L1",
        at="2014-01-18",
        severity=severity,
        description="D",
        **more,
    )


def close(bench: Bench) -> None:
    said = {"severity": "major", "impact": "I", "investigation": "N", "root_cause": "C", "action": "A"}
    attempt(bench, lambda b: b.act("assess_product_deviation", QP, lot="L1", deviation="d1", **said))
    bench.act("close_product_deviation", QP, lot="L1", deviation="d1", outcome="O", signature=SIGNED_CLOSING)


def annul(bench: Bench, about: str, kind: Kind) -> None:
    """The last of a kind is said to have been entered in error."""
    found = [e.sequence for e in bench.trial.ledger.entries(subjects=[about], kinds=[kind])]
    entry = found[-1] if found else 0
    bench.act("annul_product_entry", TECHNICIAN, about=about, entry=entry, reason="In error")


def carry(
    bench: Bench, to: Actor = NURSE, by: Actor = NURSE, temperature: str = "8", giver: Actor = TECHNICIAN
) -> None:
    bench.act("issue_dose", TECHNICIAN, dose="X1", at="2014-01-20T08:30", temperature="8")
    bench.act("hand_over_dose", giver, dose="X1", at="2014-01-20T08:40", to=to, temperature=temperature)
    bench.act("receive_dose", by, dose="X1", at="2014-01-20T09:00", temperature="8")


def check(
    bench: Bench,
    wristband: str = "S-1",
    bag: str = "X1",
    second: Actor = INVESTIGATOR,
    at: str = "2014-01-20T09:50",
) -> None:
    bench.act("check_bedside", NURSE, dose="X1", at=at, wristband=wristband, bag=bag, second=second)


def infuse(
    bench: Bench,
    participant: str = "S-1",
    at: str = "2014-01-20T10:00",
    given: str = "141000000",
    volume: str = "10",
) -> None:
    bench.act(
        "infuse",
        participant=participant,
        at=at,
        given_dose=given,
        values={"volume": volume},
        dose="X1",
        reason="As given",
    )


def correct(bench: Bench, given: str) -> None:
    bench.act(
        "correct",
        participant="S-1",
        form="infusion",
        encounter="infusion_day",
        changes={"given_dose": given},
        based_on=1,
        reason="M",
    )


def recall(bench: Bench, told: int = 3) -> None:
    bench.act("open_recall", QP, recall="R1", lots=["L1"], at="2014-01-20", reason="A doubt")
    for whom in ("lot L1", "participant S-1", "dose X1")[:told]:
        bench.act("notify_recall", QP, recall="R1", whom=whom, at="2014-01-21", how="T", answer="A")
    bench.act("close_recall", QP, recall="R1", conclusion="Done")


def end(bench: Bench) -> None:
    bench.act(
        "end_dose", TECHNICIAN, dose="X1", at="2014-01-20T08:20", what="destroyed", reason="R", witness=SECOND
    )


STAGES: dict[str, Act] = {
    "register": lambda b: b.register("D1", "S-1"),
    "consent": consent,
    "screen": screen,
    "hiv": lambda b: donor_test(b, "hiv"),
    "hcv": lambda b: donor_test(b, "hcv"),
    "decide": decide,
    "procure": lambda b: b.procure("L1", "D1"),
    "grow": grow,
    "cd90": lambda b: b.assay("cd90", "97.5"),
    "sterility": lambda b: b.assay("sterility", "negative"),
    "certify": certify,
    "prescribe": lambda b: b.prescribe(),
    "prepare": lambda b: b.prepare(),
    "label": lambda b: b.label(),
    "carry": carry,
    "check": check,
    "infuse": infuse,
}
"""The course as it should be."""

WRONG: dict[str, list[Act]] = {
    "register": [
        lambda b: b.register("D1", "S-1", "cousin"),
        lambda b: b.register("D1", "S-2"),
        lambda b: b.procure("L1", "D1"),
    ],
    "consent": [lambda b: consent(b, "2014-01-10T09:30"), lambda b: b.procure("L1", "D1")],
    "screen": [lambda b: screen(b, "no"), decide],
    "hiv": [
        lambda b: donor_test(b, "hiv", "positive"),
        lambda b: donor_test(b, "hiv", "indeterminate"),
        lambda b: donor_test(b, "hiv", "negative", "2014-01-19"),
        lambda b: donor_test(b, "hiv", "not_done"),
    ],
    "hcv": [lambda b: donor_test(b, "hcv", "negative", "2014-01-18"), decide],
    "decide": [
        lambda b: decide(b, "exception", INVESTIGATOR),
        lambda b: decide(b, "exception", INVESTIGATOR, signed=False),
        lambda b: decide(b, "exception", QP),
        lambda b: decide(b, "ineligible"),
    ],
    "procure": [
        lambda b: b.procure("L1", "D1", "2014-01-20T09:00"),
        lambda b: b.procure("L1", "D2"),
        lambda b: donor_test(b, "hiv", "positive", "2014-01-12"),
    ],
    "grow": [
        *(lambda b, c=code: grow(b, materials={c: "1"}) for code in ("COL2", "COL3", "COL5")),
        lambda b: grow(b, materials={"COL4": "2"}),
        *(lambda b, c=code: grow(b, equipment=[c]) for code in ("CEN2", "CEN3")),
        lambda b: grow(b, verifier=TECHNICIAN),
        lambda b: grow(b, parameters={"minutes": "45", "speed": "2000"}),
        *(lambda b, n=number: grow(b, seeded=n) for number in ("100", "230000000")),
        lambda b: grow(b, early=True),
        lambda b: grow(b, unfed=True),
        lambda b: b.step(
            "isolation",
            "2014-01-10T11:00",
            [Taken("L2.tissue")],
            "svf",
            materials={"COL1": "1"},
            equipment=["CEN1"],
            parameters={"minutes": "20", "speed": "2000"},
        ),
    ],
    "cd90": [
        lambda b: ask(b, "cd90", "80"),
        lambda b: ask(b, "cd90", "80", again="97"),
        lambda b: ask(b, "cd90", "80", verdict="PASS"),
        lambda b: ask(b, "cd90", "80", verdict="INVALID"),
        lambda b: ask(b, "cd90", "97", reviewer=TESTER),
        lambda b: ask(b, "cd90", "97", reviewer=QP),
        lambda b: b.act(
            "request_test", TESTER, node="L1.P0-harvest", test="cd90", sampled_at="2014-01-18T10:30"
        ),
        mix,
    ],
    "sterility": [lambda b: ask(b, "sterility", "positive"), conditionally, lambda b: certify(b)],
    "certify": [
        deviate,
        lambda b: (deviate(b), close(b)),
        lambda b: certify(b, specification="0.9"),
        lambda b: certify(b, who=REVIEWER),
        reject,
        lambda b: conditionally(b, owner="person-q", acknowledged_by=INVESTIGATOR),
        lambda b: conditionally(b, owner="person-q"),
        lambda b: conditionally(b, acknowledged_by=INVESTIGATOR),
        lambda b: conditionally(b, owner="person-q", acknowledged_by=NURSE),
        lambda b: donor_test(b, "hcv", "positive", "2014-01-12"),
    ],
    "prescribe": [lambda b: b.prescribe("X1", "S-3"), lambda b: b.prescribe("X1", "S-2")],
    "prepare": [
        lambda b: b.prepare(concentration="1410000"),
        lambda b: b.prepare(verifier=TECHNICIAN),
        lambda b: b.prepare(node="L1.svf"),
        lambda b: b.prepare(node="L2.P0-harvest", lot="L2"),
        lambda b: b.prepare(at="2014-01-18T12:00"),
        lambda b: b.prepare(viable="230000000", total="240000000", concentration="23000000", reason="More"),
        lambda b: (
            b.prepare(),
            b.prepare(viable="14100000", total="15000000", concentration="1410000", reason="Less"),
        ),
        lambda b: b.prepare(viable="14100000", total="15000000", concentration="1410000", reason="Less"),
    ],
    "label": [lambda b: b.act("print_labels", TECHNICIAN, dose="X1"), carry],
    "carry": [
        lambda b: carry(b, to=NURSE, by=SECOND),
        lambda b: carry(b, giver=SECOND),
        lambda b: carry(b, temperature="40"),
        recall,
        end,
        check,
        lambda b: b.act("issue_dose", TECHNICIAN, dose="X1", at="2014-01-20T08:30", temperature="8"),
    ],
    "check": [
        lambda b: check(b, wristband="S-2"),
        lambda b: check(b, bag="X2"),
        lambda b: check(b, second=NURSE),
        lambda b: check(b, at="2014-01-20T08:50"),
        lambda b: check(b, at="2014-01-20T10:30"),
        lambda b: infuse(b),
    ],
    "infuse": [
        lambda b: annul(b, "product/L1", Kind.CELLS_COUNTED),
        lambda b: annul(b, "product/L1", Kind.STEP_PERFORMED),
        lambda b: annul(b, "dose/X1", Kind.BEDSIDE_CHECKED),
        lambda b: check(b, wristband="S-2"),
        lambda b: check(b, bag="X2"),
        lambda b: infuse(b, participant="S-2"),
        lambda b: infuse(b, at="2014-01-25T10:00"),
        lambda b: infuse(b, at="2014-01-20T09:30"),
        lambda b: infuse(b, given="1410000000"),
        lambda b: infuse(b, volume="100"),
        lambda b: (
            infuse(b),
            b.act(
                "enter_in_error",
                participant="S-1",
                form="infusion",
                encounter="infusion_day",
                version=1,
                reason="E",
            ),
        ),
        lambda b: (infuse(b), correct(b, "1500000000")),
        lambda b: recall(b, 1),
        lambda b: recall(b, 2),
        lambda b: b.act("recall_material", QP, code="COL1", reason="R"),
        lambda b: ask(b, "sterility", "positive"),
    ],
}
"""What should not be done at a stage, or is done otherwise than it should be."""


def attempt(bench: Bench, act: Act) -> None:
    """Does something; what is refused says why and what to do."""
    try:
        act(bench)
    except Refusal as refusal:
        assert refusal.rule
        assert refusal.next_step


stages = st.sampled_from(list(STAGES))
wrongs = stages.flatmap(lambda stage: st.sampled_from(WRONG[stage]))


class RandomActs(RuleBasedStateMachine):
    """A course in which something goes wrong at some stage, then goes on; and more of both."""

    @initialize(data=st.data(), stage=stages, skipped=st.none() | stages)
    def begin(self, data: st.DataObject, stage: str, skipped: str | None) -> None:
        self.until = 0
        self.bench = copied(reached(stage))
        attempt(self.bench, data.draw(st.sampled_from(WRONG[stage])))
        self.run(list(STAGES)[list(STAGES).index(stage) :], skipped)

    def run(self, names: list[str], skipped: str | None = None) -> None:
        for name in names:
            if name != skipped:
                attempt(self.bench, STAGES[name])

    @rule(wrong=wrongs)
    def go_wrong(self, wrong: Act) -> None:
        attempt(self.bench, wrong)

    @rule(stage=stages)
    def do(self, stage: str) -> None:
        attempt(self.bench, STAGES[stage])

    @rule(stage=stages, wrong=wrongs)
    def begin_again(self, stage: str, wrong: Act) -> None:
        """Another course from a stage on, after something else went wrong."""
        self.bench = copied(reached(stage))
        self.until = 0
        attempt(self.bench, wrong)
        self.run(list(STAGES)[list(STAGES).index(stage) :])

    @invariant()
    def no_infusion_breaks_a_rule(self) -> None:
        head = self.bench.trial.ledger.head().sequence if hasattr(self, "bench") else self.until_none()
        if head != self.until:
            self.until = head
            check_infusions(list(self.bench.trial.ledger.entries()))

    def until_none(self) -> int:
        """Before the course began nothing is checked."""
        self.until = 0
        return 0


TestRandomActs = RandomActs.TestCase
TestRandomActs.settings = settings(
    max_examples=60, stateful_step_count=6, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_that_goes_wrong_at_a_stage_reaches_a_vein_wrongly(stage: str) -> None:
    """Each wrong act before its stage and instead of it, and then everything else as it should be."""
    following = list(STAGES)[list(STAGES).index(stage) :]
    for wrong in WRONG[stage]:
        for names in (following, following[1:]):
            bench = copied(reached(stage))
            attempt(bench, wrong)
            for name in names:
                attempt(bench, STAGES[name])
            check_infusions(list(bench.trial.ledger.entries()))


def test_the_whole_course_is_infused() -> None:
    """The course as it should be leads to an infusion, so that silence above means something."""
    bench = copied(reached("infuse"))
    infuse(bench)
    assert bench.dose().status == "infused"
    check_infusions(list(bench.trial.ledger.entries()))


@pytest.mark.parametrize("stage", [name for name in STAGES if name not in ("register", "infuse")])
def test_no_stage_can_be_left_out(stage: str) -> None:
    bench = copied(reached(stage))
    for name in list(STAGES)[list(STAGES).index(stage) + 1 :]:
        attempt(bench, STAGES[name])
    assert not [e for e in bench.trial.ledger.entries() if e.kind is Kind.DOSE_INFUSED]
