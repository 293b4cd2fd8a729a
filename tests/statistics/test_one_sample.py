from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charcot.statistics import compute_survivors, one_sample_log_rank


def test_one_sample_log_rank_with_delayed_entry_against_r(data):
    # R survival 3.5-3: lung, entry at t0 = 50 ph.ecog + 10 (inst %% 7), against Weibull S(t) = exp(-(t / 420)^1.3);
    # survdiff(Surv(time, status) ~ offset(S(t0 + time) / S(t0)))
    rows = [row for row in data("lung") if row["ph.ecog"] and row["inst"]]
    time, ecog, inst, status = (
        np.array([float(row[name]) for row in rows]) for name in ("time", "ph.ecog", "inst", "status")
    )
    start = 50 * ecog + 10 * (inst % 7)
    found = one_sample_log_rank(status - 1, ((start + time) / 420) ** 1.3, (start / 420) ** 1.3)
    assert (found.observed, len(rows)) == (163, 226)
    assert found.expected == pytest.approx(185.26474565960814, rel=1e-12)
    assert found.chi_squared == pytest.approx(2.67573249039964, rel=1e-10)
    assert found.p == pytest.approx(0.101888437, rel=1e-8)


def test_who_enters_late_has_less_to_expect():
    late = one_sample_log_rank([1, 0], [1.5, 1.5], [1.0, 1.0])
    early = one_sample_log_rank([1, 0], [1.5, 1.5])
    assert late.ratio.estimate == 3 * early.ratio.estimate
    assert late.ratio.lower < late.ratio.estimate < late.ratio.upper


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=7))
def test_survivors_are_every_way_to_survive_added_up(chances):
    found = compute_survivors(chances)
    sums = np.zeros(len(chances) + 1)
    for lives in product((0, 1), repeat=len(chances)):
        sums[sum(lives)] += np.prod([c if alive else 1 - c for c, alive in zip(chances, lives, strict=True)])
    assert found == pytest.approx(sums, abs=1e-12)
    assert found @ np.arange(len(found)) == pytest.approx(sum(chances), abs=1e-12)


def test_equal_chances_are_binomial():
    # R 4.2.2: pbinom(4, 17, .2, lower.tail = FALSE)
    assert compute_survivors([0.2] * 17)[5:].sum() == pytest.approx(0.24177678148567, rel=1e-10)


def test_impossible_expectations_are_refused():
    with pytest.raises(ValueError, match="does not fall"):
        one_sample_log_rank([1], [0.1], [0.2])
    with pytest.raises(ValueError, match="no event is expected"):
        one_sample_log_rank([0], [0.2], [0.2])
    with pytest.raises(ValueError, match="1 \\(or true\\)"):
        one_sample_log_rank([2], [0.2])
    with pytest.raises(ValueError, match="from 0 to 1"):
        compute_survivors([1.2])
