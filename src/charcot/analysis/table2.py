"""Table 2: adverse events, procedures and deaths in the first year, as participants with at least one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from charcot.analysis.plan import ReportPlan, population, status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import PEOPLE, Datasets, Selection, both, equals, select_rows
from charcot.protocol import Form, Protocol

PLANNED = "table2"
FIRST_YEAR = "(onset_day IS NULL OR onset_day <= 365) AND (treatment_emergent IS NULL OR treatment_emergent)"
"""Events from the infusion to day 365; one whose day is not fully known counts."""


@dataclass(frozen=True)
class EventLine:
    """One kind of event: participants who had it, their proportion, events, first and last day, outcomes by name."""

    id: str
    label: str
    people: Result
    share: Result
    events: Result
    days: tuple[Result, Result] | None = None
    minutes: tuple[Result, Result] | None = None
    outcomes: Mapping[str, Result] = field(default_factory=dict)


@dataclass(frozen=True)
class EventTable:
    """Any event first, then each kind of event, procedures, deaths; all of the treated population."""

    overall: tuple[EventLine, ...]
    events: tuple[EventLine, ...]
    procedures: tuple[EventLine, ...]
    deaths: tuple[EventLine, ...]
    treated: Result


def derive_table2(datasets: Datasets, protocol: Protocol, plan: ReportPlan) -> EventTable:
    """Every kind of event that the form can name, zeros included."""
    treated = population(protocol, plan.treated)
    everybody = Selection(PEOPLE, "", treated)
    derive = partial(derive_result, datasets, status=status_of(protocol, PLANNED), planned=PLANNED)

    def line(
        id: str, label: str, dataset: str, where: str, day: str, outcomes: Mapping[str, str]
    ) -> EventLine:
        rows = Selection(dataset, where, treated)
        stem = f"table2.{id}"
        frame = select_rows(rows, datasets)
        days = minutes = None
        if day in frame.columns and frame[day].drop_nulls().len():
            days = (
                derive(f"{stem}.day_first", f"{label}: first day after infusion", rows, "minimum", column=day, unit="days"),
                derive(f"{stem}.day_last", f"{label}: last day after infusion", rows, "maximum", column=day, unit="days"),
            )  # fmt: skip
        clock = "minutes_after_infusion"
        if clock in frame.columns and frame.height and frame[clock].null_count() == 0:
            minutes = (
                derive(f"{stem}.minute_first", f"{label}: first minute after infusion", rows, "minimum", column=clock, unit="min"),
                derive(f"{stem}.minute_last", f"{label}: last minute after infusion", rows, "maximum", column=clock, unit="min"),
            )  # fmt: skip
        found = {}
        for code, name in outcomes.items():
            having = Selection(dataset, both(where, equals(plan.event_outcome, code)), treated)
            if select_rows(having, datasets).height:
                found[name] = derive(
                    f"{stem}.outcome.{code}", f"{label}: {name.lower()}", having, "count_rows", among=rows
                )
        return EventLine(
            id,
            label,
            derive(f"{stem}.n", f"{label}: participants", rows, "count_participants", among=everybody),
            derive(f"{stem}.share", f"{label}: proportion", rows, "share_of_participants", among=everybody),
            derive(f"{stem}.events", f"{label}: events", rows, "count_rows", among=everybody),
            days,
            minutes,
            found,
        )

    events = protocol.form_playing("adverse_event")
    results = _codes(protocol, events, plan.event_outcome)
    overall = [line("any", "Any adverse event", "events", FIRST_YEAR, "onset_day", {})]
    if events is not None and events.item("serious") is not None:
        serious = both(FIRST_YEAR, equals("serious", "yes"))
        overall.append(line("serious", "Any serious adverse event", "events", serious, "onset_day", {}))
    kinds = [
        line(code, label, "events", both(FIRST_YEAR, equals(plan.event_category, code)), "onset_day", results)
        for code, label in _codes(protocol, events, plan.event_category).items()
    ]
    procedure = protocol.forms_by_id.get(plan.procedure_form)
    done = [
        line(f"procedure.{code}", label, f"form_{plan.procedure_form}",
             both("(day IS NULL OR day BETWEEN 0 AND 365)", equals(plan.procedure_item, code)), "day", {})
        for code, label in _codes(protocol, procedure, plan.procedure_item).items()
    ]  # fmt: skip
    deaths = [line("death", "Death from any cause", "survival", "died AND days <= 365", "days", {})]
    count = derive("table2.treated", "Participants infused", everybody, "count_participants")
    return EventTable(tuple(overall), tuple(kinds), tuple(done), tuple(deaths), count)


def _codes(protocol: Protocol, form: Form | None, item_id: str) -> dict[str, str]:
    item = None if form is None else form.item(item_id)
    return {} if item is None else {code.code: code.label for code in protocol.codes_of(item)}
