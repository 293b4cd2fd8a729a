"""The same acts through memory, SQLite and PostgreSQL: the same refusals, entries, hashes and datasets."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charcot.datasets import derive_datasets, take_snapshot
from charcot.ledger import Absence, Actor, Ledger, MemoryLedger, Value, check_chain, view_as_of
from charcot.refusal import Refusal
from conduct.desk import COORDINATOR, INVESTIGATOR, MONITOR, Desk, second_version

Act = tuple[str, Actor, dict[str, Any]]

people = st.sampled_from(["S-1"] * 12 + ["S-2", "S-9"])
days = st.sampled_from(
    ["2014-01-05", "2014-01-06T10:00", "2014-01-07", "2014-01-08", "2014-01-10", "2014-01-12"] * 2
    + [
        "2014-01-20T10:00",
        "2014-02-20T10:00",
        "2014-03-20",
        "2014-04",
        "2014",
        "2015-06-01",
        "x",
        "2014-02-30",
        "1393-01-01",
    ]
)
actors = st.sampled_from([INVESTIGATOR] * 14 + [COORDINATOR, MONITOR, Actor("nobody", "coordinator")])
texts = st.one_of(
    st.sampled_from(["70", "70.5", "yes", "no", "40", "67", "1.41e8", "", "NaN"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
values = st.one_of(texts, st.builds(Value, absent=st.sampled_from(Absence), why=st.none() | texts))
reasons = st.sampled_from(["Because", "Because", "", "ü\n\U0001f9ec"])
places = st.sampled_from(["screening", "screening", "month_2", "extra", "", "nowhere"])
instances = st.sampled_from([1, 1, 1, 2, 0])
forms = st.sampled_from(
    ["demography", "vital_signs", "diagnosis_confirmation", "blood", "adverse_event", "x"]
)
vital = st.fixed_dictionaries(
    {"weight": st.sampled_from(["70", "70.5", "900"]), "pulse": st.just("70")},
    optional={"note": values, "height": values},
)
origin_of_all = st.fixed_dictionaries(
    {"age": st.sampled_from(["40", "67", "x"]), "sporadic": st.sampled_from(["yes", "no"])}
)


def act(verb: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Act]:
    return st.tuples(st.just(verb), actors, st.fixed_dictionaries(arguments))


def about(verb: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Act]:
    return act(verb, participant=people, at=days, **arguments)


acts = st.one_of(
    about("screen"),
    about("consent", form_version=st.sampled_from(["1.0", "1.0", "2"])),
    about("record", form=st.just("demography"), encounter=st.just("screening"), values=origin_of_all),
    about("record", form=st.just("vital_signs"), encounter=places, values=vital, instance=instances, based_on=instances),
    about("record", form=st.just("vital_signs"), encounter=st.just("screening"), values=vital),
    about("record", form=st.just("diagnosis_confirmation"), encounter=st.just("screening"), values=st.just({"confirmed": "yes"})),
    about("record", form=forms, encounter=places, values=st.dictionaries(st.sampled_from(["weight", "age", "x"]), values)),
    act("correct", participant=people, form=forms, encounter=places, changes=vital, based_on=instances, reason=reasons, at=st.none() | days),
    about("miss", encounter=places, reason=reasons, form=st.just("") | forms),
    about("assess"),
    about("waive", criterion=st.sampled_from(["I1", "I2", "x"]), justification=reasons),
    about("enrol"),
    about("infuse", given_dose=st.sampled_from(["1.41e8", "141000000", "9", "x"]), values=st.just({}), reason=st.none() | reasons),
    about("decline", reason=reasons),
    about("withdraw", scope=st.sampled_from(["treatment", "follow_up", "data", "x"]), reason=st.none() | reasons),
    about("lose_to_follow_up", reason=reasons),
    about("report_event", values=st.fixed_dictionaries({"term": texts})),
    about("report_deviation", category=texts, section=texts, description=reasons),
    about("record_death", cause=texts),
    about("contact", alive=st.booleans(), encounter=st.sampled_from(["", "extra"])),
    act(
        "correct",
        participant=people,
        form=st.just("vital_signs"),
        encounter=st.just("screening"),
        changes=st.just({"weight": "71"}),
        based_on=st.sampled_from([1, 1, 2]),
        reason=st.just("Misread"),
        at=st.none() | days,
    ),
    act(
        "correct",
        participant=people,
        form=st.sampled_from(["consent", "death", "infusion"]),
        encounter=st.sampled_from(["", "infusion_day"]),
        changes=st.just({}),
        based_on=st.just(1),
        reason=st.just("Misread"),
        at=days,
    ),
    act(
        "miss",
        participant=people,
        encounter=st.just("month_2"),
        form=st.sampled_from(["", "blood"]),
        reason=st.just("Holiday"),
        at=st.sampled_from(["2014-03-20", "2014-04"]),
    ),
    act(
        "lose_to_follow_up",
        participant=people,
        reason=st.just("Called"),
        at=st.sampled_from(["2014-03-20", "2014-04"]),
    ),
    act("activate_protocol", protocol_files=st.just(second_version()), reason=reasons),
    act("approve", committee=texts, document=st.sampled_from(["protocol", "consent_form", "x"]), version=st.just("2.0"), reference=texts, approved_on=days, expires_on=st.none() | days),
)  # fmt: skip

BEGINNING: list[Act] = [
    ("screen", INVESTIGATOR, {"participant": "S-1", "at": "2014-01-05"}),
    ("consent", INVESTIGATOR, {"participant": "S-1", "at": "2014-01-06T10:00", "form_version": "1.0"}),
]
ENROLLED: list[Act] = [
    *BEGINNING,
    ("record", COORDINATOR, {"participant": "S-1", "at": "2014-01-07", "form": "demography", "encounter": "screening", "values": {"age": "40", "sporadic": "yes"}}),
    ("record", COORDINATOR, {"participant": "S-1", "at": "2014-01-07", "form": "vital_signs", "encounter": "screening", "values": {"weight": "70.5", "pulse": "70"}}),
    ("enrol", INVESTIGATOR, {"participant": "S-1", "at": "2014-01-10"}),
    ("record", COORDINATOR, {"participant": "S-1", "at": "2014-01-12", "form": "diagnosis_confirmation", "encounter": "screening", "values": {"confirmed": "yes"}}),
]  # fmt: skip
TREATED: list[Act] = [
    *ENROLLED,
    (
        "infuse",
        INVESTIGATOR,
        {"participant": "S-1", "at": "2014-01-20T10:00", "given_dose": "141000000", "values": {}},
    ),
]
UNMET: list[Act] = [
    *BEGINNING,
    (
        "record",
        COORDINATOR,
        {
            "participant": "S-1",
            "at": "2014-01-07",
            "form": "demography",
            "encounter": "screening",
            "values": {"age": "67", "sporadic": "yes"},
        },
    ),
    ("assess", COORDINATOR, {"participant": "S-1", "at": "2014-01-08"}),
    (
        "waive",
        INVESTIGATOR,
        {"participant": "S-1", "at": "2014-01-08", "criterion": "I1", "justification": "Wish"},
    ),
]
courses = st.tuples(
    st.sampled_from([[], BEGINNING, UNMET, ENROLLED, TREATED]), st.lists(acts, min_size=1, max_size=12)
).map(lambda both: [*both[0], *both[1]])


def played(ledger: Ledger, course: list[Act]) -> list[str]:
    """What became of each act: the class of its refusal, or how many entries it made."""
    desk = Desk(ledger)
    became = []
    for verb, actor, arguments in course:
        try:
            became.append(f"{verb}: {len(desk.act(verb, actor, **arguments))}")
        except Refusal as refusal:
            became.append(f"{verb}: {type(refusal).__name__}: {refusal.as_data()}")
    return became


def datasets_of(ledger: Ledger) -> dict[str, list[Any]]:
    datasets = derive_datasets(take_snapshot(ledger))
    return {name: [d.columns, d.frame.schema, d.frame.rows()] for name, d in datasets.items()}


@pytest.mark.postgresql
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(courses)
def test_the_same_everywhere(make_ledger: Callable[[str], Ledger], course: list[Act]) -> None:
    ledgers = {kind: make_ledger(kind) for kind in ("memory", "sqlite", "postgresql")}
    became = {kind: played(ledger, course) for kind, ledger in ledgers.items()}
    assert became["memory"] == became["sqlite"] == became["postgresql"]
    rows = {kind: list(ledger.rows()) for kind, ledger in ledgers.items()}
    assert rows["memory"] == rows["sqlite"] == rows["postgresql"]
    assert [e.hash for e in ledgers["sqlite"].entries()] == [row.hash for row in rows["memory"]]
    derived = datasets_of(ledgers["memory"])
    assert datasets_of(ledgers["sqlite"]) == derived
    assert datasets_of(ledgers["postgresql"]) == derived


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(courses, st.data())
def test_as_of_an_entry_is_as_it_was_then(course: list[Act], data: st.DataObject) -> None:
    """Whatever is tried: what is entered verifies, and each past moment can be seen again just as it was."""
    desk = Desk(MemoryLedger())
    seen: dict[int, dict[str, list[Any]]] = {}
    stops = data.draw(st.sets(st.integers(0, len(course) - 1), max_size=2))
    for number, (verb, actor, arguments) in enumerate(course):
        before = desk.trial.ledger.head()
        try:
            desk.act(verb, actor, **arguments)
        except Refusal:
            assert desk.trial.ledger.head() == before
        if number in stops:
            seen[desk.trial.ledger.head().sequence] = datasets_of(desk.trial.ledger)
    assert check_chain(desk.trial.ledger.rows())[1] is None
    for sequence, datasets in seen.items():
        assert datasets_of(view_as_of(desk.trial.ledger, sequence)) == datasets
    for dossier in take_snapshot(desk.trial.ledger).dossiers:
        assert dossier.disorder == ()
