"""A snapshot of the ledger: every participant's dossier as of one entry, from which all datasets are derived."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from operator import attrgetter

from charcot.laboratory import ResultBook
from charcot.ledger import TRIAL, Entry, Head, Ledger, Receipt, Value, participant_of
from charcot.participants import Dossier, FormVersion, open_dossier
from charcot.product.origins import SUBJECTS
from charcot.protocol import Code, Form, Item, Protocol
from charcot.safety import SafetyWatch
from charcot.safety.grading import GradeProposal, propose_grades
from charcot.safety.reconciliation import compared_forms
from charcot.team import Charter, fold_charter
from charcot.visits import Deviation, PlannedVisit, find_deviations, find_trial_deviations, plan_visits

_PRODUCT = tuple(f"{kind}/" for kind in SUBJECTS)


@dataclass(frozen=True)
class Snapshot:
    """The trial as of its last entry. `now` is the moment of that entry, in the site's time."""

    charter: Charter
    dossiers: tuple[Dossier, ...]
    trial_entries: tuple[Entry, ...]
    head: Head
    now: datetime
    product_entries: tuple[Entry, ...] = ()
    """Entries about donors, materials, equipment, lots, doses and recalls, in order."""

    @property
    def receipt(self) -> Receipt:
        """The receipt of the entry that the snapshot ends with."""
        return Receipt(self.charter.trial, self.head.sequence, self.head.hash)

    @property
    def protocol(self) -> Protocol:
        """The protocol in force at the moment of the snapshot."""
        return self.charter.ruling_on(self.now.date()).study.protocol

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """Every form of every activated version, with every item that it ever had: the one in force first."""
        forms: dict[str, Form] = {}
        for protocol in (self.protocol, *(p.study.protocol for p in reversed(self.charter.protocols))):
            for form in protocol.forms:
                newer = forms.setdefault(form.form, form)
                gone = tuple(item for item in form.items if newer.item(item.id) is None)
                if gone:
                    forms[form.form] = newer.with_items((*newer.items, *gone))
        return tuple(forms.values())

    def form_playing(self, part: str) -> Form | None:
        """The form that plays a part, with every item that it ever had."""
        return next((form for form in self.forms if form.plays == part), None)

    def codes_of(self, item: Item) -> tuple[Code, ...]:
        """The answers that an item allows, in the newest version that knows them."""
        for protocol in (self.protocol, *(p.study.protocol for p in reversed(self.charter.protocols))):
            if codes := protocol.codes_of(item):
                return codes
        return ()

    @cached_property
    def visits(self) -> dict[str, tuple[PlannedVisit, ...]]:
        """The planned visits of each participant."""
        return {
            d.participant: plan_visits(d.study.protocol, d.standing, d.casebook, self.now)
            for d in self.dossiers
        }

    @cached_property
    def deviations(self) -> tuple[Deviation, ...]:
        """All deviations, by participant; at the end those of the trial as a whole."""
        found = tuple(
            deviation
            for d in self.dossiers
            for deviation in find_deviations(
                d.study.protocol, d.standing, d.casebook, self.visits[d.participant], d.entries
            )
        )
        return found + find_trial_deviations(self.trial_entries)

    @cached_property
    def watch(self) -> SafetyWatch:
        """The watch over safety, by the protocol in force."""
        study = self.charter.ruling_on(self.now.date()).study
        entries = [*self.trial_entries, *self.product_entries]
        entries += (entry for dossier in self.dossiers for entry in dossier.entries)
        return SafetyWatch(study, self.charter.zone).add_all(sorted(entries, key=attrgetter("sequence")))

    @cached_property
    def results(self) -> dict[str, ResultBook]:
        """The laboratory results of each participant, judged once for all who ask."""
        return {dossier.participant: ResultBook(dossier) for dossier in self.dossiers}

    @cached_property
    def measured(self) -> dict[str, tuple[GradeProposal, ...]]:
        """The grades that each participant's measurements suggest."""
        return {d.participant: tuple(propose_grades(d, self.results[d.participant])) for d in self.dossiers}

    @cached_property
    def counted(self) -> dict[str, list[int]]:
        """What boundaries count of each participant, by the numbers of entries: enrolment, infusions and adverse events."""
        form, found = self.form_playing("adverse_event"), {}
        for dossier in self.dossiers:
            standing = dossier.standing
            events = dossier.casebook.instances(form.form) if form is not None else ()
            acts = [entry.sequence for entry in (standing.screened, standing.enrolled) if entry is not None]
            given = [version.entry.sequence for version in (*standing.infusions, *events)]
            found[dossier.participant] = sorted({*acts, *given})
        return found

    @cached_property
    def compared(self) -> dict[str, tuple[int, ...]]:
        """The forms of each participant that reconciliation looks at, by the numbers of their newest entries."""
        protocols = {d.protocol_version: d.study.protocol for d in self.dossiers}
        looked_at = {version: compared_forms(protocol) for version, protocol in protocols.items()}
        found: dict[str, tuple[int, ...]] = {}
        for dossier in self.dossiers:
            forms = looked_at[dossier.protocol_version]
            found[dossier.participant] = tuple(
                versions[-1].entry.sequence
                for key, versions in dossier.casebook.forms.items()
                if key.form in forms
            )
        return found


def take_snapshot(ledger: Ledger, now: datetime | None = None) -> Snapshot:
    """Reads the whole ledger once. `now` (with zone) replaces the moment of the last entry where work is listed by date."""
    head = ledger.head()
    by_subject: dict[str, list[Entry]] = {}
    for entry in ledger.entries(until=head.sequence):
        by_subject.setdefault(entry.subject, []).append(entry)
    charter = fold_charter(by_subject.get(TRIAL, []))
    moment = charter.site_time(now if now is not None else datetime.fromisoformat(head.recorded_at))
    dossiers = tuple(
        open_dossier(charter, participant, entries, moment.date())
        for subject, entries in sorted(by_subject.items())
        if (participant := participant_of(subject)) is not None
    )
    product = sorted(
        (
            entry
            for subject, entries in by_subject.items()
            if subject.startswith(_PRODUCT)
            for entry in entries
        ),
        key=lambda entry: entry.sequence,
    )
    return Snapshot(charter, dossiers, tuple(by_subject.get(TRIAL, ())), head, moment, tuple(product))


def origins_of(*values: Value | None) -> str:
    """The origins of some values, joined by `+`; those of derived values count through what they derive from."""
    found = sorted({str(value.origin) for value in values if value is not None and value.origin != "derived"})
    return "+".join(found) or "derived"


def origin_of_form(version: FormVersion) -> str:
    """The origins of all values on a form."""
    return _join_origins(version.origins)


@lru_cache(maxsize=256)
def _join_origins(origins: tuple[str, ...]) -> str:
    return "+".join(origin for origin in origins if origin != "derived") or "derived"


def origin_of_item(version: FormVersion, item: str) -> str:
    """The origin of one value; of one that was computed, or is not there, `derived`."""
    value = version.recorded.get(item)
    return "derived" if value is None else str(value["origin"])
