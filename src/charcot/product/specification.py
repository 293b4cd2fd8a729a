"""Results judged by the release specification, and what keeps a lot from being certified."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from charcot.product.lots import Lot, QualityTest
from charcot.protocol import Protocol, Reference, Study, evaluate_rule
from charcot.protocol.manufacture import IdentityDefinition
from charcot.protocol.plan import ReleaseTest

VERDICTS = ("PASS", "FAIL", "INVALID", "NOT ASSESSABLE")
"""What a result can come to; a test without one is NOT TESTED or PENDING."""


@dataclass(frozen=True)
class _OneResult:
    """The facts of a rule that reads a single result."""

    item: str
    text: str

    def value(self, reference: Reference) -> str | None:
        return self.text if f"{reference.form}.{reference.item}" == self.item else None

    def rows(self, form: str) -> Sequence[Mapping[str, str | None]]:
        return []


def judge_result(study: Study, test: ReleaseTest, value: str) -> str:
    """PASS or FAIL by the rule of the specification; NOT ASSESSABLE where there is no rule, or it cannot tell."""
    if test.rule is None or test.item is None:
        return "NOT ASSESSABLE"
    rule = study.rules.rule(test.rule, test.item.partition(".")[0], "truth")
    outcome = evaluate_rule(rule, _OneResult(test.item, value))
    if outcome.value is None:
        return "NOT ASSESSABLE"
    return "PASS" if outcome.value else "FAIL"


def standing_verdict(lot: Lot, test: str) -> str:
    """How a test stands: a FAIL that was not found invalid stands whatever other results say; a result counts once reviewed."""
    made = [t for t in lot.tests if t.test == test]
    verdicts = [t.verdict for t in made]
    if "FAIL" in verdicts:
        return "FAIL"
    if any(t.state != "reviewed" for t in made):
        return "PENDING"
    usable = [v for v in verdicts if v != "INVALID"]
    if usable:
        return str(usable[-1])
    return "INVALID" if made else "NOT TESTED"


def list_verdicts(protocol: Protocol, lot: Lot, donor_verdict: str) -> dict[str, str]:
    """How each test of the specification stands; those of the stage Donor stand as the decision about the donor does."""
    return {
        test.id: donor_verdict
        if test.stage == "Donor" and not any(t.test == test.id for t in lot.tests)
        else standing_verdict(lot, test.id)
        for test in protocol.release_specification
    }


def judge_identity(definition: IdentityDefinition, verdicts: Mapping[str, str]) -> str:
    """Whether the cells meet a published definition: NOT ASSESSABLE while one of its tests was not made."""
    found = [verdicts.get(test, "NOT TESTED") for test in definition.tests]
    if "FAIL" in found:
        return "FAIL"
    return "PASS" if all(verdict == "PASS" for verdict in found) else "NOT ASSESSABLE"


def check_release(protocol: Protocol, lot: Lot, verdicts: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """What forbids certification, in words; and the required tests that may still be pending."""
    forbidding, pending = [], []
    for test in protocol.release_specification:
        verdict = verdicts[test.id]
        if verdict == "FAIL":
            forbidding.append(f"{test.test} failed")
        elif not test.required or verdict == "PASS":
            continue
        elif verdict == "PENDING" and test.may_be_pending and is_running(lot, test.id):
            pending.append(test.id)
        else:
            forbidding.append(f"{test.test} is {verdict.lower()}")
    forbidding += [
        f"the major deviation {d.id} is open" for d in lot.deviations if d.is_open and d.severity != "minor"
    ]
    return forbidding, pending


def is_running(lot: Lot, test: str) -> bool:
    """Whether a test was requested and has no result yet."""
    return any(t.test == test and t.resulted is None for t in lot.tests)


def latest_test(lot: Lot, test: str) -> QualityTest | None:
    """The last time a test was requested."""
    found = [t for t in lot.tests if t.test == test]
    return found[-1] if found else None
