"""Safety: every adverse event with its form behind it, and every deviation with its entries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from charcot.datasets import Snapshot
from charcot.ledger import Entry
from charcot.participants import FormKey, FormVersion, Query
from charcot.protocol import Form
from charcot.safety import compute_onset_day
from charcot.safety.episodes import Episode, find_episodes
from charcot.safety.reconciliation import Discrepancy, find_query, reconcile
from charcot.visits import Deviation
from charcot.web.frame import (
    leaf_of,
    may_of,
    moment_of,
    seen_participants,
    seen_snapshot,
    show,
    view_of,
)
from charcot.web.next_steps import fill_address, next_instance
from charcot.web.visibility import Discretion, ShownValue, concealed, discretion_of
from charcot.wiring.looking import TrialView

SHOWN_ITEMS = ("term", "category", "onset", "outcome", "grade", "serious", "relation_product")
"""What the list shows of an event, where its form has it."""
ROWS = 100


@dataclass(frozen=True)
class SeenEvent:
    """One adverse event."""

    participant: str
    version: FormVersion
    values: dict[str, ShownValue]
    onset_day: int | None
    episode: Episode

    @property
    def is_serious(self) -> bool:
        """Whether the form says so."""
        return self.values["serious"].state == "value" and self.version.text("serious") == "yes"


def events_of(snapshot: Snapshot, discretion: Discretion, participant: str | None = None) -> list[SeenEvent]:
    """The adverse events of everybody or of one participant, by clinical time."""
    form = snapshot.form_playing("adverse_event")
    if form is None:
        return []
    items = {name: form.item(name) for name in SHOWN_ITEMS}
    found = []
    for dossier in snapshot.dossiers:
        if participant is not None and dossier.participant != participant:
            continue
        versions = dossier.casebook.instances(form.form)
        episodes = find_episodes(versions)
        for version in versions:
            values = {
                name: ShownValue("", "empty")
                if item is None
                else discretion.show(snapshot, form, item, version.values.get(name))
                for name, item in items.items()
            }
            day = compute_onset_day(version.clinical_time, dossier.standing.infused_at)
            found.append(SeenEvent(dossier.participant, version, values, day, episodes[version.key]))
    return sorted(found, key=lambda line: (line.version.clinical_time.earliest, line.participant))


def redact_deviations(
    deviations: Iterable[Deviation], entries: Mapping[int, Entry], discretion: Discretion
) -> Sequence[Deviation]:
    """Deviations with the `entries` they rest on; the words of one that rests on what may not be seen are left out."""
    return [
        replace(deviation, description=concealed("hidden"))
        if any(discretion.redact(entries[number])[1] for number in deviation.entries)
        else deviation
        for deviation in deviations
    ]


@require_safe
def safety(request: HttpRequest) -> HttpResponse:
    """Events and deviations of the whole trial."""
    view = view_of(request)
    text, asked = request.GET.get("q", "").strip(), request.GET.get("report", "").strip()
    may_report = "report_event" in may_of(request) and not moment_of(request)
    numbers = seen_participants(request, view) if may_report else []
    if where := _report_address(view, next((n for n in numbers if n.casefold() == asked.casefold()), "")):
        return HttpResponseRedirect(where)
    snapshot, discretion = seen_snapshot(request, view), discretion_of(request, view)
    events = [line for line in events_of(snapshot, discretion) if _matches(line, text.casefold())]
    deviations = redact_deviations(snapshot.deviations, view.entries, discretion)
    context = {
        "leaf": leaf_of(request, events, ROWS),
        "q": text,
        "serious": sum(line.is_serious for line in events),
        "people": len({line.participant for line in events}),
        "deviations": deviations,
        "discrepancies": _disagreements(snapshot, discretion),
        "reportable": numbers,
        "asked": asked,
    }
    return show(request, view, "web/safety.html", context, here="safety")


def _report_address(view: TrialView, participant: str) -> str:
    """The empty form of an event of a participant; nothing where there is none, or before consent."""
    dossier = view.dossier(participant) if participant else None
    form = None if dossier is None else dossier.study.protocol.form_playing("adverse_event")
    if dossier is None or form is None or dossier.standing.consent is None:
        return ""
    return fill_address(participant, FormKey(form.form, "", next_instance(dossier, form)))


@dataclass(frozen=True)
class SeenDisagreement:
    """Something that does not agree, and the query that asks about it; None where the record is older than the question."""

    found: Discrepancy
    query: Query | None

    @property
    def is_settled(self) -> bool:
        """Whether a person closed the query, so that nothing is left to do."""
        return self.query is not None and not self.query.is_pending


def _disagreements(snapshot: Snapshot, discretion: Discretion) -> list[SeenDisagreement]:
    """What may be seen of what does not agree; what is settled comes last."""
    if not discretion.shows(snapshot.form_playing("adverse_event")):
        return []
    seen = [
        SeenDisagreement(found, find_query(dossier, found))
        for dossier in snapshot.dossiers
        for found in reconcile(dossier)
        if discretion.shows(_form_of(snapshot, found))
    ]
    return sorted(seen, key=lambda each: each.is_settled)


def _form_of(snapshot: Snapshot, found: Discrepancy) -> Form | None:
    return next((form for form in snapshot.forms if form.form == found.key.form), None)


def _matches(line: SeenEvent, text: str) -> bool:
    return not text or any(
        text in word.casefold() for word in (line.participant, *(v.text for v in line.values.values()))
    )
