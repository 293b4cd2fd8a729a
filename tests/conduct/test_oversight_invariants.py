"""Whatever is tried in whatever order: what is locked stays, no query disappears, signatures hold exactly while their versions do."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charcot.datasets import derive_datasets, take_snapshot
from charcot.ledger import Actor, Entry, Kind, Ledger, MemoryLedger, check_chain
from charcot.participants import Dossier, FormKey, Query
from charcot.refusal import Refusal
from charcot.safety.reconciliation import reconcile
from conduct.desk import COORDINATOR, DATA_MANAGER, INVESTIGATOR, MONITOR, SIGNED, Desk

Act = tuple[str, Actor, dict[str, Any]]
CHANGES = (
    Kind.FORM_RECORDED,
    Kind.ENTERED_IN_ERROR,
    Kind.REINSTATED,
    Kind.FILE_ATTACHED,
    Kind.FILE_WITHDRAWN,
)
PLACES = [("vital_signs", "screening"), ("vital_signs", "month_2"), ("demography", "screening")]

places = st.sampled_from(PLACES)
versions = st.sampled_from([1, 1, 2, 2, 3, 4])
queries = st.sampled_from(["q1", "q2", "q3"])
reasons = st.sampled_from(["Misread", "Misread", ""])
weights = st.sampled_from(["70.5", "150", "71", "20.5"])
scopes = st.sampled_from(["form", "visit", "participant"])


def on_form(verb: str, actor: Actor, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Act]:
    def made(both: tuple[tuple[str, str], dict[str, Any]]) -> Act:
        (form, encounter), given = both
        return verb, actor, {"participant": "S-1", "form": form, "encounter": encounter, **given}

    return st.tuples(places, st.fixed_dictionaries(more)).map(made)


def about(verb: str, actor: Actor, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Act]:
    return st.fixed_dictionaries({"participant": st.just("S-1"), **more}).map(lambda g: (verb, actor, g))


def correction(encounter: str) -> st.SearchStrategy[Act]:
    return about(
        "correct",
        COORDINATOR,
        form=st.just("vital_signs"),
        encounter=st.just(encounter),
        changes=st.fixed_dictionaries({"weight": weights}),
        based_on=versions,
        reason=st.just("Misread"),
    )


LOCKING: dict[str, st.SearchStrategy[Any]] = {
    "scope": scopes,
    "form": st.just("vital_signs"),
    "encounter": st.sampled_from(["screening", "month_2"]),
}
acts = st.one_of(
    correction("screening"),
    correction("month_2"),
    about(
        "record",
        COORDINATOR,
        form=st.just("vital_signs"),
        encounter=st.sampled_from(["screening", "month_2"]),
        at=st.just("2014-03-20"),
        values=st.fixed_dictionaries({"weight": weights, "pulse": st.just("70")}),
        based_on=st.sampled_from([0, 1, 2, 3]),
    ),
    about("report_event", INVESTIGATOR, at=st.just("2014-02"), values=st.just({"term": "Headache"})),
    on_form("open_query", DATA_MANAGER, text=st.just("?"), item=st.sampled_from(["", "weight"])),
    about("answer_query", COORDINATOR, query=queries, text=st.just("!")),
    about("reopen_query", DATA_MANAGER, query=queries, reason=reasons),
    about("close_query", DATA_MANAGER, query=queries, reason=reasons),
    on_form("verify_source", MONITOR, version=versions, items=st.sampled_from([(), ("weight",), ("pulse",)])),
    on_form("withdraw_verification", MONITOR, reason=reasons, items=st.sampled_from([(), ("weight",)])),
    about("sign", INVESTIGATOR, signature=st.just(SIGNED), encounter=st.sampled_from([None, "screening"])),
    on_form("enter_in_error", COORDINATOR, version=versions, reason=reasons),
    on_form("reinstate", COORDINATOR, reason=reasons),
    about("lock", DATA_MANAGER, **LOCKING),
    about("unlock", DATA_MANAGER, reason=st.just("More is known"), **LOCKING),
    on_form("attach", COORDINATOR, name=st.just("a.pdf"), media_type=st.just("application/pdf"), size=st.just(1), sha256=st.just("0" * 64)),
)  # fmt: skip
courses = st.lists(acts, min_size=4, max_size=25)


def begun(ledger: Ledger) -> Desk:
    desk = Desk(ledger)
    desk.treat()
    desk.weigh("2014-03-20", "month_2", weight="150")
    return desk


def tried(desk: Desk, act: Act) -> tuple[Entry, ...]:
    """What the act entered; nothing where it was refused."""
    verb, actor, arguments = act
    try:
        return desk.act(verb, actor, **arguments)
    except Refusal:
        return ()


def still_newest(dossier: Dossier, form: dict[str, Any]) -> bool:
    """Whether a signed version is the last word on its form, read from the entries alone."""
    key = FormKey.of(form)
    said = [
        e
        for e in dossier.entries
        if e.kind in (Kind.FORM_RECORDED, Kind.ENTERED_IN_ERROR, Kind.REINSTATED)
        and FormKey.of(e.data) == key
    ]
    saved = [e for e in said if e.kind is Kind.FORM_RECORDED]
    return said[-1].kind is not Kind.ENTERED_IN_ERROR and saved[-1].hash == form["hash"]


def opened_again_by_somebody(query: Query) -> bool:
    """Whether a person, and not the check, asked it last: it then waits for whoever closes it."""
    asking = [e for e in query.events if e.kind in (Kind.QUERY_OPENED, Kind.QUERY_REOPENED)]
    return asking[-1].verb == "reopen_query"


def look(before: Dossier, made: tuple[Entry, ...], after: Dossier) -> None:
    for entry in made:
        if entry.kind in CHANGES:
            assert before.locks.of(FormKey.of(entry.data)) is None, "a locked form was changed"
        elif entry.kind not in (Kind.LOCKED, Kind.UNLOCKED):
            assert entry.kind.startswith(("query", "source", "verification", "forms_signed"))
    kept = {query.id: query.events for query in after.queries}
    for query in before.queries:
        assert kept[query.id][: len(query.events)] == query.events, (
            "a query, or what became of it, disappeared"
        )
    for signature in after.signatures.made:
        assert signature.holds == all(still_newest(after, form) for form in signature.entry.data["forms"])
    for key, stands in after.verification.forms.items():
        newest = after.casebook.latest(key)
        assert newest is not None
        for item, done in stands.verified.items():
            seen = next(v for v in after.casebook.forms[key] if v.version == done.version)
            assert seen.text(item) == newest.text(item)
    asked = {(query.key, query.check) for query in after.queries}
    pending = {
        (query.key, query.check)
        for query in after.queries
        if query.is_pending and query.check and not opened_again_by_somebody(query)
    }
    failing = {
        (key, check["check"]) for key, v in after.casebook.forms.items() for check in v[-1].failed_checks
    }
    failing |= {(found.key, found.asks) for found in reconcile(after)}
    assert failing <= asked, "a check that does not hold was never asked about"
    assert pending <= failing, "a check that holds is still being asked about"


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(courses)
def test_what_the_record_promises_holds_after_every_act(course: list[Act]) -> None:
    desk = begun(MemoryLedger())
    before = desk.dossier()
    for act in course:
        made = tried(desk, act)
        after = desk.dossier()
        look(before, made, after)
        before = after
    assert check_chain(desk.trial.ledger.rows())[1] is None


def everything(ledger: Ledger) -> list[Any]:
    """All datasets, and how queries, signatures, verification and locks stand."""
    snapshot = take_snapshot(ledger)
    datasets = {name: d.frame.rows() for name, d in derive_datasets(snapshot).items()}
    stands = [
        (d.queries, d.signatures, d.verification, d.locks, d.attachments, d.errors) for d in snapshot.dossiers
    ]
    return [datasets, stands]


@pytest.mark.postgresql
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(courses)
def test_the_same_in_memory_sqlite_and_postgresql(
    make_ledger: Callable[[str], Ledger], course: list[Act]
) -> None:
    came = {}
    for kind in ("memory", "sqlite", "postgresql"):
        ledger = make_ledger(kind)
        desk = begun(ledger)
        made = [len(tried(desk, act)) for act in course]
        came[kind] = (made, [row.hash for row in ledger.rows()], everything(ledger))
    assert came["memory"] == came["sqlite"] == came["postgresql"]
