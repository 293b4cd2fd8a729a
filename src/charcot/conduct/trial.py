"""What every act is given, and how an act is carried out: judged outside, entered in one step, judged again if need be."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from charcot.clinical_time import ClinicalTime
from charcot.conduct.check_queries import draft_questions
from charcot.conduct.keep_typed import keep_typed
from charcot.conduct.reconcile import draft_disagreements
from charcot.ledger import (
    TRIAL,
    Actor,
    Clock,
    Draft,
    Entry,
    Head,
    Kind,
    Ledger,
    Origin,
    PremiseChanged,
    Vault,
    link,
    participant_subject,
)
from charcot.participants import Dossier, FormKey, open_dossier, require_order, require_unlocked
from charcot.refusal import BadValue, NotAllowed, OutOfOrder, ReasonMissing, Refusal
from charcot.team import (
    Charter,
    Signature,
    fold_charter,
    require_may,
    require_signature,
    signed_by,
    sites_of,
)

ATTEMPTS = 50
"""How often an act is judged again because of what others entered meanwhile."""


class TooBusy(Refusal):
    """Others kept changing what the act relies on."""


@dataclass(frozen=True)
class Trial:
    """A trial that can be acted upon: its ledger, its vault of personal keys, and a clock.

    `origin` is that of what is entered about the product, and `typed` what was written for arguments of an act that are kept
    otherwise (`keep_typed`); values of forms say theirs one by one.
    """

    ledger: Ledger
    vault: Vault
    clock: Clock
    origin: Origin = Origin.ENTERED
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Situation:
    """The trial as an act finds it: its charter, and the moment in the site's time."""

    charter: Charter
    now: datetime
    about: Callable[[str], tuple[Entry, ...]] = field(default=lambda _subject: (), kw_only=True)
    """The entries about another subject; the act is judged again where one is added meanwhile."""
    origin: Origin = field(default=Origin.ENTERED, kw_only=True)
    """Where what the act says of the product comes from."""


@dataclass(frozen=True)
class ParticipantSituation(Situation):
    """The same, with the participant the act is about."""

    dossier: Dossier


def read_charter(ledger: Ledger, until: int | None = None) -> Charter:
    """The trial's own facts, as of entry `until`."""
    return fold_charter(ledger.entries(subjects=[TRIAL], until=until))


def act_on_trial(
    trial: Trial,
    actor: Actor,
    verb: str,
    judge: Callable[[Situation], Sequence[Draft]],
    *,
    alone: bool = False,
    watching: Collection[str] = (),
    of_site: bool = False,
) -> tuple[Entry, ...]:
    """Carries out an act on the trial as a whole; judged again after an entry about one of `watching`, `alone` after any.

    A role that holds at some sites only does no such act, unless it is `of_site`: then `judge` looks at the site.
    """

    watched = {"*"} if alone else {TRIAL, *watching}

    def judged(until: int) -> Sequence[Draft]:
        situation = _situation(trial, until, watched)
        _require_may(situation, actor, verb)
        if not of_site:
            require_every_site(situation, actor)
        drafts = judge(situation)
        for draft in drafts:
            if draft.subject != TRIAL:
                require_unlocked(situation.charter.locked, "The trial")
        return drafts

    return _enter(trial, judged, watched)


def act_on_participant(
    trial: Trial,
    actor: Actor,
    verb: str,
    participant: str,
    judge: Callable[[ParticipantSituation], Sequence[Draft]],
    *,
    alone: bool = False,
) -> tuple[Entry, ...]:
    """Carries out an act on one participant, who must have been screened; `alone`: judged again after any entry.

    Whatever the act, the dates of the participant's course must not contradict each other after it, and nothing locked is
    changed. Edit checks and reconciliation open and close their queries in the same act.
    """
    subject = participant_subject(participant)
    watched = {"*"} if alone else {subject}

    def judged(until: int) -> Sequence[Draft]:
        situation = _situation(trial, until, watched)
        entries = tuple(trial.ledger.entries(subjects=[subject], until=until))
        _require_may(situation, actor, verb, site_of_entries(entries, situation))
        dossier = open_dossier(situation.charter, participant, entries, situation.now.date())
        if dossier.standing.screened is None:
            raise OutOfOrder(
                f"There is no participant {participant!r}.",
                rule="Screening: a participant exists from the screening log on",
                next_step="Check the number, or screen this person first.",
                facts={"participant": participant},
            )
        about = ParticipantSituation(
            situation.charter, situation.now, dossier, about=situation.about, origin=situation.origin
        )
        drafts = judge(about)
        require_changeable(dossier, drafts)
        own = [draft for draft in drafts if draft.subject == subject]
        if all(draft.kind in NOTES for draft in own):
            return drafts
        entered = link(own, Head(until), situation.now.replace(tzinfo=situation.charter.zone))
        after = open_dossier(situation.charter, participant, (*entries, *entered), situation.now.date())
        require_order(dossier.disorder, after.disorder)
        questions = draft_questions(dossier, after, own, actor, verb)
        return [*drafts, *questions, *draft_disagreements(dossier, after, questions, actor, verb)]

    return _enter(trial, judged, watched)


NOTES = frozenset(
    {
        Kind.QUERY_OPENED,
        Kind.QUERY_ANSWERED,
        Kind.QUERY_REOPENED,
        Kind.QUERY_CLOSED,
        Kind.SOURCE_VERIFIED,
        Kind.VERIFICATION_WITHDRAWN,
        Kind.FORMS_SIGNED,
        Kind.LOCKED,
        Kind.UNLOCKED,
        Kind.SUBMISSION_RECORDED,
        Kind.NARRATIVE_SIGNED,
        Kind.RELATION_ASSESSED,
        Kind.RESULT_JUDGED,
    }
)
"""What is said about the record without changing it; only the lock of the whole trial ends it."""


SAYING = frozenset({"query", "answer", "verify", "sign", "lock", "unlock", "submit", "assess_safety"})
"""The rights of which every act about a participant enters such notes only."""
OF_TRIAL = frozenset(
    {
        "approve",
        "delegate",
        "activate_protocol",
        "cut",
        "adopt_claims",
        "administer",
        "read",
        "unlock",
        "review_safety",
    }
)
"""The rights that no lock takes, not even that of the whole trial."""


def rights_under(may: Collection[str], lock: Entry | None) -> frozenset[str]:
    """Of the rights in `may`, those of which `lock` does not refuse every act where it holds."""
    if lock is None:
        return frozenset(may)
    return (
        OF_TRIAL & frozenset(may) if lock.data["scope"] == "trial" else (OF_TRIAL | SAYING) & frozenset(may)
    )


def require_changeable(dossier: Dossier, drafts: Sequence[Draft]) -> None:
    """Raises LockedAway where a draft would change what is locked."""
    locks = dossier.locks
    for draft in drafts:
        data = draft.data
        if draft.kind is Kind.UNLOCKED:
            continue
        if draft.kind in NOTES:
            require_unlocked(locks.trial, f"The record of {dossier.participant}")
        elif "form" in data:
            key = FormKey.of(data)
            require_unlocked(locks.of(key), str(key) if key.form else f"The visit {key.encounter}")
        else:
            require_unlocked(locks.whole, f"The record of {dossier.participant}")


def require_moment(text: str, situation: Situation) -> ClinicalTime:
    """The clinical time in `text`; raises BadValue where it is no date or lies in the future."""
    try:
        moment = ClinicalTime(text)
    except ValueError as error:
        raise BadValue(
            f"{error}.",
            rule="Dates: year, month, day, in this order",
            next_step="Correct the date.",
            facts={"given": text},
        ) from error
    if not moment.is_of_our_calendar:
        raise BadValue(
            f"{text} has a year of another calendar.",
            rule="Dates: kept in the calendar in which this year is " + str(situation.now.year),
            next_step="Write the date as in 2014-03-14.",
            facts={"given": text},
        )
    if moment.earliest > situation.now:
        raise BadValue(
            f"{text} lies in the future.",
            rule=f"Dates: what is recorded has happened; at the site it is {situation.now:%Y-%m-%d %H:%M}",
            next_step="Correct the date, or record this when it has happened.",
            facts={"given": text},
        )
    return moment


def require_day(text: str, situation: Situation) -> ClinicalTime:
    """The clinical time in `text`, of which at least the day is known; raises BadValue."""
    moment = require_moment(text, situation)
    if not moment.is_complete:
        raise BadValue(
            f"{text} does not say the day.",
            rule="Dates: what the trial itself does is dated to the day",
            next_step="Write the whole date, as in 2014-03-14.",
            facts={"given": text},
        )
    return moment


def require_date(text: str, name: str) -> str:
    """A day of the calendar, which may lie ahead; raises BadValue."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise BadValue(
            f"{text!r} is no day.",
            rule="Dates: year, month, day, in this order",
            next_step="Write the date as in 2014-03-14.",
            facts={"field": name, "given": text},
        ) from error


def require_text(text: str, name: str) -> str:
    """The text; raises BadValue where it is empty."""
    if not text.strip():
        raise BadValue(
            f"The {name} is empty.",
            rule="Record: what is entered says what it is about",
            next_step=f"Write the {name}.",
            facts={"field": name},
        )
    return text


def require_one_of(given: str, allowed: Collection[str], name: str) -> str:
    """What was given; raises BadValue where it is not one of the words allowed."""
    if given not in allowed:
        raise BadValue(
            f"The {name} cannot be {given!r}.",
            rule=f"Record: the {name} is one of a closed list",
            next_step=f"Choose one of: {', '.join(allowed)}.",
            facts={"field": name, "given": given, "allowed": list(allowed)},
        )
    return given


def require_reason(reason: str | None, why_needed: str) -> str:
    """The reason, if one was given; raises ReasonMissing."""
    if reason is None or not reason.strip():
        raise ReasonMissing(
            "A reason is needed.",
            rule=why_needed,
            next_step="Say in a few words why; it is kept with the entry.",
        )
    return reason.strip()


def draft_about(
    situation: ParticipantSituation, actor: Actor, verb: str, kind: Kind, **rest: object
) -> Draft:
    """A draft about the participant of the situation, judged by the protocol that binds them."""
    return Draft(
        kind=kind,
        subject=participant_subject(situation.dossier.participant),
        verb=verb,
        actor=actor,
        protocol=situation.dossier.protocol_version,
        **rest,  # type: ignore[arg-type]  # the remaining fields of a draft, by name
    )


def signing(
    situation: Situation, actor: Actor, signature: Signature | None, meaning: str
) -> dict[str, dict[str, str]]:
    """The `signature` of an entry that may be signed; nothing where it is not. Raises NotSigned, BadValue."""
    if signature is None:
        return {}
    protocol = situation.charter.ruling_on(situation.now.date()).study.protocol
    imagined = situation.charter.simulated_clock
    given = require_signature(protocol, actor, signature, imagined=imagined, own_meaning=meaning)
    return {"signature": signed_by(actor, given)}


def _situation(trial: Trial, until: int, watched: set[str]) -> Situation:
    """The trial as of entry `until`; each subject that is asked about is watched from then on."""
    charter = read_charter(trial.ledger, until)
    read: dict[str, tuple[Entry, ...]] = {}

    def about(subject: str) -> tuple[Entry, ...]:
        watched.add(subject)
        if subject not in read:
            read[subject] = tuple(trial.ledger.entries(subjects=[subject], until=until))
        return read[subject]

    return Situation(charter, charter.site_time(trial.clock()), about=about, origin=trial.origin)


def _require_may(situation: Situation, actor: Actor, verb: str, site: str | None = None) -> None:
    today = situation.now.date()
    protocol = situation.charter.ruling_on(today).study.protocol
    require_may(protocol, situation.charter.delegations, actor, verb, today, site)


def require_every_site(situation: Situation, actor: Actor) -> None:
    """Raises NotAllowed where the actor's role does not hold at every site of the design."""
    today = situation.now.date()
    held = sites_of(situation.charter.delegations, actor, today)
    sites = {site.id for site in situation.charter.ruling_on(today).study.protocol.trial.design.sites}
    if held is not None and not sites <= held:
        raise NotAllowed(
            f"{actor.person} holds the role {actor.role!r} at some sites only.",
            rule="Sites: what concerns the whole trial is done in a role that holds at every site",
            next_step="Ask somebody whose role is not bound to a site.",
            facts={"person": actor.person, "sites": sorted(held)},
        )


def site_of_entries(entries: Sequence[Entry], situation: Situation) -> str | None:
    """The site of a participant; None where nobody was screened under the number."""
    if not entries:
        return None
    return str(entries[0].data.get("site") or situation.charter.first_site(situation.now.date()))


def _enter(trial: Trial, judged: Callable[[int], Sequence[Draft]], watching: set[str]) -> tuple[Entry, ...]:
    for _ in range(ATTEMPTS):
        seen = trial.ledger.head().sequence
        drafts = keep_typed(judged(seen), trial.typed)
        try:
            return trial.ledger.append(drafts, seen=seen, watching=watching, clock=trial.clock)
        except PremiseChanged:
            continue
    raise TooBusy(
        "Others keep changing the same thing.",
        rule="Ledger: an act is entered only while what it relies on still holds",
        next_step="Wait a moment and try again. Nothing was entered.",
    )
