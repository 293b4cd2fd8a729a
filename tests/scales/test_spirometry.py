import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charcot.scales import (
    age_range,
    compute_lower_limit,
    compute_percent_predicted,
    compute_predicted,
    compute_z_score,
    equations,
)

ids = st.sampled_from([equation.id for equation in equations()])
sexes = st.sampled_from("FM")


def group_of(equation):
    return "caucasian" if equation == "GLI_2012" else None


# shared/domain/als.md section 2: man, 50.25 y, 175 cm, 3.0 L (six printed decimals)
@pytest.mark.parametrize(
    ("equation", "predicted", "limit", "z", "percent"),
    [
        ("GLI_2012", 4.793817, 3.744728, -2.827103, 62.580614),
        ("GLI_2022", 4.451778, 3.386203, -2.249144, 67.388807),
    ],
)
def test_the_example(equation, predicted, limit, z, percent):
    who = (50.25, 175, "M", group_of(equation))
    assert compute_predicted(equation, *who) == pytest.approx(predicted, abs=5.1e-7)
    assert compute_lower_limit(equation, *who) == pytest.approx(limit, abs=5.1e-7)
    assert compute_z_score(equation, 3.0, *who) == pytest.approx(z, abs=5.1e-7)
    assert compute_percent_predicted(equation, 3.0, *who) == pytest.approx(percent, abs=5.1e-7)


# published coefficients of ln(height) in M for FVC: Quanjer 2012 (supplement), Bowerman 2023: tell the sexes apart
@pytest.mark.parametrize(
    ("equation", "sex", "power"),
    [
        ("GLI_2012", "M", 2.4135),
        ("GLI_2012", "F", 2.2633),
        ("GLI_2022", "M", 2.727421),
        ("GLI_2022", "F", 2.621579),
    ],
)
def test_height_enters_with_its_published_power(equation, sex, power):
    short, tall = compute_predicted(equation, [44, 44], [160, 176], sex, group_of(equation))
    assert np.log(tall / short) / np.log(1.1) == pytest.approx(power, abs=1e-9)


def test_the_iranian_equation():
    # lookup table of Loeloe 2025 (loeloe_2025_lookup.csv in pyspiro 1.0.0), row age 50.2, height 175.0, men
    who = ("LOELOE_2025", 50.2, 175.0, "M")
    assert compute_predicted(*who) == pytest.approx(4.22382352941176, rel=1e-12)
    assert compute_lower_limit(*who) == pytest.approx(3.59381345871669, rel=1e-12)
    assert compute_z_score("LOELOE_2025", 3.59381345871669, 50.2, 175.0, "M") == pytest.approx(
        -1.645, abs=1e-9
    )
    # shared/domain/als.md section 2: 8-13 % less than GLI-2012 Caucasian (true near average height only)
    ages, heights, sex = [45, 50, 55, 45, 50, 55], [175, 175, 175, 160, 160, 160], list("MMMFFF")
    ratio = compute_predicted("LOELOE_2025", ages, heights, sex) / compute_predicted(
        "GLI_2012", ages, heights, sex, "caucasian"
    )
    assert ((ratio > 0.86) & (ratio < 0.93)).all()


@pytest.mark.parametrize(
    ("equation", "ages"), [("GLI_2012", (3, 95)), ("GLI_2022", (3, 95)), ("LOELOE_2025", (38, 69))]
)
def test_ages_outside_the_range_give_nothing(equation, ages):
    # shared/domain/als.md section 2 (Iranian: 38-69); Quanjer 2012, title; Bowerman 2023 (3-95)
    assert age_range(equation) == ages
    around = [ages[0] - 0.01, ages[0], ages[1], ages[1] + 0.01, np.nan]
    known = ~np.isnan(compute_predicted(equation, around, 160, "M", group_of(equation)))
    assert known.tolist() == [False, True, True, False, False]


def test_the_iranian_equation_covers_a_range_of_heights():
    known = ~np.isnan(compute_predicted("LOELOE_2025", 50, [141.96, 142, 189, 189.04], "M"))
    assert known.tolist() == [False, True, True, False]
    # the table has no woman of 189 cm at 69 years (last row of loeloe_2025_lookup.csv in pyspiro 1.0.0)
    assert np.isnan(compute_predicted("LOELOE_2025", 69, 189, ["F", "M"])).tolist() == [True, False]


def test_many_of_the_17_lie_outside_the_iranian_equation():
    # ages of Table 1 (shared/paper/table1.csv): 35, 25, 30, 35, 36 are below 38, and 71 above 69
    ages = [35, 25, 53, 44, 30, 35, 56, 46, 50, 36, 55, 67, 63, 52, 71, 56, 61]
    assert np.isnan(compute_predicted("LOELOE_2025", ages, 165, "M")).sum() == 6


def test_missing_stays_missing():
    ages, heights, sexes = [50, np.nan, 50, 50, 50], [170, 170, None, 170, 170], ["M", "M", "M", None, "F"]
    z = compute_z_score("GLI_2012", [3, 3, 3, 3, np.nan], ages, heights, sexes, "caucasian")
    assert np.isnan(z).tolist() == [False, True, True, True, True]
    groups = ["caucasian", None, "", np.nan, "other"]
    assert np.isnan(compute_predicted("GLI_2012", 50, 170, "M", groups)).tolist() == [
        False,
        True,
        True,
        True,
        False,
    ]


# Quanjer 2012 (supplement), FVC: coefficients of the four groups in ln M, against Caucasian
@pytest.mark.parametrize(
    ("sex", "shifts"),
    [("M", [0, -0.1684, -0.0405, -0.1177, -0.0825]), ("F", [0, -0.1555, -0.0262, -0.1516, -0.0833])],
)
def test_groups_differ_by_their_published_coefficients(sex, shifts):
    groups = ["caucasian", "african_american", "north_east_asian", "south_east_asian", "other"]
    predicted = compute_predicted("GLI_2012", 50, 170, sex, groups)
    assert np.log(predicted / predicted[0]) == pytest.approx(shifts, abs=1e-9)


def test_the_iranian_equation_warns_where_it_does_not_follow_height():
    # the lookup table itself: at 50 years a man of 145 cm is given more than one of 165 cm, and the note says so
    short, tall = compute_predicted("LOELOE_2025", 50, [145, 165], "M")
    assert short > tall
    note = next(equation.note for equation in equations() if equation.id == "LOELOE_2025")
    assert "145 cm" in note and "eligibility" in note


@given(ids, sexes, st.floats(38, 69), st.floats(150, 180), st.floats(0.5, 7), st.floats(0.01, 2))
@settings(max_examples=60, deadline=None)  # the first call loads the tables
def test_the_four_numbers_agree(equation, sex, age, height, fvc, more):
    who = (age, height, sex, group_of(equation))
    predicted, limit = compute_predicted(equation, *who), compute_lower_limit(equation, *who)
    assert 0 < limit < predicted
    assert compute_z_score(equation, predicted, *who) == pytest.approx(0, abs=1e-9)
    assert compute_z_score(equation, limit, *who) == pytest.approx(-1.645, abs=1e-9)
    assert compute_percent_predicted(equation, fvc, *who) * predicted == pytest.approx(100 * fvc, rel=1e-12)
    assert compute_z_score(equation, fvc + more, *who) > compute_z_score(equation, fvc, *who)


@given(st.lists(st.tuples(st.integers(20, 80), st.integers(140, 195), sexes), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_an_array_gives_what_each_row_gives(rows):
    ages, heights, sex = (list(column) for column in zip(*rows, strict=True))
    for equation in equations():
        together = compute_predicted(equation.id, ages, heights, sex, group_of(equation.id))
        alone = [float(compute_predicted(equation.id, *row, group_of(equation.id))) for row in rows]
        np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("GLI_1999", 50, 170, "M"), "GLI_2012, GLI_2022, LOELOE_2025"),
        (("GLI_2012", 50, 170, "M"), "needs a group"),
        (("GLI_2012", 50, 170, "M", "iranian"), "group must be one of"),
        (("GLI_2022", 50, 170, "male"), "sex must be one of"),
        (("GLI_2022", 50, 1.70, "M"), "centimetres"),
    ],
)
def test_people_that_make_no_sense_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        compute_predicted(*arguments)


@pytest.mark.parametrize("fvc", [0, -1])
def test_a_volume_not_above_0_is_refused(fvc):
    with pytest.raises(ValueError, match="FVC"):
        compute_percent_predicted("GLI_2022", fvc, 50, 170, "M")


def test_each_equation_names_its_source():
    assert [equation.id for equation in equations()] == ["GLI_2012", "GLI_2022", "LOELOE_2025"]
    assert all(equation.name and any(c.isdigit() for c in equation.source) for equation in equations())
