"""Review a boundary or the staggering for the safety board: go on, or stop, signed."""

from charcot.conduct.holding import ask_watch
from charcot.conduct.trial import Situation, Trial, act_on_trial, require_one_of, require_text, signing
from charcot.ledger import TRIAL, Actor, Draft, Entry, Kind
from charcot.refusal import BadValue, OutdatedVersion
from charcot.safety import SafetyWatch
from charcot.team import NotSigned, Signature

REVIEWING = "For the safety board I have reviewed these events, and decide as stated"
"""What a signature under a review says."""
DECISIONS = ("continue", "stop")


def review_safety(
    trial: Trial,
    actor: Actor,
    *,
    rule: str,
    decision: str,
    statement: str,
    signature: Signature | None,
    group: str = "",
    seen: int | None = None,
) -> tuple[Entry, ...]:
    """Records what the safety board decided about the boundary or staggering `rule`, in words, signed.

    `group`: of which lot, arm or site, where it counts apart. `seen`: the events that the board was shown; raises
    OutdatedVersion where there are more by now. A decision to go on lifts the hold until the next event.
    """

    def judge(situation: Situation) -> list[Draft]:
        require_one_of(decision, DECISIONS, "decision")
        said = require_text(statement, "statement").strip()
        active = situation.charter.ruling_on(situation.now.date())
        until = trial.ledger.head().sequence
        events, patients = ask_watch(
            trial.ledger, situation.charter, until, active.version, lambda watch: _count(watch, rule, group)
        )
        if seen is not None and seen != events:
            raise OutdatedVersion(
                f"There are {events} participants with an event by now; the board was shown {seen}.",
                rule="Safety board: a review is of the events as they stand",
                next_step="Look at the events again, and sign then.",
                facts={"seen": seen, "events": events},
            )
        signed = signing(situation, actor, signature, REVIEWING)
        if not signed:
            raise NotSigned(
                "A review of the safety board has to be signed.",
                rule="Safety board: only a signed review lifts a hold",
                next_step="Sign it with your password.",
            )
        data = {
            "rule": rule,
            "group": group,
            "decision": decision,
            "statement": said,
            "events": events,
            "patients": patients,
            **signed,
        }
        return [
            Draft(Kind.SAFETY_REVIEWED, TRIAL, "review_safety", actor, data=data, protocol=active.version)
        ]

    return act_on_trial(trial, actor, "review_safety", judge, alone=True)


def _count(watch: SafetyWatch, rule: str, group: str) -> tuple[int, int]:
    """Participants with an event, and infused, of a group of a boundary; of a staggering only the infused."""
    if rule in watch.boundaries:
        course = watch.boundaries[rule]
        if group in course.groups:
            counted = course.groups[group]
            return counted.events, counted.patients
    staggering = next((s for s in watch.study.protocol.staggering if s.id == rule), None)
    if staggering is not None:
        return 0, len(watch.infusions_in(staggering.per, group))
    known = [*watch.boundaries, *(s.id for s in watch.study.protocol.staggering)]
    raise BadValue(
        f"There is nothing to review under {rule!r}{f' in {group!r}' if group else ''}.",
        rule="Protocol: boundaries and staggering",
        next_step=f"Choose one of: {', '.join(known) or 'the protocol has none'}.",
        facts={"rule": rule, "group": group},
    )
