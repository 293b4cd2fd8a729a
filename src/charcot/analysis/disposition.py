"""Disposition: how many were screened, consented, declined, enrolled, infused, seen at each visit, and died."""

from dataclasses import dataclass
from functools import partial

from charcot.analysis.plan import ReportPlan, month_of, population, status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import PEOPLE, Datasets, Selection, both, equals
from charcot.protocol import Protocol

PLANNED = "flow"


@dataclass(frozen=True)
class VisitFlow:
    """One visit after the infusion: who was seen, who was still expected but was not, who had died by then."""

    encounter: str
    label: str
    month: float
    seen: Result
    not_expected: Result
    not_seen: Result


@dataclass(frozen=True)
class Disposition:
    """The counts of the flow diagram."""

    screened: Result
    consented: Result
    declined: Result
    enrolled: Result
    infused: Result
    visits: tuple[VisitFlow, ...]
    died: Result
    lost: Result
    withdrew: Result
    alive_at_last_contact: Result | None


def derive_disposition(datasets: Datasets, protocol: Protocol, plan: ReportPlan) -> Disposition:
    """Counts of people, each with the people it is a part of."""
    derive = partial(derive_result, datasets, status=status_of(protocol, PLANNED), planned=PLANNED)
    everybody = Selection(PEOPLE)
    treated = population(protocol, plan.treated)
    infused = Selection(PEOPLE, "", treated)

    def count(name: str, label: str, where: str, among: Selection = everybody) -> Result:
        rows = Selection(PEOPLE, where, among.population)
        return derive(f"flow.{name}", label, rows, "count_participants", among=among)

    visits = []
    for encounter in protocol.encounters:
        month = month_of(encounter)
        if encounter.kind != "scheduled" or encounter.anchor != "infusion" or not month:
            continue
        here = equals("encounter", encounter.id)
        seen, ended, absent = (
            derive(
                f"flow.{encounter.id}.{name}",
                f"{encounter.label}: {label}",
                Selection("visits", both(here, where), treated),
                "count_participants",
                among=infused,
            )
            for name, label, where in (
                ("seen", "seen", "actual IS NOT NULL"),
                ("ended", "died or left before", "actual IS NULL AND status = 'not_expected'"),
                ("not_seen", "expected, not seen", "actual IS NULL AND status IN ('missed', 'overdue')"),
            )
        )
        visits.append(VisitFlow(encounter.id, encounter.label, month, seen, ended, absent))
    contact = protocol.form_playing("contact")
    places = protocol.encounters_of(contact.form) if contact is not None else ()
    last = next((visit for visit in reversed(visits) if visit.encounter in places), None)
    alive = None
    if contact is not None and last is not None:
        where = both(equals("encounter", last.encounter), "alive = 'yes'")
        alive = derive(
            "flow.alive",
            f"Alive at {last.label.lower()}",
            Selection(f"form_{contact.form}", where, treated),
            "count_participants",
            among=infused,
        )
    return Disposition(
        screened=count("screened", "Screened", "screened"),
        consented=count("consented", "Consented", "consented"),
        declined=count("declined", "Declined before treatment", "declined"),
        enrolled=count("enrolled", "Enrolled", "enrolled"),
        infused=derive("flow.infused", "Infused", infused, "count_participants", among=everybody),
        visits=tuple(visits),
        died=count("died", "Died after the infusion", "died", infused),
        lost=count("lost", "Lost to follow-up", "lost", infused),
        withdrew=count("withdrew", "Withdrew from follow-up", "withdrew", infused),
        alive_at_last_contact=alive,
    )
