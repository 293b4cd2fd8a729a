import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charcot.scales import ITEMS, STAGING_SYSTEMS, compute_ft9, compute_kings, compute_mitos

FIVE_A, FIVE_B = "cutting_food", "handling_utensils"
TWELVE = [item.id for item in ITEMS if item.id != FIVE_B]
forms = st.lists(st.integers(0, 4), min_size=12, max_size=12)


def person(**changes):
    """One person with full marks, save for the changes; giving 5b takes 5a away."""
    items = dict.fromkeys(TWELVE, 4.0) | changes
    if FIVE_B in changes and FIVE_A not in changes:
        items[FIVE_A] = np.nan
    return items


def test_the_example():
    # shared/domain/als.md section 1, example: MiToS 4, King's 4B, FT9 4
    items = dict(zip(TWELVE, (1, 3, 1, 1, 2, 1, 2, 1, 1, 1, 3, 2), strict=True))
    kings = compute_kings(items)
    assert (compute_mitos(items)[0], kings.stage[0], kings.label[0], compute_ft9(items)[0]) == (4, 4, "4B", 4)


# shared/domain/als.md section 1; the same thresholds in the MiToS table of J Neurol Neurosurg Psychiatry (Chiò 2015)
@pytest.mark.parametrize(
    ("changes", "stage"),
    [
        ({}, 0),
        ({"walking": 1}, 1),
        ({"walking": 2}, 0),
        ({"dressing_hygiene": 1}, 1),
        ({"dressing_hygiene": 2}, 0),
        ({"walking": 0, "dressing_hygiene": 0}, 1),
        ({"swallowing": 1}, 1),
        ({"swallowing": 2}, 0),
        ({"speech": 0}, 0),
        ({"handwriting": 0}, 0),
        ({"speech": 1, "handwriting": 1}, 1),
        ({"speech": 2, "handwriting": 1}, 0),
        ({"dyspnoea": 1}, 1),
        ({"dyspnoea": 2}, 0),
        ({"respiratory_insufficiency": 2}, 1),
        ({"respiratory_insufficiency": 3}, 0),
        ({"walking": 1, "swallowing": 1, "speech": 1, "handwriting": 1, "dyspnoea": 1}, 4),
        ({"walking": np.nan}, np.nan),
        ({"walking": np.nan, "dressing_hygiene": 1}, 1),
        ({"speech": np.nan}, 0),
        ({"speech": np.nan, "handwriting": 1}, np.nan),
    ],
)
def test_mitos(changes, stage):
    np.testing.assert_array_equal(compute_mitos(person(**changes)), [stage])


# shared/domain/als.md section 1 (Balendra 2014)
@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({"speech": 3}, "1"),
        ({"salivation": 3}, "1"),
        ({"swallowing": 3}, "1"),
        ({"handwriting": 3}, "1"),
        ({FIVE_A: 3}, "1"),
        ({"walking": 3}, "1"),
        ({"speech": 0, "salivation": 0, "swallowing": 0}, "1"),
        ({"speech": 3, "handwriting": 3}, "2"),
        ({"speech": 3, "handwriting": 3, "walking": 3}, "3"),
        (
            {"walking": 3, "dressing_hygiene": 0, "turning_in_bed": 0, "climbing_stairs": 0, "orthopnoea": 0},
            "1",
        ),
        ({FIVE_B: 4}, "4A"),
        ({FIVE_B: 4, "walking": np.nan}, "4A"),
        ({FIVE_B: 4, "dyspnoea": 0}, "4B"),
        ({"dyspnoea": 0}, "4B"),
        ({"dyspnoea": 1, "walking": 3}, "1"),
        ({"respiratory_insufficiency": 3}, "4B"),
        ({"respiratory_insufficiency": 3, "speech": np.nan, FIVE_A: np.nan}, "4B"),
        ({"dyspnoea": np.nan}, None),
        ({"walking": np.nan}, None),
        ({"salivation": np.nan}, None),
        ({"salivation": np.nan, "speech": 3}, "1"),
        ({FIVE_A: np.nan}, None),
        ({FIVE_A: 4, FIVE_B: 4}, None),
    ],
)
def test_kings(changes, label):
    result = compute_kings(person(**changes))
    stage = np.nan if label is None else float(label[0])
    np.testing.assert_array_equal(result.stage, [stage])
    assert result.label.tolist() == [label]
    assert result.recoded.tolist() == [False]


def test_kings_stage_0_is_recoded_and_says_so():
    # shared/domain/als.md section 1: recoding 0 to 1 is an option, default 1, flagged
    result = compute_kings(person())
    assert (result.stage.tolist(), result.label.tolist(), result.recoded.tolist()) == ([1], ["1"], [True])
    result = compute_kings(person(), zero_as_one=False)
    assert (result.stage.tolist(), result.label.tolist(), result.recoded.tolist()) == ([0], ["0"], [False])


# shared/domain/als.md section 1: FT9 counts subscores <= 9 (from memory there, and unchecked)
@pytest.mark.parametrize(
    ("changes", "stage"),
    [
        ({}, 0),
        ({"speech": 1}, 1),
        ({"speech": 2}, 0),
        ({FIVE_B: 1, "turning_in_bed": 1}, 2),
        ({"speech": 0, "handwriting": 0, "walking": 0, "orthopnoea": 0}, 4),
        ({"orthopnoea": np.nan}, np.nan),
        ({FIVE_A: np.nan}, np.nan),
    ],
)
def test_ft9(changes, stage):
    np.testing.assert_array_equal(compute_ft9(person(**changes)), [stage])


def test_only_ft9_is_unchecked():
    assert {system.id: system.unchecked for system in STAGING_SYSTEMS} == {
        "mitos": False,
        "kings": False,
        "ft9": True,
    }


def test_death_is_stage_5_whatever_the_items_say():
    items = {id: [4, np.nan, 0] for id in TWELVE}
    died = [True, True, False]
    kings = compute_kings(items, died)
    assert compute_mitos(items, died).tolist() == compute_ft9(items, died).tolist() == [5, 5, 4]
    assert (kings.label.tolist(), kings.recoded.tolist()) == (["5", "5", "4B"], [False] * 3)


@pytest.mark.parametrize(
    ("died", "words"), [([None], "died must be"), ([2], "died must be"), ([1, 0], "died has shape")]
)
@pytest.mark.parametrize("compute", [compute_mitos, compute_kings, compute_ft9])
def test_an_unclear_death_is_refused(compute, died, words):
    with pytest.raises(ValueError, match=words):
        compute(person(), died)


@given(forms, st.integers(0, 11))
def test_a_loss_never_lowers_a_stage(scores, lost):
    items = dict(zip(TWELVE, scores, strict=True))
    worse = items | {TWELVE[lost]: max(0, scores[lost] - 1)}
    assert compute_mitos(worse)[0] >= compute_mitos(items)[0]
    assert compute_ft9(worse)[0] >= compute_ft9(items)[0]
    for zero_as_one in (True, False):
        stages = [compute_kings(x, zero_as_one=zero_as_one).stage[0] for x in (items, worse)]
        assert stages[1] >= stages[0]


@given(forms, st.sets(st.integers(0, 11)))
def test_a_stage_given_despite_missing_items_is_the_true_one(scores, hidden):
    items = dict(zip(TWELVE, scores, strict=True))
    partial = items | {TWELVE[k]: np.nan for k in hidden}
    for compute in (compute_mitos, compute_ft9, lambda x: compute_kings(x).stage):
        seen = compute(partial)[0]
        assert np.isnan(seen) or seen == compute(items)[0]
        if not hidden:
            assert not np.isnan(seen)


@given(st.lists(forms, min_size=1, max_size=6), st.randoms())
def test_rows_do_not_know_each_other(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    items = dict(zip(TWELVE, np.array(rows).T, strict=True))
    shuffled = {id: column[order] for id, column in items.items()}
    assert (compute_mitos(shuffled) == compute_mitos(items)[order]).all()
    assert (compute_kings(shuffled).label == compute_kings(items).label[order]).all()
