"""What a safety board is shown line by line: deaths, reporting clocks, laboratory outliers, Hy's law, what does not agree."""

from typing import Any

import polars as pl

from charcot.datasets.dataset import Column, Dataset, lay_rows, make_dataset
from charcot.datasets.snapshot import Snapshot, origin_of_form, origins_of
from charcot.laboratory import ResultBook
from charcot.participants import Dossier, FormKey, FormVersion
from charcot.safety import compute_onset_day, find_clocks
from charcot.safety.hys_law import judge_liver_panels
from charcot.safety.reconciliation import find_query, reconcile

LEAST_GRADE = 3
"""Grades of laboratory values from which on they are shown one by one."""

_PARTICIPANT = Column("participant", "Participant", pl.String)
_PLACE = (
    _PARTICIPANT,
    Column("encounter", "Encounter", pl.String),
    Column("instance", "Which of several", pl.Int64),
    Column("form", "Form", pl.String),
)
_LINE = Column("line", "Which line of the list", pl.String)
_DEATH = (
    _PARTICIPANT,
    Column("died", "Died at", pl.String),
    Column("day", "Day of death, counted from the infusion", pl.Int64, "days", source="derived"),
    Column("cause", "Cause of death", pl.String),
)
_STATES = {
    "running": "running",
    "overdue": "overdue",
    "submitted": "submitted in time",
    "late": "submitted late",
}
_CLOCK = (
    *_PLACE,
    _LINE,
    Column("clock", "Clock", pl.String),
    Column("due", "Due", pl.String, source="derived"),
    Column("submitted", "Submitted", pl.String),
    Column("state", "State of the clock", pl.String, codes=_STATES, source="derived"),
)
_OUTLIER = (
    *_PLACE,
    _LINE,
    Column("item", "Test", pl.String),
    Column("measured", "Value", pl.String),
    Column("taken", "Taken", pl.String),
    Column("term", "Term", pl.String, source="derived"),
    Column("grade", "Grade proposed", pl.Int64, source="derived"),
)
_LIVER = (
    *_PLACE,
    _LINE,
    Column("taken", "Taken", pl.String),
    Column("fulfils", "Fulfils Hy's law", pl.Boolean, source="derived"),
)
_COMPARED = (_PARTICIPANT, Column("forms", "Forms looked at", pl.Int64))
_DISAGREEMENT = (
    *_PLACE,
    _LINE,
    Column("check", "What was compared", pl.String),
    Column("question", "Question", pl.String),
    Column("query", "Query", pl.String),
    Column("settled", "Settled", pl.Boolean),
)


def derive_deaths(snapshot: Snapshot) -> Dataset:
    """Everybody who died, treated or not."""
    rows: list[dict[str, object]] = []
    for dossier in snapshot.dossiers:
        death, standing = dossier.standing.death, dossier.standing
        if death is not None:
            rows.append(
                {
                    "participant": dossier.participant,
                    "died": death.clinical_time.text,
                    "day": compute_onset_day(death.clinical_time, standing.infused_at),
                    "cause": death.text("cause"),
                    "origin": origin_of_form(death),
                    "entries": [
                        death.entry.sequence,
                        *(form.entry.sequence for form in standing.infusions[:1]),
                    ],
                }
            )
    return make_dataset("deaths", "Deaths", "death", _DEATH, rows)


def derive_clocks(snapshot: Snapshot) -> Dataset:
    """Every reporting clock that an event started, the one that runs out first before the others."""
    rows: list[dict[str, object]] = []
    for clock in find_clocks(snapshot.watch):
        sent, report = clock.sent_at, clock.report
        rows.append(
            {
                "participant": report.participant,
                "encounter": report.key.encounter,
                "instance": report.key.instance,
                "form": report.key.form,
                "line": f"{report.participant}.{report.key.instance}.{clock.plan.id}",
                "clock": clock.plan.label,
                "due": f"{clock.due:%Y-%m-%d %H:%M}",
                "submitted": None if sent is None else sent.text,
                "state": clock.state_at(snapshot.now),
                "origin": "derived",
                "entries": [report.sequence, *(entry.sequence for entry in clock.submissions)],
            }
        )
    return make_dataset("clocks", "Reporting clocks", "clock", _CLOCK, rows)


def derive_outliers(snapshot: Snapshot) -> Dataset:
    """Laboratory values since the infusion whose proposed grade is 3 or more."""
    rows: list[dict[str, object]] = []
    for dossier in snapshot.dossiers:
        infused = dossier.standing.infused_at
        if infused is None:
            continue
        for found in snapshot.measured[dossier.participant]:
            if found.grade < LEAST_GRADE or found.category != "other":
                continue
            version = found.version
            if not version.clinical_time.surely_before(infused):
                rows.append(
                    {
                        "participant": dossier.participant,
                        "encounter": version.key.encounter,
                        "instance": version.key.instance,
                        "form": version.key.form,
                        "line": _name_line(version.key, dossier.participant, found.item),
                        "item": found.item,
                        "measured": found.measured,
                        "taken": version.clinical_time.text,
                        "term": found.term,
                        "grade": found.grade,
                        "origin": origins_of(version.values.get(found.item)),
                        "entries": _behind_grade(
                            dossier, snapshot.results[dossier.participant], version, found.item
                        ),
                    }
                )
    return make_dataset("outliers", "Laboratory values of grade 3 or more", "value", _OUTLIER, rows)


def _behind_grade(dossier: Dossier, book: ResultBook, version: FormVersion, test: str) -> list[int]:
    """The value, the infusion it came after, and what its grade was judged by: range, and the value before."""
    form = dossier.study.protocol.forms_by_id[version.key.form]
    item, start = form.item(test), book.before(test, version)
    result = None if item is None else book.result(form, item, version)
    return [
        version.entry.sequence,
        *(given.entry.sequence for given in dossier.standing.infusions[:1]),
        *(() if result is None else result.range.entries),
        *(() if start is None else (start.entry.sequence,)),
    ]


def derive_hys_law(snapshot: Snapshot) -> Dataset:
    """The liver panels of those infused, and which of them fulfil Hy's law."""
    rows: list[dict[str, object]] = [
        {
            "participant": dossier.participant,
            "encounter": version.key.encounter,
            "instance": version.key.instance,
            "form": version.key.form,
            "line": _name_line(version.key, dossier.participant, ""),
            "taken": version.clinical_time.text,
            "fulfils": fulfils,
            "origin": origin_of_form(version),
            "entries": [
                version.entry.sequence,
                *(given.entry.sequence for given in dossier.standing.infusions[:1]),
            ],
        }
        for dossier in snapshot.dossiers
        if dossier.standing.infused_at is not None
        for version, fulfils in judge_liver_panels(dossier, snapshot.results[dossier.participant])
    ]
    return make_dataset("hys_law", "Liver panels", "liver panel", _LIVER, rows)


def derive_disagreements(snapshot: Snapshot) -> Dataset:
    """What does not agree between treatments, measurements, deaths and events; what is not settled first."""
    found = [
        (dossier, each, find_query(dossier, each))
        for dossier in snapshot.dossiers
        for each in reconcile(dossier, snapshot.measured[dossier.participant])
    ]
    found.sort(key=lambda triple: triple[2] is not None and not triple[2].is_pending)
    names: dict[str, int] = {}
    rows: list[tuple[Any, ...]] = []
    for _dossier, each, query in found:
        key, line = each.key, _name_line(each.key, each.participant, each.about or each.check)
        number = names[line] = names.get(line, 0) + 1
        asked = () if query is None else tuple(entry.sequence for entry in query.events)
        rows.append(
            (
                each.participant,
                key.encounter,
                key.instance,
                key.form,
                line if number == 1 else f"{line}.{number}",
                each.check.replace("_", " "),
                each.question,
                None if query is None else f"{query.id}, {query.status}",
                query is not None and not query.is_pending,
                "derived",
                list(dict.fromkeys((*each.entries, *asked, *snapshot.compared[each.participant]))),
            )
        )
    return lay_rows("disagreements", "What does not agree", "question", _DISAGREEMENT, rows)


def derive_compared(snapshot: Snapshot) -> Dataset:
    """Everybody whose record was looked through for what does not agree, with all that was looked at."""
    rows: list[dict[str, object]] = [
        {
            "participant": participant,
            "forms": len(compared),
            "origin": "derived",
            "entries": sorted(compared),
        }
        for participant, compared in snapshot.compared.items()
        if compared
    ]
    return make_dataset("compared", "Records looked through", "participant", _COMPARED, rows)


def _name_line(key: FormKey, participant: str, about: str) -> str:
    """A name of a line that stays as the list grows."""
    place = (participant, key.form, key.encounter, str(key.instance), about)
    return ".".join(filter(None, place)).replace(" ", "_")
