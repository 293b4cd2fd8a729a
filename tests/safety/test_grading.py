"""Grades proposed from measurements by CTCAE v5.0, and the search for terms; the thresholds are those of the NCI's table (2017)."""

from decimal import Decimal

import pytest

from charcot.laboratory.grades import grade_result
from charcot.refusal import BadValue
from charcot.safety.grading import propose_fever_grade, propose_pressure_grade
from charcot.safety.terms import SHIPPED_TERMS, parse_dictionary, search_terms


@pytest.mark.parametrize(
    ("systolic", "diastolic", "grade"),
    [
        (180, 100, 3),  # the paper's patient
        (160, 70, 3),
        (150, 100, 3),
        (159, 99, 2),
        (140, 60, 2),
        (139, 89, 1),
        (110, 80, 1),
        (119, 79, 0),
        (None, 101, 3),
        (None, None, 0),
    ],
)
def test_pressure(systolic: int | None, diastolic: int | None, grade: int) -> None:
    assert propose_pressure_grade(systolic, diastolic) == grade


@pytest.mark.parametrize(
    ("heat", "grade"), [("37.9", 0), ("38.0", 1), ("39.0", 1), ("39.1", 2), ("40.0", 2), ("40.1", 3)]
)
def test_fever(heat: str, grade: int) -> None:
    assert propose_fever_grade(Decimal(heat)) == grade


@pytest.mark.parametrize(
    ("test", "value", "unit", "low", "high", "before", "grade"),
    [
        ("alt", "40", "U/l", "0", "40", None, None),
        ("alt", "41", "U/l", "0", "40", None, 1),
        ("alt", "120", "U/l", "0", "40", None, 1),
        ("alt", "121", "U/l", "0", "40", None, 2),
        ("alt", "201", "U/l", "0", "40", None, 3),
        ("alt", "801", "U/l", "0", "40", None, 4),
        ("alt", "100", "U/l", "0", "40", "80", None),
        ("alt", "121", "U/l", "0", "40", "80", 1),
        ("alt", "241", "U/l", "0", "40", "80", 2),
        ("alkaline_phosphatase", "330", "U/l", "40", "130", None, 2),
        ("bilirubin_total", "3.7", "mg/dl", "0.1", "1.2", None, 3),
        ("creatinine", "1.6", "mg/dl", "0.6", "1.0", None, 2),
        ("glucose", "130", "mg/dl", "70", "100", None, 1),
        ("glucose", "130", "mg/dl", "70", "100", "129", 1),  # "above baseline"
        ("glucose", "130", "mg/dl", "70", "100", "130", None),
        ("haemoglobin", "11.9", "g/dl", "12", "16", None, 1),
        ("haemoglobin", "9.9", "g/dl", "12", "16", None, 2),
        ("haemoglobin", "7.9", "g/dl", "12", "16", None, 3),
        ("haemoglobin", "12", "g/dl", "12", "16", None, None),
        ("platelets", "24", "10^9/l", "150", "400", None, 4),
        ("neutrophils", "0.9", "10^9/l", "2", "7", None, 3),
        ("lymphocytes", "0.7", "10^9/l", "1", "4", None, 2),
        ("potassium", "6.1", "mmol/l", "3.5", "5.1", None, 3),
        ("potassium", "3.4", "mmol/l", "3.5", "5.1", None, 1),
        ("potassium", "2.9", "mmol/l", "3.5", "5.1", None, 3),
        ("potassium", "2.4", "mmol/l", "3.5", "5.1", None, 4),
        ("sodium", "127", "mmol/l", "136", "145", None, 2),
        ("sodium", "119", "mmol/l", "136", "145", None, 4),
        ("calcium", "12.6", "mg/dl", "8.6", "10.2", None, 3),
        ("glucose", "54", "mg/dl", "70", "99", None, 2),
        ("albumin", "1.9", "g/dl", "3.5", "5", None, 3),
        ("alt", "125", "U/l", "0", "40", "80", 1),  # 1.5 to 3 times an abnormal baseline
        ("bilirubin_total", "1.6", "mg/dl", "0.1", "1.2", "1.5", 1),  # above an abnormal baseline
        ("bilirubin_total", "1.5", "mg/dl", "0.1", "1.2", "1.5", None),
        ("creatinine", "0.9", "mg/dl", "0.6", "1.2", "0.55", 2),  # 1.5 to 3 times baseline, within the range
        ("creatinine", "1.7", "mg/dl", "0.6", "1.2", "0.55", 3),  # more than 3 times baseline
        ("creatinine", "1.3", "mg/dl", "0.6", "1.2", "1.1", 1),
        ("creatinine", "7.3", "mg/dl", "0.6", "1.2", None, 4),
        ("haemoglobin", "17.6", "g/dl", "13.5", "17.5", None, 1),
        ("haemoglobin", "19.6", "g/dl", "13.5", "17.5", None, 2),
        ("haemoglobin", "21.6", "g/dl", "13.5", "17.5", None, 3),
        ("haemoglobin", "99", "g/l", "120", "160", None, 2),
        ("white_cells", "99", "10^9/l", "4", "11", None, None),
        ("white_cells", "101", "10^9/l", "4", "11", None, 3),
        ("lymphocytes", "4.1", "10^9/l", "1", "4", None, 2),
        ("lymphocytes", "20.1", "10^9/l", "1", "4", None, 3),
        ("inr", "1.2", "ratio", "0.8", "1.2", None, None),
        ("inr", "1.4", "ratio", "0.8", "1.2", None, 1),
        ("inr", "2.4", "ratio", "0.8", "1.2", None, 2),
        ("inr", "2.6", "ratio", "0.8", "1.2", None, 3),
        ("aptt", "36", "s", "25", "35", None, 1),
        ("aptt", "53", "s", "25", "35", None, 2),
        ("aptt", "88", "s", "25", "35", None, 3),
        ("ldh", "900", "U/l", "140", "280", None, 1),
        ("uric_acid", "9.5", "mg/dl", "3.4", "7", None, 1),
        ("tsh", "8", "mIU/l", "0.4", "4", None, 1),
        ("glucose", "130", "mg/dl", "70", "99", None, 1),
        ("glucose", "130", "mg/dl", "70", "99", "131", None),  # not above baseline
        ("glucose", "2.1", "mmol/l", "3.9", "5.5", None, 3),
        ("calcium", "1.7", "mmol/l", "2.1", "2.6", None, 3),
        ("albumin", "29", "g/l", "35", "50", None, 2),
        ("platelets", "24000", "1/mm3", "150000", "400000", None, None),
        ("esr", "90", "mm/h", "0", "20", None, None),
    ],
)
def test_laboratory(
    test: str, value: str, unit: str, low: str, high: str, before: str | None, grade: int | None
) -> None:
    found = grade_result(test, value, unit, low, high, before)
    assert (found[0] if found else None) == grade


def test_search_by_any_word_of_a_term() -> None:
    assert [t.term for t in search_terms("pulm emb")] == ["Pulmonary embolism"]
    assert "Dyspnoea" in [t.term for t in search_terms("breathl")]
    assert search_terms("head")[0].term == "Headache"
    assert search_terms("  ") == []
    assert all(1 <= grade <= 5 for term in SHIPPED_TERMS for grade in term.grades)
    embolism = next(t for t in SHIPPED_TERMS if t.term == "Pulmonary embolism")
    assert min(embolism.grades) == 3, "an embolus of the lung is at least grade 3"


def test_a_dictionary_of_the_site() -> None:
    text = "MedDRA Code,CTCAE Term,Grade 1,Grade 2\n1,Anemia,Little,\n2,Fever,,Much\n"
    terms = parse_dictionary("\ufeff" + text)
    assert [(t.term, dict(t.grades)) for t in terms] == [("Anemia", {1: "Little"}), ("Fever", {2: "Much"})]
    with pytest.raises(BadValue, match="No column"):
        parse_dictionary("a,b\n1,2\n")
    with pytest.raises(BadValue):
        parse_dictionary("")


def test_whether_a_value_before_treatment_was_abnormal_is_judged_by_its_own_range() -> None:
    # CTCAE v5.0, ALT: above the upper limit up to 3 times it is grade 1 "if baseline was normal"; the limit fell from 41 to 20 meanwhile.
    assert grade_result("alt", "29", "U/l", None, "20", "28", "41") == (
        1,
        "Alanine aminotransferase increased",
    )
    assert grade_result("alt", "29", "U/l", None, "20", "28") is None
