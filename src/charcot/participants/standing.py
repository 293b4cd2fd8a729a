"""Where a participant stands in the trial: screened, consented, enrolled, infused, ended; a fold of entries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from charcot.clinical_time import ClinicalTime
from charcot.ledger import Entry, Kind
from charcot.participants.casebook import Casebook, FormVersion
from charcot.protocol import Protocol


@dataclass(frozen=True)
class Waiver:
    """A criterion that this person need not meet, with the justification given."""

    criterion: str
    justification: str
    entry: Entry


@dataclass(frozen=True)
class Withdrawal:
    """A withdrawal of consent: to treatment, to follow-up, or to the use of data."""

    scope: str
    at: ClinicalTime
    entry: Entry


@dataclass(frozen=True)
class Standing:
    """Everything about a participant that decides what may happen next."""

    participant: str
    screened: Entry | None = None
    consent: FormVersion | None = None
    """The first consent, from which the participant is in the trial."""
    assessments: tuple[Entry, ...] = ()
    waivers: Mapping[str, Waiver] = field(default_factory=dict)
    enrolled: Entry | None = None
    declined: Entry | None = None
    withdrawals: tuple[Withdrawal, ...] = ()
    lost: Entry | None = None
    infusions: tuple[FormVersion, ...] = ()
    death: FormVersion | None = None
    consents: tuple[FormVersion, ...] = ()
    """Every consent, the first and each re-consent, by clinical time."""

    def anchor(self, name: str | None) -> ClinicalTime | None:
        """The moment that encounters are counted from: `consent`, `enrolment` or `infusion`."""
        return {
            "consent": self.consented_at,
            "enrolment": self.enrolled_at,
            "infusion": self.infused_at,
        }.get(name or "")

    @property
    def consented_at(self) -> ClinicalTime | None:
        """When consent was first given."""
        return self.consent.clinical_time if self.consent else None

    @property
    def enrolled_at(self) -> ClinicalTime | None:
        """When the participant was enrolled."""
        return ClinicalTime(self.enrolled.clinical_time or "") if self.enrolled else None

    @property
    def infused_at(self) -> ClinicalTime | None:
        """When the first infusion began."""
        return self.infusions[0].clinical_time if self.infusions else None

    @property
    def died_at(self) -> ClinicalTime | None:
        """When the participant died; partial where the day is not known."""
        return self.death.clinical_time if self.death else None

    @property
    def follow_up_ended_at(self) -> ClinicalTime | None:
        """When follow-up ended otherwise than by death."""
        ends = [w.at for w in self.withdrawals if w.scope in ("follow_up", "data")]
        if self.lost is not None:
            ends.append(ClinicalTime(self.lost.clinical_time or ""))
        if self.declined is not None:
            ends.append(ClinicalTime(self.declined.clinical_time or ""))
        return min(ends, key=lambda end: end.earliest, default=None)

    @property
    def status(self) -> str:
        """One word for where the participant stands."""
        if self.death:
            return "died"
        if self.declined:
            return "declined"
        if any(w.scope in ("follow_up", "data") for w in self.withdrawals):
            return "withdrawn"
        if self.lost:
            return "lost"
        if self.infusions:
            return "infused"
        if self.enrolled:
            return "enrolled"
        if self.consent:
            return "consented"
        return "screened"


def fold_standing(
    participant: str, protocol: Protocol, entries: Iterable[Entry], casebook: Casebook
) -> Standing:
    """Where the entries and the casebook of one participant leave them."""
    facts: dict[str, Any] = {}
    assessments: list[Entry] = []
    waivers: dict[str, Waiver] = {}
    withdrawals: list[Withdrawal] = []
    for entry in entries:
        match entry.kind:
            case Kind.PARTICIPANT_SCREENED:
                facts["screened"] = entry
            case Kind.ELIGIBILITY_ASSESSED:
                assessments.append(entry)
            case Kind.WAIVER_GRANTED:
                criterion = entry.data["criterion"]
                waivers[criterion] = Waiver(criterion, entry.reason or "", entry)
            case Kind.PARTICIPANT_ENROLLED:
                facts["enrolled"] = entry
            case Kind.PARTICIPANT_DECLINED:
                facts["declined"] = entry
            case Kind.PARTICIPANT_WITHDREW:
                withdrawals.append(
                    Withdrawal(entry.data["scope"], ClinicalTime(entry.clinical_time or ""), entry)
                )
            case Kind.PARTICIPANT_LOST:
                facts["lost"] = entry
            case _:
                pass
    if "lost" in facts and find_alive_after(protocol, casebook, facts["lost"]) is not None:
        del facts["lost"]
    consents = _playing(protocol, casebook, "consent")
    return Standing(
        participant=participant,
        assessments=tuple(assessments),
        waivers=waivers,
        withdrawals=tuple(withdrawals),
        consent=consents[0] if consents else None,
        consents=consents,
        death=_last(protocol, casebook, "death"),
        infusions=_playing(protocol, casebook, "infusion"),
        **facts,
    )


def _playing(protocol: Protocol, casebook: Casebook, part: str) -> tuple[FormVersion, ...]:
    form = protocol.form_playing(part)
    return casebook.instances(form.form) if form else ()


def find_alive_after(protocol: Protocol, casebook: Casebook, lost: Entry) -> FormVersion | None:
    """The first contact that found somebody alive after they were lost: then follow-up goes on."""
    gone = ClinicalTime(lost.clinical_time or "")
    found = (
        contact
        for contact in _playing(protocol, casebook, "contact")
        if contact.text("alive") == "yes" and gone.surely_before(contact.clinical_time)
    )
    return next(found, None)


def _last(protocol: Protocol, casebook: Casebook, part: str) -> FormVersion | None:
    found = _playing(protocol, casebook, part)
    return found[-1] if found else None
