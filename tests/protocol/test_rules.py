from collections.abc import Mapping
from datetime import date
from itertools import product
from typing import Any

import pytest

from charcot.clinical_time import months_between
from charcot.protocol import Reference, RuleError, Scope, Study, evaluate_rules, parse_rule
from charcot.protocol.rules.syntax import check_condition

YES_NO_UNKNOWN = {True: "yes", False: "no", None: None}


def kleene_and(p: bool | None, q: bool | None) -> bool | None:
    return False if p is False or q is False else None if p is None or q is None else True


def kleene_or(p: bool | None, q: bool | None) -> bool | None:
    return True if p is True or q is True else None if p is None or q is None else False


@pytest.mark.parametrize(("p", "q"), list(product([True, False, None], repeat=2)))
def test_kleene_logic(judge: Any, p: bool | None, q: bool | None) -> None:
    """Kleene, Introduction to Metamathematics (1952), section 64: the strong three-valued connectives."""
    values = {"smokes": YES_NO_UNKNOWN[p], "drinks": YES_NO_UNKNOWN[q]}
    assert judge("smokes = 'yes' AND drinks = 'yes'", values).value is kleene_and(p, q)
    assert judge("smokes = 'yes' OR drinks = 'yes'", values).value is kleene_or(p, q)
    assert judge("NOT smokes = 'yes'", values).value is (None if p is None else not p)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("a IN (1, 2)", {"a": "2"}, True),
        ("a NOT IN (1, 2)", {"a": None}, None),
        ("a BETWEEN 1 AND b", {"a": "0", "b": None}, False),
        ("a BETWEEN 1 AND b", {"a": "1", "b": None}, None),
        ("a IS NULL", {"a": None}, True),
        ("a IS NOT NULL", {"a": "0"}, True),
        ("COALESCE(a, 0) = 0", {"a": None}, True),
        ("a / NULLIF(b, 0) > 1", {"a": "3", "b": "2"}, True),
        ("a / NULLIF(b, 0) > 1", {"a": "3", "b": "0"}, None),
        ("a / 2 = 1.5", {"a": "3"}, True),
        ("x / positive > 1", {"x": "2.0", "positive": "1.5"}, True),
        ("GREATEST(a, b) > 1", {"a": "5", "b": None}, None),
        ("LEAST(a, b, 3) = 3", {"a": "5", "b": "4"}, True),
        ("ROUND(x, 2) = 2.68", {"x": "2.675"}, True),
        ("ABS(a - b) = 3", {"a": "1", "b": "4"}, True),
        ("CASE WHEN a IS NULL THEN FALSE WHEN a > 3 THEN TRUE ELSE FALSE END", {"a": None}, False),
        ("grade >= 2", {"grade": "3"}, True),
        ("grade = '3'", {"grade": "3"}, True),
        ("grade + a = 4", {"grade": "3", "a": "1"}, True),
        ("clock < '09:30'", {"clock": "09:05"}, True),
        ("chosen(signs, 'cramps')", {"signs": "weakness, cramps"}, True),
        ("chosen(signs, 'cramps')", {"signs": "weakness"}, False),
        ("chosen(signs, 'cramps')", {"signs": None}, None),
        ("a > 1", {"a": "a lot"}, None),
        ("a * a > 0", {"a": "999999999999999"}, True),
    ],
)
def test_answers(judge: Any, text: str, values: Mapping[str, str | None], expected: bool | None) -> None:
    assert judge(text, values).value is expected


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("d >= '2014-03-14'", {"d": "2014-03-14"}, True),
        ("d > DATE '2014-03-14'", {"d": "2014-03-14"}, False),
        ("m <= d", {"m": "2014-03-14T09:30", "d": "2014-03-14"}, True),
        ("m > '2014-03-14T09:00'", {"m": "2014-03-14T09:30"}, True),
        ("m = '2014-03-14'", {"m": "2014-03-14T09:30"}, True),
        ("m = '2014-03-14'", {"m": "2014-03-14"}, True),
        ("m > '2014-03-14T09:00'", {"m": "2014-03-14"}, None),
        ("days_between(d, m) = 1", {"d": "2014-03-13", "m": "2014-03-14T00:10"}, True),
        ("COALESCE(d, '2014-03-14') = '2014-03-14'", {"d": None}, True),
        ("p.earliest >= '2014-02-01'", {"p": "2014-02"}, True),
        ("p.latest <= '2014-02-28'", {"p": "2014-02"}, True),
        ("p.latest = '2014-12-31'", {"p": "2014"}, True),
        ("p IS NULL", {"p": None}, True),
        ("d = '2014-02-01'", {"d": "2014-02"}, None),
        ("d = '2014-02-30'", {"d": "2014-02-30"}, None),
    ],
)
def test_dates(judge: Any, text: str, values: Mapping[str, str | None], expected: bool | None) -> None:
    if "'2014-02-30'" in text:
        with pytest.raises(RuleError, match="not a date"):
            judge(text, values)
        return
    assert judge(text, values).value is expected


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        ("2000-02-29", "2018-02-27", 17),
        ("2000-02-29", "2018-02-28", 18),  # months are clamped to month ends: design.md, Rulings
        ("2000-02-29", "2020-02-28", 19),
        ("2000-02-29", "2020-02-29", 20),
        ("1960-05-17", "2014-05-16", 53),
        ("1960-05-17", "2014-05-17", 54),
    ],
)
def test_age_on_the_last_of_february(judge: Any, birth: str, day: str, age: int) -> None:
    outcome = judge("age_at(d, e)", {"d": birth, "e": day}, expects="value")
    assert outcome.value == age
    assert judge("years_between(d, e)", {"d": birth, "e": day}, expects="value").value == age


@pytest.mark.parametrize(("start", "end"), [("2014-01-31", "2014-02-28"), ("2014-03-14", "2013-12-31")])
def test_months_are_those_of_clinical_time(judge: Any, start: str, end: str) -> None:
    expected = months_between(date.fromisoformat(start), date.fromisoformat(end))
    assert judge("months_between(d, e)", {"d": start, "e": end}, expects="value").value == expected


GRADES: Mapping[bool | None, str | None] = {True: "3", False: "1", None: None}


@pytest.mark.parametrize("rows", [rows for n in range(4) for rows in product([True, False, None], repeat=n)])
def test_rows_of_a_repeating_form(judge: Any, rows: tuple[bool | None, ...]) -> None:
    """any_of is OR over the rows and all_of is AND; a count is what every completion of the unknown rows agrees on."""
    table = {"adverse_event": [{"grade": GRADES[row]} for row in rows]}

    def answer(text: str, expects: str = "truth") -> Any:
        return judge(text, rows=table, expects=expects).value

    any_row, all_rows = False, True
    for row in rows:
        any_row, all_rows = kleene_or(any_row, row), kleene_and(all_rows, row)
    assert answer("any_of(adverse_event, 'grade >= 3')") is any_row
    assert answer("all_of(adverse_event, 'grade >= 3')") is all_rows
    counts = {sum(full) for full in product(*([row] if row is not None else [True, False] for row in rows))}
    count = answer("count_of(adverse_event, 'grade >= 3')", "value")
    assert count == (counts.pop() if len(counts) == 1 else None)
    completions = {
        sum(full) >= 2 for full in product(*([row] if row is not None else [True, False] for row in rows))
    }
    assert answer("count_of(adverse_event, 'grade >= 3') >= 2") is (
        completions.pop() if len(completions) == 1 else None
    )


def test_rows_see_the_rest_of_the_record(judge: Any) -> None:
    rows = {"adverse_event": [{"onset": "2014-03", "term": "fever"}, {"onset": "2014-05-02", "term": "it's"}]}
    text = "count_of(adverse_event, 'days_between(participant.infused_on, onset.earliest) >= 30 AND term = ''it''''s''') = 1"
    outcome = judge(text, rows=rows, elsewhere={"participant.infused_on": "2014-03-20"})
    assert outcome.value is True
    assert outcome.used["adverse_event[2].term"] == "it's"
    assert outcome.used["participant.infused_on"] == "2014-03-20"


def test_used_names_references_as_written(judge: Any) -> None:
    outcome = judge(
        "a > 1 AND at('month_2', vital_signs.weight) > 40 AND this.date > d",
        {"a": "2", "d": "2013-01-01"},
        elsewhere={"vital_signs.weight@month_2": "71.50", "this.date": "2014-01-01"},
    )
    assert outcome.value is True
    assert outcome.used == {
        "a": "2",
        "at('month_2', vital_signs.weight)": "71.50",
        "this.date": "2014-01-01",
        "d": "2013-01-01",
    }


@pytest.mark.parametrize("text", ["'; DROP TABLE participant; --", "' OR 1=1 --", '"', "\\", "a'b", "x\ny"])
def test_values_are_never_read_as_rules(judge: Any, text: str) -> None:
    quoted = text.replace("'", "''")
    assert judge(f"free = '{quoted}'", {"free": text}).value is True
    assert judge("free = 'red'", {"free": text}).value is False
    assert judge("s = 'red'", {"s": text}).value is False


def test_many_rules_at_once_answer_as_each_alone(study: Study, known: Any) -> None:
    texts = [
        "a > 1",
        "a > 1 OR b > 2",
        "age_at(d, e) > 18",
        "a IS NULL",
        "any_of(adverse_event, 'grade > 1')",
    ]
    rules = [study.rules.rule(text, "measures") for text in texts]
    facts = known({"measures.a": "2", "measures.d": "1990-01-01", "measures.e": "2014-01-01"})
    assert [outcome.value for outcome in evaluate_rules(rules, facts)] == [True, True, True, False, False]
    assert facts.asked.count(Reference("measures", "a")) == 1
    assert evaluate_rules([], facts) == []


def test_mistakes_of_one_rule_are_told_together(study: Study) -> None:
    with pytest.raises(RuleError) as refused:
        parse_rule("agee > 18\nAND SUM(a) > 3\nAND s = 'rde'", Scope(study.protocol, "measures"))
    found = [(finding.code, finding.line) for finding in refused.value.findings]
    assert found == [("rule-unknown-item", 1), ("rule-aggregate", 2), ("rule-code", 3)]


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("CASE WHEN a IS NULL OR b IS NULL THEN 0 WHEN a > b THEN 1 ELSE 2 END", True),
        ("CASE WHEN a IS NULL THEN 0 WHEN b IS NULL THEN 0 WHEN a > b THEN 1 END", True),
        ("CASE WHEN a IS NOT NULL AND a > 1 THEN 1 ELSE 2 END", True),
        ("CASE WHEN COALESCE(a, 0) > 1 THEN 1 ELSE 2 END", True),
        ("CASE WHEN a IS NULL THEN 0 WHEN a > b THEN 1 ELSE 2 END", False),
        ("CASE WHEN a IS NOT NULL OR a > 1 THEN 1 ELSE 2 END", False),
        ("CASE WHEN a IS NULL AND b IS NULL THEN 0 WHEN a > b THEN 1 ELSE 2 END", False),
        ("CASE WHEN NOT (a IS NOT NULL) THEN 0 WHEN a > 1 THEN 1 END", False),
        ("CASE a WHEN 1 THEN 2 END", False),
    ],
)
def test_case_says_what_happens_to_null(study: Study, text: str, fine: bool) -> None:
    if fine:
        assert study.rules.rule(text, "measures", "value").kind == "whole"
        return
    with pytest.raises(RuleError) as refused:
        study.rules.rule(text, "measures", "value")
    assert {finding.code for finding in refused.value.findings} == {"rule-case-null"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a / b > 1", "rule-division"),
        ("a / 0 > 1", "rule-division"),
        ("a / (positive - 1) > 1", "rule-division"),
        ("a % 2 = 0", "rule-unsupported"),
        ("free LIKE 'x%'", "rule-unsupported"),
        ("CAST(a AS TEXT) = '1'", "rule-unsupported"),
        ("a IS TRUE", "rule-unsupported"),
        ("EXISTS(SELECT 1)", "rule-subquery"),
        ("NOW() > d", "rule-clock"),
        ("d + 1 > e", "rule-type"),
        ("free > 'a'", "rule-type"),
        ("s > 'red'", "rule-type"),
        ("smokes = TRUE", "rule-type"),
        ("smokes", "rule-not-a-condition"),
        ("p > '2014-01-01'", "rule-partial-date"),
        ("months_between(p, d) > 1", "rule-partial-date"),
        ("chosen(signs, 'cramp')", "rule-code"),
        ("IF(a > 1, TRUE, FALSE)", "rule-unknown-function"),
        ("UPPER(free) = 'A'", "rule-unknown-function"),
        ("any_of(adverse_event, any_of(adverse_event, 'grade > 1'))", "rule-rows"),
        ("any_of(adverse_event, 'MAX(grade) > 1')", "rule-aggregate"),
        ("participant.born_on > d", "rule-unknown-item"),
        ("this.day > d", "rule-unknown-item"),
        ("a = 'one'", "rule-type"),
        ("s = smokes", "rule-code"),
        ("at('month_2', this.date) > d", "rule-arguments"),
        ("fvc_percent_predicted('GLI_2O22', smokes, a, x, y) > 70", "rule-arguments"),
        ("fvc_percent_predicted('GLI_2012', free, a, x, y) > 70", "rule-arguments"),
        ("COALESCE(d, 'never') > e", "rule-type"),
        ("DROP TABLE a", "rule-syntax"),
        ("a = 1 AND", "rule-syntax"),
        (" AND ".join(["a = 1"] * 2000), "rule-too-long"),
        ("(" * 900 + "a = 1" + ")" * 900, "rule-too-long"),
    ],
)
def test_what_is_refused(study: Study, text: str, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        parse_rule(text, Scope(study.protocol, "measures"))
    assert code in {finding.code for finding in refused.value.findings}
    assert refused.value.facts["findings"][0]["instead"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("infused_on IS NOT NULL AND enrolled_on >= DATE '2014-01-01'", []),
        ("COALESCE(age, 0) > 18 OR arm IN ('a', 'b')", []),
        ("MAX(age) > 18", ["rule-aggregate"]),
        ("ROW_NUMBER() OVER (ORDER BY age) = 1", ["rule-window", "rule-unknown-function"]),
        ("participant IN (SELECT 1)", ["rule-subquery"]),
        ("read_csv('x') > 1", ["rule-table-function"]),
        ("NOW() > enrolled_on", ["rule-clock"]),
        ("age > 1; age > 2", ["rule-two"]),
    ],
)
def test_conditions_on_datasets(text: str, codes: list[str]) -> None:
    assert list(dict.fromkeys(finding.code for finding in check_condition(text))) == codes
