"""Request a test of the release specification, enter its result, review it."""

from collections.abc import Mapping, Sequence

from charcot.clinical_time import ClinicalTime
from charcot.conduct.on_product import (
    draft_deviation,
    draft_on,
    require_lot,
    require_minute,
    ruling,
)
from charcot.conduct.trial import (
    Situation,
    Trial,
    act_on_trial,
    require_moment,
    require_one_of,
    require_reason,
    require_text,
)
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product import Lot, QualityTest, judge_result, lot_of, standing_verdict
from charcot.protocol.plan import ReleaseTest
from charcot.refusal import BadValue, NotAllowed, OutOfOrder
from charcot.visits import check_text


class Overwriting(OutOfOrder):
    """A result would take the place of an earlier one."""


def request_test(
    trial: Trial, actor: Actor, *, node: str, test: str, sampled_at: str, reason: str | None = None
) -> tuple[Entry, ...]:
    """Requests a test on a sample of a population taken at `sampled_at`; its id is t1, t2 … within the lot.

    While a result stands out of specification the test is not simply repeated (Overwriting): it is first reviewed.
    """

    def judge(situation: Situation) -> list[Draft]:
        lot = require_lot(situation, lot_of(node))
        moment = require_minute(sampled_at, situation)
        require_release_test(situation, test)
        population = lot.genealogy.populations.get(node)
        if population is None or moment.surely_before(ClinicalTime(population.began)):
            raise OutOfOrder(
                f"There is no population {node!r} at {sampled_at}.",
                rule="Quality control: a sample is taken from something that was made before",
                next_step="Check the code and the time.",
                facts={"node": node},
            )
        standing = standing_verdict(lot, test)
        if standing == "FAIL":
            raise Overwriting(
                f"{test} is out of specification; another test does not average it away.",
                rule="Quality control: an out-of-specification result stands until its review finds it invalid, with the reason",
                next_step="Review the result. If the laboratory erred, say how; then the test may be repeated.",
                facts={"test": test},
            )
        again = any(t.test == test for t in lot.tests)
        why = (
            require_reason(reason, "Quality control: a test is repeated for a stated reason")
            if again
            else None
        )
        data = {"id": f"t{len(lot.tests) + 1}", "test": test, "node": node}
        subject = subject_of("product", lot.id)
        return [draft_on(situation, actor, "request_test", Kind.TEST_REQUESTED, subject, data, moment, why)]

    return act_on_trial(trial, actor, "request_test", judge)


def result_test(
    trial: Trial,
    actor: Actor,
    *,
    lot: str,
    test: str,
    value: str,
    at: str,
    method: str | None = None,
    evidence: Sequence[Mapping[str, str]] = (),
    invalid_because: str | None = None,
) -> tuple[Entry, ...]:
    """Enters the result of the test with id `test`, judged by the specification in force; once.

    `evidence`: raw files as name and SHA-256. `invalid_because`: why the test could not be judged (INVALID). A result that
    fails after the lot was let go raises a critical deviation.
    """

    def judge(situation: Situation) -> list[Draft]:
        known = require_lot(situation, lot)
        found = require_test(known, test)
        moment = require_moment(at, situation)
        if moment.surely_before(ClinicalTime(found.sampled_at)):
            raise BadValue(
                "The result lies before the sample.",
                rule="Quality control: nothing comes before what it was made from",
                next_step="Check the two times.",
                facts={"test": test},
            )
        if found.resulted is not None:
            raise Overwriting(
                f"Test {test} already has the result {found.value}.",
                rule="Quality control: a result is never overwritten",
                next_step="Review it; a repeated test is requested anew, and both results are kept.",
                facts={"test": test, "value": found.value},
            )
        limits = require_release_test(situation, found.test)
        protocol = ruling(situation)
        study = situation.charter.ruling_on(situation.now.date()).study
        _require_fits(situation, limits, value)
        invalid = bool(invalid_because and invalid_because.strip())
        verdict = "INVALID" if invalid else judge_result(study, limits, value)
        data = {
            "id": test,
            "test": found.test,
            "value": value,
            "verdict": verdict,
            "method": method or limits.method,
            "limit": limits.limit,
            "rule": limits.rule,
            "specification": protocol.version.number,
            "evidence": [dict(file) for file in evidence],
        }
        subject = subject_of("product", known.id)
        drafts = [
            draft_on(
                situation, actor, "result_test", Kind.TEST_RESULTED, subject, data, moment, invalid_because
            )
        ]
        if verdict == "FAIL" and known.is_certified:
            words = f"{limits.test} failed after the lot was let go: {value} (limit: {limits.limit})"
            drafts.append(
                draft_deviation(
                    situation,
                    actor,
                    "result_test",
                    known,
                    1,
                    "critical",
                    words,
                    moment,
                    alarm="late_positive",
                )
            )
        return drafts

    return act_on_trial(trial, actor, "result_test", judge)


def review_test(
    trial: Trial, actor: Actor, *, lot: str, test: str, verdict: str, reason: str | None = None
) -> tuple[Entry, ...]:
    """Reviews a result, by another than who entered it. It may be found INVALID with the laboratory's error; a FAIL never becomes a PASS."""

    def judge(situation: Situation) -> list[Draft]:
        known = require_lot(situation, lot)
        found = require_test(known, test)
        if found.resulted is None or found.reviewed is not None:
            raise OutOfOrder(
                f"Test {test} {'has no result yet' if found.resulted is None else 'was already reviewed'}.",
                rule="Quality control: each result is reviewed once",
                next_step="Enter its result first."
                if found.resulted is None
                else "Request the test anew if needed.",
                facts={"test": test},
            )
        if found.resulted.actor.person == actor.person:
            raise NotAllowed(
                f"{actor.person} entered this result.",
                rule="Quality control: who tests does not review",
                next_step="Ask somebody else to review it.",
                facts={"test": test},
            )
        entered = str(found.resulted.data["verdict"])
        require_one_of(verdict, (entered, "INVALID") if entered != "INVALID" else ("INVALID",), "verdict")
        why = reason
        if verdict != entered:
            why = require_reason(
                reason,
                "Quality control: a result is found invalid only for an error of the laboratory that is stated",
            )
        data = {"id": test, "test": found.test, "verdict": verdict, "entered": entered}
        subject = subject_of("product", known.id)
        return [draft_on(situation, actor, "review_test", Kind.TEST_REVIEWED, subject, data, None, why)]

    return act_on_trial(trial, actor, "review_test", judge)


def require_test(lot: Lot, test: str) -> QualityTest:
    """The test with this id; raises OutOfOrder."""
    found = lot.test(require_text(test, "test"))
    if found is None:
        raise OutOfOrder(
            f"Lot {lot.id} has no test {test!r}.",
            rule="Quality control: a test is requested before it has a result",
            next_step="Request it first.",
            facts={"test": test},
        )
    return found


def require_release_test(situation: Situation, test: str) -> ReleaseTest:
    """The line of the specification in force; raises BadValue."""
    lines = {line.id: line for line in ruling(situation).release_specification}
    require_one_of(test, list(lines), "test")
    return lines[test]


def _require_fits(situation: Situation, test: ReleaseTest, value: str) -> None:
    """Raises BadValue where the value does not fit the item that the specification reads."""
    protocol = ruling(situation)
    form, _, name = (test.item or "").partition(".")
    item = protocol.forms_by_id[form].item(name) if form in protocol.forms_by_id else None
    wrong = None if item is None else check_text(item, protocol.codes_of(item), value)
    if wrong is not None:
        raise BadValue(
            f"{test.test}: {value!r} {wrong}",
            rule=f"Release specification {protocol.version.number}: {test.id}",
            next_step="Correct the result.",
            facts={"test": test.id},
        )
