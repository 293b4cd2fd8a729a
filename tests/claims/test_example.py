"""The second example of docs/claims.md: the streptomycin trial of 1948, judged by its own Table II.

Counts of Table II: BMJ 1948;2:769-782, as in the data set strep_tb of R's medicaldata (107 patients, 55 of them improved).
"""

from pathlib import Path

import pytest

from charcot.report.claims import audit_against, parse_claims

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = (DOCS / "claims-example" / "streptomycin.yaml").read_text("utf-8")

RECOMPUTED = {
    "patients": 107,
    "treated": 55,
    "controls": 52,
    "improved_treated": 100 * 28 / 55,
    "improved_controls": 100 * 4 / 52,
    "deaths_treated": 4,
    "deaths_controls": 14,
    "died_treated": 100 * 4 / 55,
    "died_controls": 100 * 14 / 52,
}


def test_the_example_of_the_documentation() -> None:
    audited = {one.claim.id: one for one in audit_against(parse_claims("streptomycin.yaml", TEXT))}
    for id, recomputed in RECOMPUTED.items():
        assert audited[id].verdict == "reproduced"
        assert audited[id].recomputed == pytest.approx(recomputed)
    assert audited["by_chance"].verdict == "reproduced"
    assert audited["oldest"].verdict == "not computable from what was published"
    assert set(audited) == {*RECOMPUTED, "by_chance", "oldest"}


@pytest.mark.parametrize(("old", "new", "id"), [
    ("published: 51", "published: 52", "improved_treated"),
    ("published: 107", "published: 109", "patients"),
    ("published: 27", "published: 25", "died_controls"),
    ("rows: []", "rows: [['31']]", "oldest"),
    ("[death, 4, 14]", "[death, 7, 14]", "deaths_treated"),
])  # fmt: skip
def test_a_change_is_noticed(old: str, new: str, id: str) -> None:
    changed = TEXT.replace(old, new)
    before = next(one for one in audit_against(parse_claims("a", TEXT)) if one.claim.id == id)
    after = next(one for one in audit_against(parse_claims("b", changed)) if one.claim.id == id)
    assert after.verdict != before.verdict
