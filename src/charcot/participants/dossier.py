"""All that the ledger says about one participant, judged by the protocol they consented to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from charcot.clinical_time import ClinicalTime
from charcot.ledger import Entry, Value
from charcot.participants.attachments import Attachment, fold_attachments
from charcot.participants.casebook import Casebook, FormInError, FormKey, fold_casebook
from charcot.participants.disorder import Disorder, find_disorder
from charcot.participants.facts import ParticipantFacts
from charcot.participants.locks import Locks, fold_locks
from charcot.participants.queries import Query, fold_queries
from charcot.participants.signatures import Signatures, fold_signatures
from charcot.participants.standing import Standing, fold_standing
from charcot.participants.verification import Verifications, fold_verification
from charcot.protocol import Study
from charcot.team import ActiveProtocol, Charter, SiteRange


@dataclass(frozen=True)
class Dossier:
    """A participant's entries, casebook and standing, with the protocol that binds them."""

    participant: str
    entries: tuple[Entry, ...]
    study: Study
    casebook: Casebook
    standing: Standing
    trial_lock: Entry | None = None
    """The lock of the whole trial, while it holds."""
    site_ranges: tuple[SiteRange, ...] = ()
    """The normal ranges that sites entered for their own laboratories."""

    @property
    def site(self) -> str:
        """The site that the participant belongs to; the first of the design where none was said."""
        said = self.standing.screened.data.get("site") if self.standing.screened else None
        return str(said or self.study.protocol.trial.design.sites[0].id)

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        """Every query, closed ones too."""
        return fold_queries(self.participant, self.entries)

    @cached_property
    def verification(self) -> Verifications:
        """What was compared with its source."""
        return fold_verification(self.entries, self.casebook)

    @cached_property
    def signatures(self) -> Signatures:
        """What was signed."""
        return fold_signatures(self.entries, self.casebook)

    @cached_property
    def locks(self) -> Locks:
        """What is locked."""
        return fold_locks(self.entries, self.trial_lock)

    @cached_property
    def attachments(self) -> tuple[Attachment, ...]:
        """Every attached file, withdrawn ones too."""
        return fold_attachments(self.entries)

    @property
    def errors(self) -> tuple[FormInError, ...]:
        """The forms that were entered in error."""
        return tuple(self.casebook.in_error.values())

    @property
    def protocol_version(self) -> str:
        """The version of the protocol that the participant is bound to."""
        return self.study.protocol.version.number

    def facts(
        self, moment: ClinicalTime, here: FormKey | None = None, values: Mapping[str, Value] | None = None
    ) -> ParticipantFacts:
        """What rules may ask, as it was at `moment`, seen from the form `here` with `values` on it."""
        return ParticipantFacts(self.standing, self.casebook, moment, here, values or {})

    @cached_property
    def disorder(self) -> tuple[Disorder, ...]:
        """The dates that contradict each other."""
        return find_disorder(self.study.protocol, self.standing, self.casebook)


def open_dossier(charter: Charter, participant: str, entries: Iterable[Entry], today: date) -> Dossier:
    """The dossier of a participant. Bound to the version last consented to; before consent, to the one in force `today`."""
    listed = tuple(entries)
    casebook = fold_casebook(listed)
    study = (_consented_to(charter, casebook) or charter.ruling_on(today)).study
    standing = fold_standing(participant, study.protocol, listed, casebook)
    return Dossier(participant, listed, study, casebook, standing, charter.locked, charter.site_ranges)


def bind_dossier(dossier: Dossier, protocol: ActiveProtocol) -> Dossier:
    """The same dossier, judged by another version of the protocol."""
    study = protocol.study
    standing = fold_standing(dossier.participant, study.protocol, dossier.entries, dossier.casebook)
    return replace(dossier, study=study, standing=standing)


def _consented_to(charter: Charter, casebook: Casebook) -> ActiveProtocol | None:
    """The version that the latest consent, by clinical time, was given to."""
    played = [active.study.protocol.form_playing("consent") for active in charter.protocols]
    consents = [v for form in {f.form for f in played if f is not None} for v in casebook.instances(form)]
    if not consents:
        return None
    latest = max(consents, key=lambda v: (v.clinical_time.earliest, v.key.instance, v.entry.sequence))
    return charter.protocol(latest.entry.protocol or "")
