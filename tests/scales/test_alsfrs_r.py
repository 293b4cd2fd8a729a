import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charcot.scales import ITEMS, check_scores, compute_percent, compute_subscores, compute_total

FIVE_A, FIVE_B = "cutting_food", "handling_utensils"
TWELVE = [item.id for item in ITEMS if item.id != FIVE_B]

# shared/domain/als.md section 1, example: total 19, bulbar 5, fine 4, gross 4, respiratory 6
EXAMPLE = dict(zip(TWELVE, (1, 3, 1, 1, 2, 1, 2, 1, 1, 1, 3, 2), strict=True))

score = st.integers(0, 4)
forms = st.lists(st.tuples(st.lists(score, min_size=12, max_size=12), st.booleans()), min_size=1, max_size=8)


def columns(rows):
    """Columns of items from rows of (twelve scores, whether 5b was used)."""
    table = np.array([scores for scores, _ in rows], dtype=float)
    items = dict(zip(TWELVE, table.T, strict=True))
    with_tube = np.array([tube for _, tube in rows])
    five = items[FIVE_A]
    return items | {FIVE_A: np.where(with_tube, np.nan, five), FIVE_B: np.where(with_tube, five, np.nan)}


def problems(items, gastrostomy=None):
    return {(finding.problem, finding.items, finding.rows) for finding in check_scores(items, gastrostomy)}


def test_the_example():
    assert compute_total(EXAMPLE).tolist() == [19]
    subscores = compute_subscores(EXAMPLE)
    assert [
        subscores.bulbar[0],
        subscores.fine_motor[0],
        subscores.gross_motor[0],
        subscores.respiratory[0],
    ] == [
        5,
        4,
        4,
        6,
    ]
    assert check_scores(EXAMPLE) == ()


def test_the_items_are_those_of_the_published_form():
    # Cedarbaum 1999: 12 items in four domains of three, 5 in two versions
    assert [item.number for item in ITEMS] == ["1", "2", "3", "4", "5a", "5b", *map(str, range(6, 13))]
    domains = [item.domain for item in ITEMS if item.id != FIVE_B]
    assert domains == ["bulbar"] * 3 + ["fine_motor"] * 3 + ["gross_motor"] * 3 + ["respiratory"] * 3
    by_id = {item.id: item for item in ITEMS}
    assert all(len(item.anchors) == 5 and all(item.anchors) for item in ITEMS)
    # shared/domain/als.md section 1: lowest and highest anchors, so that they are not stored upside down
    assert (by_id["speech"].anchors[4], by_id["speech"].anchors[0]) == ("normal", "no useful speech")
    assert by_id["respiratory_insufficiency"].anchors[2] == "NIV through the night"
    assert "without gastrostomy" in by_id[FIVE_A].wording and "with gastrostomy" in by_id[FIVE_B].wording


def test_only_the_anchors_marked_m_are_unchecked():
    # shared/domain/als.md section 1: the anchors 3 to 0 of item 11 carry (M)
    assert {item.id: item.unchecked_scores for item in ITEMS if item.unchecked} == {
        "orthopnoea": (0, 1, 2, 3)
    }


@given(forms)
def test_a_total_is_the_sum_of_its_subscores_and_of_its_items(rows):
    items = columns(rows)
    total, subscores = compute_total(items), compute_subscores(items)
    parts = [subscores.bulbar, subscores.fine_motor, subscores.gross_motor, subscores.respiratory]
    assert (total == np.sum(parts, axis=0)).all()
    assert total.tolist() == [sum(scores) for scores, _ in rows]
    assert all(((part >= 0) & (part <= 12)).all() for part in parts)


@given(forms, st.sampled_from(TWELVE), st.data())
def test_a_better_item_gives_a_better_total(rows, better, data):
    row = data.draw(st.integers(0, len(rows) - 1))
    items = columns([(scores, False) for scores, _ in rows])
    if items[better][row] == 4:
        items[better][row] = 3
    before = compute_total(items)
    items[better][row] += 1
    change = np.zeros(len(rows))
    change[row] = 1
    assert (compute_total(items) - before == change).all()


@given(forms, st.sampled_from([id for id in TWELVE if id != FIVE_A]), st.data())
def test_a_missing_item_stays_missing_and_touches_only_its_row(rows, id, data):
    row = data.draw(st.integers(0, len(rows) - 1))
    items, whole = columns(rows), compute_total(columns(rows))
    items[id][row] = np.nan
    total = compute_total(items)
    assert np.isnan(total).tolist() == [k == row for k in range(len(rows))]
    assert (np.delete(total, row) == np.delete(whole, row)).all()
    assert problems(items) == {("missing", (id,), (row,))}
    domain = next(item.domain for item in ITEMS if item.id == id)
    subscores = compute_subscores(items)
    for name in ("bulbar", "fine_motor", "gross_motor", "respiratory"):
        assert np.isnan(getattr(subscores, name)[row]) == (name == domain)


def test_exactly_one_version_of_item_5():
    rows = {id: np.full(4, 3.0) for id in TWELVE if id != FIVE_A}
    items = rows | {FIVE_A: [3, np.nan, 3, np.nan], FIVE_B: [np.nan, 2, 2, np.nan]}
    np.testing.assert_array_equal(compute_total(items), [36, 35, np.nan, np.nan])
    assert problems(items) == {
        ("both_versions", (FIVE_A, FIVE_B), (2,)),
        ("no_version", (FIVE_A, FIVE_B), (3,)),
    }


def test_5b_if_and_only_if_gastrostomy():
    rows = {id: np.full(5, 4.0) for id in TWELVE if id != FIVE_A}
    items = rows | {FIVE_A: [4, 4, np.nan, np.nan, 4], FIVE_B: [np.nan, np.nan, 4, 4, np.nan]}
    gastrostomy = [False, True, True, False, None]
    np.testing.assert_array_equal(compute_total(items, gastrostomy), [48, np.nan, 48, np.nan, 48])
    assert problems(items, gastrostomy) == {
        ("wrong_version", (FIVE_A,), (1,)),
        ("wrong_version", (FIVE_B,), (3,)),
    }
    assert problems(items) == set()


def test_an_empty_row_is_no_finding_and_has_no_total():
    items = {id: [np.nan, 2] for id in TWELVE}
    np.testing.assert_array_equal(compute_total(items), [np.nan, 24])
    assert check_scores(items) == ()


@pytest.mark.parametrize("wrong", [5, -1, 2.5, np.inf])
def test_a_score_that_is_not_allowed_names_its_item(wrong):
    items = {id: [3, 3] for id in TWELVE} | {"walking": [3, wrong]}
    with pytest.raises(ValueError, match=r"walking \(8\), rows 1: .*0 to 4"):
        compute_total(items)
    assert problems(items) == {("not_allowed", ("walking",), (1,))}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"walkng": [1]}, "not items of the ALSFRS-R: walkng"),
        ({"speech": [1, 2]}, "one length"),
        ({"speech": [[1]]}, "one-dimensional"),
        ({"speech": ["normal"]}, "speech .1.: the scores are not numbers"),
    ],
)
def test_columns_that_make_no_sense_are_refused(change, words):
    for function in (compute_total, check_scores):
        with pytest.raises(ValueError, match=words):
            function(EXAMPLE | change)


@pytest.mark.parametrize("id", TWELVE)
def test_an_absent_item_is_refused(id):
    with pytest.raises(ValueError, match=f"not given: .*{id}"):
        compute_total({name: value for name, value in EXAMPLE.items() if name != id})


@pytest.mark.parametrize(
    ("flag", "words"), [([True, False], "gastrostomy has shape"), ([2], "true or false")]
)
def test_a_bad_gastrostomy_flag_is_refused(flag, words):
    with pytest.raises(ValueError, match=words):
        compute_total(EXAMPLE, flag)


def test_percent():
    # shared/design.md, Rulings: "percent" of ALSFRS-R is 100 x total / 48
    np.testing.assert_array_equal(compute_percent([48, 36, 0, np.nan]), [100, 75, 0, np.nan])
    with pytest.raises(ValueError, match="0 to 48"):
        compute_percent([49])
