"""A claims file that is wrong is refused with the line, what is wrong, and what to write instead."""

import pytest

from charcot.report.claims import UnreadableClaims, audit_against, parse_claims

GOOD = """\
publication: A paper
themes:
  - id: all
    title: All
    means: All is lost.
facts:
  - id: known
    text: It is known
    value: 3
    source: A book
tables:
  - id: printed
    title: Printed
    section: Table 1
    columns: {name: text, age: number}
    rows:
      - [a, 30]
      - [b, 50]
claims:
  - id: mean_age
    theme: all
    section: Table 1
    quote: mean age 40.0
    text: Mean age
    kind: mean
    published: 40.0
    query: mean(printed.age)
  - id: nobody_old
    theme: all
    section: Methods
    quote: nobody was old
    text: Nobody was old
    kind: statement
    published: "yes"
    query: count(printed, age > 60) = 0
"""

WRONG = [
    ("    query: mean(printed.age)\n", "", 20, "mean_age has no query", "add a line `query: …`"),
    ("    kind: mean\n", "    kind: average\n", 25, "kind cannot be average", "write one of: count, date"),
    ("    theme: all\n    section: Table", "    theme: al\n    section: Table", 21, "theme cannot be al", "did you mean all?"),
    ("published: 40.0", "published: about 40", 26, "`about 40` is not a number", "write the number alone"),
    ("published: 40.0", "published: 40.0\n    verdict: reproduced", 27, "says its own verdict", "never written"),
    ("published: 40.0", "publishd: 40.0", 26, "mean_age has no key publishd", "did you mean published?"),
    ('published: "yes"', "published: maybe", 34, "a statement cannot be maybe", "write yes if"),
    ("mean(printed.age)", "meen(printed.age)", 27, "there is no function meen", "did you mean mean?"),
    ("mean(printed.age)", "mean(printed)", 27, "`printed` is not a column of a table", "write mean(table.column)"),
    ("mean(printed.age)", "mean(printed.age", 27, "never closed", "add the closing bracket"),
    ("mean(printed.age)", "mean(printed.age) = 40", 27, "not with the published value", "write `published` on one side"),
    ("mean(printed.age)", "published", 27, "the published value itself", "ask for evidence"),
    ("mean(printed.age)", "claim.mean_age", 27, "asks for the claim itself", "write `published`"),
    ("mean(printed.age)", "claim.mean_aged", 27, "there is no claim mean_aged", "did you mean mean_age?"),
    ("mean(printed.age)", "claim.nobody_old", 27, "a statement without a value", "refer to a claim with a value"),
    ("mean(printed.age)", "fact.unknown", 27, "there is no fact unknown", "did you mean known?"),
    ("mean(printed.age)", "(SELECT 40)", 27, "not part of the language of queries", "write one expression"),
    ("mean(printed.age)", "mean(printed.age, max(age) > 3)", 27, "not allowed in a condition", "compare columns"),
    ("mean(printed.age)", "fisher_p(1, 2)", 27, "fisher_p takes 4 values", "write fisher_p(a, b, c, d)"),
    ("count(printed, age > 60) = 0", "count(printed, age > 60)", 35, "a statement needs a comparison", "write one such as"),
    ("count(printed, age > 60) = 0", "count(printed) > 1 AND 2 > 1", 35, "compares only once", "a claim for each"),
    ("id: nobody_old", "id: mean_age", 28, "mean_age stands twice in claims", "give each an id of its own"),
    ("id: nobody_old", "id: Nobody old", 28, "could not be used in a query", "lower-case letters"),
    ("- [b, 50]", "- [b]", 18, "a row does not have 2 values", "write one each for name, age"),
    ("- [b, 50]", "- [b, old]", 18, "`old` in the column age is not a number", "write digits"),
    ("columns: {name: text, age: number}", "columns: {name: text, age: int}", 15, "the column age is int", "number or text"),
    ("    source: A book\n", "", 7, "known has no source", "add a line `source: …`"),
    ("publication: A paper\n", "", 1, "does not say what was published", "`publication: `"),
    ("publication: A paper", "publication: A paper\nevidence: [synthetic]", 2, "values that are synthetic are no evidence", "published"),
    ("publication: A paper", "publication: A paper\nverdicts: []", 2, "no part verdicts", "write one of"),
    ("publication: A paper", 'publication: "A paper', 1, "a quote is opened and never closed", "add the closing quote"),
    ("    published: 40.0\n", "    published: 40.0\n    published: 41.0\n", 27, "a second time", "keep one of the two"),
    ("    published: 40.0\n", "    published: 40.0\n    rests_on: [book]\n", 27, "there is no fact book", "write one of: known"),
]  # fmt: skip

WRONG_FOR_THE_TRIAL = [
    ("mean(printed.age)", "mean(print.age)", "there is no form or table print", "did you mean printed?"),
    ("mean(printed.age)", "mean(printed.aged)", "printed has no column aged", "did you mean age?"),
    ("mean(printed.age)", "mean(printed.name)", "printed.name is text, and mean needs numbers", "use n, only or count"),
    ("age > 60", "age > '60'", "printed.age is compared with a text", "write the number without quotes"),
    ("age > 60", "name = 60", "printed.name is compared with a number", "put the text in single quotes"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "what", "instead"), WRONG)
def test_a_mistake_is_told_with_its_line(old: str, new: str, line: int, what: str, instead: str) -> None:
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    with pytest.raises(UnreadableClaims) as refused:
        parse_claims("claims.yaml", text)
    told = [str(finding) for finding in refused.value.facts["findings"]]
    assert any(
        one.startswith(f"claims.yaml:{line}: ") and what in one and instead in one.partition("Instead: ")[2]
        for one in told
    ), told


@pytest.mark.parametrize(("old", "new", "what", "instead"), WRONG_FOR_THE_TRIAL)
def test_a_query_that_reads_what_there_is_not(old: str, new: str, what: str, instead: str) -> None:
    claims = parse_claims("claims.yaml", GOOD.replace(old, new, 1))
    with pytest.raises(UnreadableClaims) as refused:
        audit_against(claims)
    (told,) = refused.value.facts["findings"]
    assert (what in told.what, instead in told.instead, told.line in (20, 28)) == (True, True, True)


def test_the_good_one_is_good() -> None:
    assert [one.verdict for one in audit_against(parse_claims("claims.yaml", GOOD))] == ["reproduced"] * 2
