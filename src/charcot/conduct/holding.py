"""Whether the next infusion is held: asked of the watch over safety, which is kept between acts and goes on entry by entry."""

import threading
from collections.abc import Callable, Mapping
from typing import TypeVar
from weakref import WeakKeyDictionary

from charcot.clinical_time import ClinicalTime
from charcot.conduct.trial import ParticipantSituation, Trial
from charcot.ledger import Ledger, Value
from charcot.refusal import OutOfOrder
from charcot.safety import WATCHED_KINDS, BoundaryHold, SafetyWatch, WatchedInfusion, find_holds
from charcot.team import Charter

Answer = TypeVar("Answer")
_KEPT: WeakKeyDictionary[Ledger, tuple[str, SafetyWatch]] = WeakKeyDictionary()
_LOCK = threading.Lock()


class InfusionHeld(OutOfOrder):
    """An infusion that a boundary or the staggering holds."""


def ask_watch(
    ledger: Ledger, charter: Charter, until: int, ruling: str, question: Callable[[SafetyWatch], Answer]
) -> Answer:
    """What the watch as of entry `until` answers, by the protocol version `ruling`; the question changes nothing.

    The newest watch of each ledger is kept, and goes on from where it was.
    """
    study = charter.protocol(ruling).study
    with _LOCK:
        version, watch = _KEPT.get(ledger, ("", None))
        if watch is None or version != study.fingerprint or watch.sequence > until:
            fresh = SafetyWatch(study, charter.zone)
            _go_on(fresh, ledger, until)
            if watch is None or watch.sequence <= until:
                _KEPT[ledger] = (study.fingerprint, fresh)
            return question(fresh)
        _go_on(watch, ledger, until)
        return question(watch)


def _go_on(watch: SafetyWatch, ledger: Ledger, until: int) -> None:
    if watch.sequence < until:
        watch.add_all(ledger.entries(kinds=WATCHED_KINDS, after=watch.sequence, until=until))
        watch.sequence = until


def require_no_hold(
    trial: Trial,
    situation: ParticipantSituation,
    given: Mapping[str, Value],
    dose: str | None,
    at: ClinicalTime,
) -> None:
    """Raises InfusionHeld where a boundary was crossed and not reviewed, or staggering has not elapsed."""
    active = situation.charter.ruling_on(situation.now.date())
    protocol = active.study.protocol
    if not protocol.boundaries and not protocol.staggering:
        return
    dossier = situation.dossier
    enrolled = dossier.standing.enrolled
    arm = str(enrolled.data["arm"]) if enrolled is not None else ""
    infusion = WatchedInfusion(dossier.participant, at, {i: v.text for i, v in given.items()}, dose)
    hold = ask_watch(
        trial.ledger,
        situation.charter,
        trial.ledger.head().sequence,
        active.version,
        lambda watch: next(find_holds(watch, infusion, arm, dossier.site), None),
    )
    if hold is None:
        return
    reviewers = " or ".join(role.label for role in protocol.roles if "review_safety" in role.may)
    lifted = f"a signed review of the safety board ({reviewers or 'no role of the protocol may review_safety'}; page Safety, Boundaries)"
    if isinstance(hold, BoundaryHold):
        rule = f"Boundary {hold.plan.id!r}, protocol {active.version}: {hold.plan.source}"
        lift = f"Do not infuse. The hold is lifted by {lifted}."
    else:
        rule = f"Staggering {hold.plan.id!r}, protocol {active.version}: {hold.plan.source}"
        lift = f"Wait until then. Earlier, the hold is lifted by {lifted}."
    raise InfusionHeld(
        hold.words,
        rule=rule,
        next_step=lift,
        facts={"hold": hold.plan.id, "group": hold.group, "participant": dossier.participant},
    )
