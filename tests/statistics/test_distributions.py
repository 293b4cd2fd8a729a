import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from charcot.statistics import distributions as ours

shares = st.floats(0.001, 0.999)
dfs = st.floats(0.2, 500)


# scipy.stats is the independent face of the same numbers
@given(shares, dfs, dfs, st.floats(0, 100))
def test_each_number_is_that_of_scipy_stats(share, one, two, value):
    assert ours.compute_normal_quantile(share) == pytest.approx(stats.norm.ppf(share), rel=1e-12, abs=1e-14)
    assert ours.compute_t_quantile(share, one) == pytest.approx(stats.t.ppf(share, one), rel=1e-10, abs=1e-12)
    assert ours.compute_f_tail(value, one, two) == pytest.approx(stats.f.sf(value, one, two), rel=1e-11)
    assert ours.compute_chi_squared_tail(value, one) == pytest.approx(stats.chi2.sf(value, one), rel=1e-11)
    quantile = ours.compute_chi_squared_quantile(share, one)
    assert quantile == pytest.approx(stats.chi2.ppf(share, one), rel=1e-11)
    assert ours.compute_beta_quantile(share, one, two) == pytest.approx(
        stats.beta.ppf(share, one, two), rel=1e-11
    )


def test_the_room_is_light_to_import():
    # scipy.special takes a fifth of a second, pandas as long: what needs them imports them where it uses them
    heavy = "sorted({'scipy', 'pandas', 'polars'} & set(sys.modules))"
    script = f"import sys, charcot.statistics; print({heavy})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
