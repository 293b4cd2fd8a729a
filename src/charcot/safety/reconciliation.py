"""Reconciliation: where treatments, measurements, deaths and adverse events of a participant do not agree, each a query."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from charcot.participants import Dossier, FormKey, FormVersion, Query
from charcot.protocol import Protocol
from charcot.safety.episodes import has_ended_by, term_of
from charcot.safety.grading import GradeProposal, propose_grades
from charcot.safety.terms import SHIPPED_TERMS

MEDICATION = "concomitant_medication"
"""The form of the medicines that a participant takes."""
ANTICOAGULANTS = ("warfarin", "heparin", "enoxaparin", "apixaban", "rivaroxaban")
"""Medicines under which a raised INR is the aim, and no event."""
TREATMENTS = (
    (
        ("propranolol", "metoprolol", "bisoprolol"),
        ("tachycardia", "hypertension", "headache"),
        "fast pulse, high pressure or headache",
    ),
    (
        ANTICOAGULANTS,
        ("pulmonary_embolism", "deep_vein_thrombosis"),
        "embolus or thrombosis",
    ),
)
"""Medicines that are given for an event, and the kinds of event that one of must then be on record."""
KINDS: Mapping[str, str] = {
    term.term.casefold(): term.category for term in SHIPPED_TERMS if term.category not in ("", "other")
}
"""The kind of event that a shipped term belongs to, by the term without capitals."""
PREFIX = "reconciliation "
"""How the check of a query begins that is asked here; no check of a protocol has such a name."""
LEAST_GRADE = 2
"""Grades from which a laboratory value or a measurement asks for an event; below, it is a finding."""
ONSET = "onset"
MOMENT = "clinical_time"
_NO_EVENT: Mapping[str, str | None] = {"adverse_event.term": None}
"""That no such event was seen: a value too, which not everybody may see."""
NEAR = timedelta(days=7)
"""How far an event may lie from the measurement that shows it."""


@dataclass(frozen=True)
class Discrepancy:
    """One thing that does not agree: which check, the form and item it is asked about, the question, and what it rests on."""

    check: str
    participant: str
    key: FormKey
    question: str
    entries: tuple[int, ...]
    item: str
    about: str
    """What tells it from others of the same check on the same form."""
    used: Mapping[str, str | None]
    """The values that do not agree; a question that was settled is asked again where they are others."""

    @property
    def asks(self) -> str:
        """The name that its query carries as its check."""
        return f"{PREFIX}{self.check}" + (f" {self.about}" if self.about else "")


def is_reconciliation(query: Query) -> bool:
    """Whether reconciliation asked a query."""
    return (query.check or "").startswith(PREFIX)


def find_query(dossier: Dossier, found: Discrepancy) -> Query | None:
    """The query that asks about a discrepancy; None where it was not asked yet."""
    asks = found.asks if dossier.queries else ""
    return next((q for q in dossier.queries if q.check == asks and q.key == found.key), None)


def reconcile(dossier: Dossier, measured: Sequence[GradeProposal] | None = None) -> tuple[Discrepancy, ...]:
    """Every discrepancy of one participant, in a fixed order; `measured`: their proposed grades, where these are known already."""
    form = dossier.study.protocol.form_playing("adverse_event")
    events = dossier.casebook.instances(form.form) if form is not None else ()
    return (
        *_treated_without_event(dossier, events),
        *_measured_without_event(dossier, events, propose_grades(dossier) if measured is None else measured),
        *_deaths(dossier, events),
        *_order(dossier, events),
        *_twice(dossier, events),
        *_kinds(dossier, events),
    )


def compared_forms(protocol: Protocol) -> frozenset[str]:
    """The forms that are looked at: measurements, medicines, events, infusions, consent, death."""
    return frozenset(
        form.form
        for form in protocol.forms
        if form.plays in ("laboratory", "adverse_event", "consent", "death", "infusion")
        or form.form == MEDICATION
        or form.item("systolic") is not None
        or form.item("temperature") is not None
    )


def _say(
    check: str,
    dossier: Dossier,
    version: FormVersion,
    question: str,
    item: str,
    *others: FormVersion,
    about: str = "",
    more: Mapping[str, str | None] | None = None,
) -> Discrepancy:
    entries = tuple(sorted([v.entry.sequence for v in (version, *others)]))
    used = {item: version.text(item), **(more or {})}
    return Discrepancy(check, dossier.participant, version.key, question, entries, item, about, used)


def _treated_without_event(dossier: Dossier, events: Sequence[FormVersion]) -> Iterator[Discrepancy]:
    kinds = {version.text("category") for version in events}
    for version in dossier.casebook.instances(MEDICATION):
        medicine = (version.text("medicine") or "").casefold()
        for names, categories, words in TREATMENTS:
            if any(name in medicine for name in names) and not kinds & set(categories):
                yield _say(
                    "treated_without_event",
                    dossier,
                    version,
                    f"{version.text('medicine')} is given, and no {words} is reported. For what is it given?",
                    "medicine",
                    about=categories[0],
                    more=_NO_EVENT,
                )


def _measured_without_event(
    dossier: Dossier, events: Sequence[FormVersion], measured: Iterable[GradeProposal]
) -> Iterator[Discrepancy]:
    infused = dossier.standing.infused_at
    if infused is None:
        return
    for found in measured:
        at = found.version.clinical_time
        if found.grade < LEAST_GRADE or at.surely_before(infused):
            continue
        if found.item == "inr" and _is_anticoagulated(dossier, at.day):
            continue
        if any(_tells_of(event, found.term, found.category) and _near(event, at.day) for event in events):
            continue
        yield _say(
            "measured_without_event",
            dossier,
            found.version,
            f"{found.measured} on {at.text} is {found.term.lower()} of grade {found.grade}, and no such event is reported. "
            "Report it, or say why it is none.",
            found.item,
            about=found.item,
            more={MOMENT: at.text, **_NO_EVENT},
        )


def _is_anticoagulated(dossier: Dossier, day: date) -> bool:
    """Whether a medicine that thins the blood was begun by then."""
    return any(
        version.clinical_time.day <= day
        and any(name in (version.text("medicine") or "").casefold() for name in ANTICOAGULANTS)
        for version in dossier.casebook.instances(MEDICATION)
    )


def _tells_of(event: FormVersion, term: str, category: str) -> bool:
    if category != "other":
        return event.text("category") == category
    said = " ".join((event.text("term") or "", event.text("verbatim") or "")).casefold()
    return term.casefold() in said or term.casefold().split()[0] in said


def _near(event: FormVersion, day: date) -> bool:
    ended = event.text("ended")
    last = date.fromisoformat(ended) if ended and len(ended) == 10 else event.clinical_time.latest.date()
    return event.clinical_time.day - NEAR <= day <= max(last, event.clinical_time.latest.date()) + NEAR


def _deaths(dossier: Dossier, events: Sequence[FormVersion]) -> Iterator[Discrepancy]:
    death = dossier.standing.death
    fatal = [v for v in events if v.text("grade") == "5" or v.text("outcome") == "fatal"]
    if death is None:
        for version in fatal:
            yield _say(
                "fatal_without_death",
                dossier,
                version,
                "The event was fatal, and no death is recorded.",
                "outcome",
                more={"grade": version.text("grade"), "death.died_on": None},
            )
    elif not fatal and death.text("cause_category") not in ("disease",):
        missing = not death.text("cause") or death.text("cause_category") in (None, "unknown")
        yield _say(
            "death_without_event",
            dossier,
            death,
            "The death has no known cause, and no fatal event. What did the participant die of?"
            if missing
            else "The death has another cause than ALS, and no event of grade 5. Report the fatal event.",
            "cause_category",
            more={"cause": death.text("cause"), **_NO_EVENT},
        )


def _order(dossier: Dossier, events: Sequence[FormVersion]) -> Iterator[Discrepancy]:
    consented, died = dossier.standing.consented_at, dossier.standing.died_at
    for version in events:
        at = version.clinical_time
        if consented is not None and at.latest.date() < consented.day:
            yield _say(
                "before_consent",
                dossier,
                version,
                "The event began before consent. It belongs in the medical history.",
                ONSET,
                more={"consent": consented.text},
            )
        if died is not None and died.surely_before(at):
            yield _say(
                "after_death",
                dossier,
                version,
                "The event began after the death. Check the dates.",
                ONSET,
                more={"death": died.text},
            )
        ended = version.text("ended")
        if ended and ended[: len(at.text)] < at.text[: len(ended)]:
            question = "The event ends before it begins."
            yield _say("ends_before_it_begins", dossier, version, question, "ended", more={ONSET: at.text})


def _twice(dossier: Dossier, events: Sequence[FormVersion]) -> Iterator[Discrepancy]:
    """Reports of one kind on the same day, and of one term while the report before was not over: no further episode."""
    told = [(event.text("category"), term_of(event)) for event in events]
    for number, later in enumerate(events):
        kind, term = told[number]
        for earlier, (other_kind, other_term) in zip(events[:number], told, strict=False):
            same_kind = kind == other_kind and kind not in ("other", None)
            same_words = term == other_term
            if not same_kind and not same_words:
                continue
            overlaps = (
                later.clinical_time.earliest <= earlier.clinical_time.latest
                and earlier.clinical_time.earliest <= later.clinical_time.latest
            )
            instance = earlier.key.instance
            more = {"term": later.text("term"), "the other": earlier.text(ONSET)}
            if overlaps:
                question = f"Event {instance} is of the same kind and day. If it is the same, one was entered in error."
            elif same_words and not has_ended_by(earlier, later):
                question = f"Event {instance} is of the same term and was not over when this one began. Say when it ended, or enter one in error."
                more["the other ended"] = earlier.text("ended")
            else:
                continue
            yield _say(
                "reported_twice",
                dossier,
                later,
                question,
                ONSET,
                earlier,
                about=str(instance),
                more=more,
            )
            break


def _kinds(dossier: Dossier, events: Sequence[FormVersion]) -> Iterator[Discrepancy]:
    """Events whose term belongs to another kind than the one chosen: tables and boundaries count by the kind."""
    protocol = dossier.study.protocol
    form = protocol.form_playing("adverse_event")
    item = form.item("category") if form is not None else None
    labels = {code.code: code.label for code in protocol.codes_of(item)} if item is not None else {}
    for version in events:
        usual, chosen = KINDS.get(term_of(version)), version.text("category")
        if usual in labels and chosen in labels and chosen != usual:
            yield _say(
                "kind_of_event",
                dossier,
                version,
                f"{version.text('term')} is of the kind {labels[usual].lower()}, and {labels[chosen].lower()} was chosen. Which is it?",
                "category",
                more={"term": version.text("term")},
            )
