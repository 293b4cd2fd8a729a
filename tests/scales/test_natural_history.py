import numpy as np
import pytest

from charcot.scales import compute_expected_course


def test_survival_of_the_simulator():
    # shared/domain/als.md section 6: 200,000 draws of van Eijk 2018, so within three standard errors of .0011;
    # the median is 21.4 months
    found = compute_expected_course([6, 12, 18, 24]).survival[0]
    assert found == pytest.approx([0.967, 0.816, 0.597, 0.443], abs=0.0034)
    around = compute_expected_course([21.35, 21.45]).survival[0]
    assert around[0] == pytest.approx(0.5, abs=0.005) and around[1] == pytest.approx(0.5, abs=0.005)


def test_survival_and_score_of_the_living_against_integration():
    # R 4.2.2: nested integrate() over time, intercept and slope, rel.tol 1e-8
    found = compute_expected_course([6, 12, 18, 24, 60])
    survival = [0.966830214883, 0.816731040836, 0.59841378068, 0.443220180616, 0.20098981258]
    alive = [31.914490234533, 28.776049141622, 30.89946343851, 35.550393664452, 68.03572667318]
    assert found.survival[0] == pytest.approx(survival, abs=1e-8)
    assert found.score_alive[0] == pytest.approx(alive, abs=1e-6)


def test_given_the_first_score_against_integration():
    # as above, from the normal distribution of intercept and slope given the first score
    found = compute_expected_course([12, 60], [26, 37])
    assert found.survival == pytest.approx(
        np.array([[0.496007671952, 0.056685319646], [0.820282133774, 0.175879278275]]), abs=1e-6
    )
    assert found.score_alive[:, 0] == pytest.approx([16.213850684217, 26.570582750771], abs=1e-6)


def test_ten_years_after_the_first_score_against_integration():
    # R 4.2.2: nested integrate() as above, the slope in pieces of half a standard deviation, rel.tol 1e-10
    found = compute_expected_course([120], [25, 40])
    assert found.survival[:, 0] == pytest.approx([0.041188496896054, 0.17320188657775], abs=1e-9)
    assert found.score_alive[:, 0] == pytest.approx([109.931536704289, 115.966198865103], abs=1e-6)


def test_low_scores_regress_to_the_mean_and_death_flatters_the_living():
    found = compute_expected_course([0, 12], [20, 45])
    # 26.10 / (26.10 + 3.08) of the distance from 38 is kept at the first visit
    assert found.score[:, 0] == pytest.approx([38 - 18 * 26.10 / 29.18, 38 + 7 * 26.10 / 29.18])
    assert (found.score_alive[:, 1] > found.score[:, 1]).all()


def test_missing_scores_and_wrong_ones():
    found = compute_expected_course([0, 12], [np.nan, 30])
    assert np.isnan(found.survival[0]).all() and found.survival[1, 0] == pytest.approx(1)
    with pytest.raises(ValueError, match="48"):
        compute_expected_course([6], [49])
    with pytest.raises(ValueError, match="at least 0"):
        compute_expected_course([-1])
