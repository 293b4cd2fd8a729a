"""Queries: by people and by checks, from opening to closing, and that nothing closes itself without a trace."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from charcot.conduct.worklists import list_pending
from charcot.ledger import Kind
from charcot.participants import FormKey, Query
from charcot.refusal import BadValue, NotAllowed, OutOfOrder, ReasonMissing
from charcot.report.audit_trail import describe_entry
from conduct.desk import COORDINATOR, DATA_MANAGER, INVESTIGATOR, Desk, protocol_files

WEIGHT = {"form": "vital_signs", "encounter": "screening"}
CROSS_CHECK = (
    "checks:\n  - {id: calm,",
    "checks:\n"
    "  - {id: grown, rule: demography.age >= 18 OR weight < 60, severity: query, message: Heavy for a child., items: [weight]}\n"
    "  - {id: calm,",
)


@pytest.fixture
def weighed(desk: Desk) -> Desk:
    desk.begin()
    desk.weigh("2014-01-07", "screening")
    return desk


def only(desk: Desk) -> Query:
    (query,) = desk.dossier().queries
    return query


def ask(desk: Desk, text: str = "With shoes?", **more: str) -> None:
    desk.act("open_query", DATA_MANAGER, participant="S-1", **{**WEIGHT, "item": "weight", **more}, text=text)


def correct(desk: Desk, based_on: int = 1, **changes: str) -> list[str]:
    """Corrects the vital signs of the screening; returns the kinds of entry that this made."""
    made = desk.act(
        "correct",
        COORDINATOR,
        participant="S-1",
        **WEIGHT,
        changes=changes,
        based_on=based_on,
        reason="Misread",
    )
    return [str(entry.kind) for entry in made]


def test_a_question_is_asked_answered_asked_again_and_closed(weighed: Desk) -> None:
    ask(weighed)
    asked = only(weighed)
    assert (asked.id, asked.key, asked.item, asked.version) == ("q1", FormKey(**WEIGHT), "weight", 1)
    assert (asked.status, asked.check, asked.text) == ("open", None, "With shoes?")
    weighed.act("answer_query", COORDINATOR, participant="S-1", query="q1", text="Without.", version=1)
    assert (only(weighed).status, only(weighed).answer) == ("answered", "Without.")
    weighed.act("reopen_query", DATA_MANAGER, participant="S-1", query="q1", reason="Who says so?")
    assert only(weighed).status == "open"
    weighed.act("answer_query", INVESTIGATOR, participant="S-1", query="q1", text="I do.")
    weighed.act("close_query", DATA_MANAGER, participant="S-1", query="q1")
    assert only(weighed).status == "closed"
    assert [event.kind for event in only(weighed).events] == [
        Kind.QUERY_OPENED,
        Kind.QUERY_ANSWERED,
        Kind.QUERY_REOPENED,
        Kind.QUERY_ANSWERED,
        Kind.QUERY_CLOSED,
    ]
    assert list_pending(weighed.dossier()) == ()


def test_a_question_may_be_about_a_form_that_was_not_filled(weighed: Desk) -> None:
    ask(weighed, form="demography", item="")
    assert (only(weighed).key.form, only(weighed).item, only(weighed).version) == ("demography", "", 0)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [({"text": " "}, BadValue), ({"item": "shoes"}, BadValue), ({"form": "x", "item": ""}, BadValue)],
)
def test_a_question_names_what_it_is_about(
    weighed: Desk, given: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        ask(weighed, **given)


def test_only_those_who_may_query_ask_and_close(weighed: Desk) -> None:
    with pytest.raises(NotAllowed):
        weighed.act("open_query", COORDINATOR, participant="S-1", **WEIGHT, text="?")
    ask(weighed)
    weighed.act("answer_query", COORDINATOR, participant="S-1", query="q1", text="Without.")
    for actor in (COORDINATOR, INVESTIGATOR):
        with pytest.raises(NotAllowed):
            weighed.act("close_query", actor, participant="S-1", query="q1")


def test_one_without_an_answer_is_closed_only_with_a_reason(weighed: Desk) -> None:
    ask(weighed)
    with pytest.raises(ReasonMissing):
        weighed.act("close_query", DATA_MANAGER, participant="S-1", query="q1")
    weighed.act("close_query", DATA_MANAGER, participant="S-1", query="q1", reason="Asked by mistake.")
    assert only(weighed).last.reason == "Asked by mistake."


def test_what_is_closed_is_neither_answered_nor_closed_again(weighed: Desk) -> None:
    ask(weighed)
    weighed.act("close_query", DATA_MANAGER, participant="S-1", query="q1", reason="Asked by mistake.")
    with pytest.raises(OutOfOrder, match="closed"):
        weighed.act("answer_query", COORDINATOR, participant="S-1", query="q1", text="Late")
    with pytest.raises(OutOfOrder, match="closed"):
        weighed.act("close_query", DATA_MANAGER, participant="S-1", query="q1", reason="Again")
    with pytest.raises(BadValue, match="no query q7"):
        weighed.act("close_query", DATA_MANAGER, participant="S-1", query="q7", reason="?")


def test_several_are_answered_and_closed_in_one_act_all_or_none(weighed: Desk) -> None:
    for text in ("One?", "Two?", "Three?"):
        ask(weighed, text)
    weighed.act("answer_query", COORDINATOR, participant="S-1", query=["q1", "q2"], text="Yes to both.")
    with pytest.raises(ReasonMissing):
        weighed.act("close_query", DATA_MANAGER, participant="S-1", query=["q1", "q2", "q3"])
    assert [query.status for query in weighed.dossier().queries] == ["answered", "answered", "open"]
    closed = weighed.act("close_query", DATA_MANAGER, participant="S-1", query=["q1", "q2"])
    assert len(closed) == 2
    assert closed[0].act == closed[1].act
    assert [query.status for query in weighed.dossier().queries] == ["closed", "closed", "open"]


def test_age_is_counted_from_the_moment_of_asking(weighed: Desk) -> None:
    weighed.clock.moment = datetime(2014, 12, 3, 9, 0, tzinfo=UTC)
    ask(weighed)
    weighed.clock.moment += timedelta(days=4)
    weighed.act("answer_query", COORDINATOR, participant="S-1", query="q1", text="Without.")
    assert only(weighed).age(datetime(2014, 12, 13, 10, 0, tzinfo=UTC)) == 10
    assert only(weighed).waiting(datetime(2014, 12, 13, 10, 0, tzinfo=UTC)) == 6


def test_a_check_asks_in_the_act_that_saves_the_form(desk: Desk) -> None:
    desk.begin()
    made = desk.weigh("2014-01-07", "screening", weight="150")
    assert [entry.kind for entry in made] == [Kind.FORM_RECORDED, Kind.QUERY_OPENED]
    query = only(desk)
    assert (query.check, query.item, query.version, query.status) == ("weight_expected", "weight", 1, "open")
    assert re.search("usually between 40 and 120 kg; this is 150", query.text)
    assert made[0].act == made[1].act


def test_a_check_does_not_ask_twice_while_its_question_is_pending(desk: Desk) -> None:
    desk.begin()
    desk.weigh("2014-01-07", "screening", weight="150")
    assert correct(desk, weight="160") == ["form_recorded"]
    assert only(desk).status == "open"


def test_a_check_that_holds_again_closes_its_question_with_a_trace(desk: Desk) -> None:
    desk.begin()
    desk.weigh("2014-01-07", "screening", weight="150")
    assert correct(desk, weight="70") == ["form_recorded", "query_closed"]
    closed = only(desk).last
    assert closed.reason == "the check holds since version 2"
    assert closed.data["by"] == "check"
    assert "edit check weight_expected" in describe_entry(closed)


def test_a_value_that_was_emptied_leaves_the_question_open(desk: Desk) -> None:
    desk.begin()
    desk.weigh("2014-01-07", "screening", weight="150")
    desk.act(
        "correct", COORDINATOR, participant="S-1", **WEIGHT, changes={}, cleared=("weight",), based_on=1,
        reason="Of somebody else",
    )  # fmt: skip
    assert only(desk).status == "open"


def test_what_a_person_settled_is_asked_again_only_of_another_value(desk: Desk) -> None:
    desk.begin()
    desk.weigh("2014-01-07", "screening", weight="150")
    desk.act("close_query", DATA_MANAGER, participant="S-1", query="q1", reason="Seen on the paper form.")
    assert correct(desk, pulse="71") == ["form_recorded"]
    assert correct(desk, 2, weight="155") == ["form_recorded", "query_opened"]
    assert [query.status for query in desk.dossier().queries] == ["closed", "open"]


def test_a_check_that_a_check_closed_asks_again(desk: Desk) -> None:
    desk.begin()
    desk.weigh("2014-01-07", "screening", weight="150")
    correct(desk, weight="70")
    assert correct(desk, 2, weight="150") == ["form_recorded", "query_opened"]


def test_saving_one_form_asks_about_another_that_refers_to_it() -> None:
    desk = Desk(files=protocol_files(CROSS_CHECK))
    desk.begin()
    assert len(desk.weigh("2014-01-07", "screening")) == 1, "without an age the check cannot be judged"
    made = desk.fill("demography", "2014-01-07", "screening", age="12", sporadic="yes")
    assert [entry.kind for entry in made] == [Kind.FORM_RECORDED, Kind.QUERY_OPENED]
    assert (only(desk).key, only(desk).check, only(desk).version) == (FormKey(**WEIGHT), "grown", 1)
    assert only(desk).used == {"demography.age": "12", "weight": "70.5"}
    desk.act(
        "correct", COORDINATOR, participant="S-1", form="demography", encounter="screening",
        changes={"age": "42"}, based_on=1, reason="Misread",
    )  # fmt: skip
    assert only(desk).status == "closed"


def test_a_form_entered_in_error_takes_the_questions_of_its_checks_with_it(desk: Desk) -> None:
    desk.begin()
    desk.weigh("2014-01-07", "screening", weight="150")
    ask(desk)
    desk.act("enter_in_error", COORDINATOR, participant="S-1", **WEIGHT, version=1, reason="Of somebody else")
    by_check, by_person = desk.dossier().queries
    assert (by_check.status, by_check.last.reason) == ("closed", "the form was entered in error")
    assert by_person.status == "open", "a person's question waits for a person"
    desk.act("reinstate", COORDINATOR, participant="S-1", **WEIGHT, reason="It was theirs")
    assert [(q.check, q.status) for q in desk.dossier().queries] == [
        ("weight_expected", "closed"),
        (None, "open"),
        ("weight_expected", "open"),
    ]


def test_values_that_identify_a_person_are_not_in_a_question() -> None:
    item = "{id: name, label: Name, type: text, personal: true, visibility: personal, required: true}\n"
    number = "{id: house, label: House number, type: integer, personal: true, visibility: personal, expected: [1, 500]}\n"
    desk = Desk(files=protocol_files((item, f"{item}  - {number}")))
    desk.begin()
    desk.fill("identity", "2014-01-07", "screening", name="Nemo", house="98765")
    assert (only(desk).item, only(desk).check) == ("house", "house_expected")
    assert "98765" not in "".join(entry.text for entry in desk.trial.ledger.entries())
