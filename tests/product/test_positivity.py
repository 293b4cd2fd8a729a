"""Spillover, thresholds and shares: against flowCore's matrix, a plain bootstrap, and truth that is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charcot.product.flow_cytometry import (
    MarkerLimit,
    MarkerVerdict,
    NoCompensation,
    PanelLine,
    PositivityMethod,
    compensate,
    estimate_positivity,
    estimate_spillover,
    measure_panel,
    parse_spillover,
    parse_tube,
)
from charcot.product.flow_cytometry.positivity import (
    compute_subtracted,
    compute_tail_index,
    compute_threshold,
    draw_subtracted,
)
from charcot.refusal import BadValue
from charcot.simulation.tubes import COLOURS, SPILL, draw_tube
from product.fcs_files import make_fcs, real_file

DETECTORS = ("FL1-H", "FL2-H", "FL3-H", "FL4-H")


def test_spillover_of_the_flowcore_tubes_is_flowcore_s() -> None:
    unstained = parse_tube(real_file("flowCore_060909.001_unstained.fcs"))
    files = ("002_FITC", "003_PE", "005_7AAD", "004_APC")
    stained = {
        detector: parse_tube(real_file(f"flowCore_060909.{file}.fcs"))
        for detector, file in zip(DETECTORS, files, strict=True)
    }
    lines = real_file("flowCore_compref_spillover.txt").decode().splitlines()
    reference = [[float(cell) for cell in line.split()[1:]] for line in lines[1:]]
    assert np.abs(estimate_spillover(unstained, stained, DETECTORS).matrix - reference).max() < 1e-12


def test_a_single_stain_in_the_wrong_place_is_refused() -> None:
    dark = parse_tube(make_fcs([[1, 1], [2, 2], [1, 2]], ["A", "B"]))
    bright_b = parse_tube(make_fcs([[5, 99], [6, 98], [7, 97]], ["A", "B"]))
    with pytest.raises(NoCompensation, match="brightest in B"):
        estimate_spillover(dark, {"A": bright_b, "B": bright_b}, ["A", "B"])
    with pytest.raises(NoCompensation, match="no single stain for A"):
        estimate_spillover(dark, {"B": bright_b}, ["A", "B"])


@pytest.mark.parametrize("text", ["", "2,A,B,1,0", "2,A,A,1,0,0,1", "x", "1,A,nan", "-1", "0"])
def test_a_matrix_in_a_file_that_is_not_whole_is_refused(text: str) -> None:
    with pytest.raises(NoCompensation):
        parse_spillover(text)


def test_the_matrix_of_a_real_file_is_its_own() -> None:
    # its header: SPILL 14,Ax488-A,...: ones on the diagonal, zeros elsewhere
    tube = parse_tube(real_file("FlowKit_test_comp_example.fcs"))
    found = parse_spillover(tube.spillover_text or "")
    assert found.dyes[:2] == ("Ax488-A", "PE-A") and (found.matrix == np.eye(14)).all()


@given(st.lists(st.lists(st.floats(-1e4, 1e4), min_size=4, max_size=4), min_size=1, max_size=5))
def test_compensation_undoes_what_spilled_over(light: list[list[float]]) -> None:
    spill = parse_spillover("4," + ",".join(COLOURS) + "," + ",".join(map(str, SPILL.ravel())))
    found = compensate(np.array(light) @ SPILL, COLOURS, spill)
    assert found == pytest.approx(np.array(light), abs=1e-8)


def test_a_matrix_that_cannot_be_solved_or_has_no_channel_is_refused() -> None:
    with pytest.raises(NoCompensation, match="two of its dyes look the same"):
        compensate(np.ones((3, 2)), ["A", "B"], parse_spillover("2,A,B,1,1,1,1"))
    with pytest.raises(NoCompensation, match="no channel B"):
        compensate(np.ones((3, 1)), ["A"], parse_spillover("2,A,B,1,0,0,1"))


def test_one_per_cent_is_read_as_two_by_a_plain_percentile_and_as_one_after_subtraction() -> None:
    # domain facts of cell products: on truth 1 %, a plain 99th percentile reads 1.97 %
    generator = np.random.default_rng(20140314)
    control = generator.normal(0, 1, 200_000)
    positive = generator.random(200_000) < 0.01
    sample = np.where(positive, generator.normal(4.5, 1, 200_000), generator.normal(0, 1, 200_000))
    found = estimate_positivity(control, sample, MarkerLimit(), PositivityMethod(), generator)
    assert found.raw.estimate == pytest.approx(0.0197, abs=0.0006)
    assert found.subtracted.lower < 0.01 < found.subtracted.upper
    assert found.subtracted.upper - found.subtracted.lower < 0.003
    # the control is normal: p99 = 2.3263 standard deviations, so (p99 - median) / 3 = 0.7754
    assert found.tail == pytest.approx(0.7754, abs=0.02)


def test_the_threshold_is_an_event_of_the_control_and_positive_is_strictly_above() -> None:
    control, sample = np.arange(100.0), np.array([98.0, 99.0, 99.5, 100.0])
    method = PositivityMethod(percentile=99, least_control=10, least_sample=1)
    found = estimate_positivity(control, sample, MarkerLimit(), method, np.random.default_rng(1))
    assert (found.threshold, found.raw.estimate) == (99.0, 0.5)
    assert compute_threshold(np.array([1.0, 2.0]), 50) == 2.0


def plain_bootstrap(control: np.ndarray, sample: np.ndarray, percentile: float, draws: int) -> np.ndarray:
    """Draws every event anew, as Efron describes it."""
    generator = np.random.default_rng(99)
    found = []
    for _ in range(draws):
        c, s = generator.choice(control, len(control)), generator.choice(sample, len(sample))
        threshold = compute_threshold(c, percentile)
        found.append(compute_subtracted((s > threshold).mean(), (c > threshold).mean()))
    return np.array(found)


@pytest.mark.parametrize("ties", [False, True])
def test_the_quick_bootstrap_is_distributed_as_the_plain_one(ties: bool) -> None:
    generator = np.random.default_rng(5)
    control, sample = generator.normal(0, 1, 400), generator.normal(1, 1, 300)
    if ties:
        control, sample = np.round(control, 1), np.round(sample, 1)
    plain = plain_bootstrap(control, sample, 95, 4000)
    quick = draw_subtracted(np.sort(control), np.sort(sample), 95, 4000, np.random.default_rng(6))
    for share in (0.025, 0.25, 0.5, 0.75, 0.975):
        assert np.quantile(quick, share) == pytest.approx(np.quantile(plain, share), abs=0.012)
    assert quick.std() == pytest.approx(plain.std(), rel=0.08)


def test_the_bootstrap_interval_covers_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(12)
    limit, method = MarkerLimit(), PositivityMethod(least_control=1, least_sample=1, draws=400)
    covered = 0
    for _ in range(200):
        sample = np.where(generator.random(2000) < 0.3, 100.0, 0.0) + generator.normal(0, 1, 2000)
        found = estimate_positivity(generator.normal(0, 1, 2000), sample, limit, method, generator)
        covered += found.subtracted.lower <= 0.3 <= found.subtracted.upper
    # 95 % of 200 is 190; a binomial count lies within 180 and 198 with more than 99 %
    assert 180 <= covered <= 198


def judge(share: float, limit: MarkerLimit, events: int = 20_000, **more: object) -> MarkerVerdict:
    generator = np.random.default_rng(3)
    control = generator.normal(0, 1, events)
    sample = np.where(generator.random(events) < share, 50, 0) + generator.normal(0, 1, events)
    return estimate_positivity(control, sample, limit, PositivityMethod(**more), generator).verdict  # type: ignore[arg-type]


def test_verdicts_are_pass_fail_invalid_and_not_tested() -> None:
    assert judge(0.97, MarkerLimit(at_least=0.95)) is MarkerVerdict.PASS
    assert judge(0.93, MarkerLimit(at_least=0.95)) is MarkerVerdict.FAIL
    assert judge(0.015, MarkerLimit(at_most=0.02)) is MarkerVerdict.PASS
    assert judge(0.015, MarkerLimit(at_most=0.02), judged="raw") is MarkerVerdict.FAIL
    assert judge(0.97, MarkerLimit(at_least=0.95), events=4_000) is MarkerVerdict.INVALID
    assert judge(0.97, MarkerLimit()) is MarkerVerdict.NOT_TESTED


def test_a_verdict_that_hangs_on_the_threshold_asks_for_a_person() -> None:
    generator = np.random.default_rng(8)
    control, sample = generator.normal(0, 1, 20_000), generator.normal(2.0, 1, 20_000)
    limit = MarkerLimit(at_least=0.5)
    found = estimate_positivity(control, sample, limit, PositivityMethod(), generator)
    assert {one.verdict for one in found.sensitivity} == {MarkerVerdict.PASS, MarkerVerdict.FAIL}
    assert found.needs_review
    sure = estimate_positivity(control, sample + 20, limit, PositivityMethod(), generator)
    assert sure.verdict is MarkerVerdict.PASS and not sure.needs_review


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(0, 9), max_size=40),
    st.lists(st.integers(0, 9), max_size=40),
    st.sampled_from([50.0, 99.0, 100.0]),
)
def test_whatever_events_come_shares_stay_shares(
    control: list[int], sample: list[int], percentile: float
) -> None:
    method = PositivityMethod(percentile=percentile, least_control=1, least_sample=1, draws=50)
    found = estimate_positivity(
        np.array(control, float),
        np.array(sample, float),
        MarkerLimit(at_least=0.5),
        method,
        np.random.default_rng(1),
    )
    if found.verdict is MarkerVerdict.INVALID:
        assert found.why
        return
    assert 0 <= found.raw.lower <= found.raw.estimate <= found.raw.upper <= 1
    assert found.subtracted.estimate <= found.raw.estimate + 1e-12
    assert found.subtracted.lower <= found.subtracted.upper


def test_a_control_without_spread_has_no_tail_index() -> None:
    assert np.isnan(compute_tail_index(np.zeros(50)))


def test_a_panel_of_synthetic_tubes_finds_the_shares_it_was_drawn_with() -> None:
    def tube(label: str, number: int, **shares: float) -> object:
        named = {colour: shares.get(colour.split("-")[0], 0.0) for colour in COLOURS}
        return parse_tube(draw_tube(label, named, seed=[11, number], events=30_000, debris=0).content)

    unstained = tube("unstained", 0)
    singles = {colour: tube(colour, n, **{colour.split("-")[0]: 1.0}) for n, colour in enumerate(COLOURS, 1)}
    spillover = estimate_spillover(unstained, singles, COLOURS)  # type: ignore[arg-type]
    assert np.abs(spillover.matrix - SPILL).max() < 0.02
    tubes = {"control": unstained, "stained": tube("stained", 9, FITC=0.97, PE=0.9, PerCP=0.01, APC=0.03)}
    lines = [
        PanelLine("CD105", "FITC-A", "stained", "control", MarkerLimit(at_least=0.95)),
        PanelLine("CD73", "PE-A", "stained", "control", MarkerLimit(at_least=0.95)),
        PanelLine("CD45", "PerCP-A", "stained", "control", MarkerLimit(at_most=0.02)),
        PanelLine("CD34", "APC-A", "stained", "control", MarkerLimit(at_most=0.02)),
    ]
    found = measure_panel(tubes, lines, PositivityMethod(), seed=4, compensation=spillover)  # type: ignore[arg-type]
    assert [one.found.verdict.value for one in found] == ["PASS", "FAIL", "PASS", "FAIL"]
    truths = (0.97, 0.9, 0.01, 0.03)
    for truth, one in zip(truths, found, strict=True):
        assert one.found.subtracted.estimate == pytest.approx(truth, abs=0.006)
    again = measure_panel(tubes, lines, PositivityMethod(), seed=4, compensation=spillover)  # type: ignore[arg-type]
    assert [one.found for one in again] == [one.found for one in found]
    with pytest.raises(BadValue, match="no tube isotype"):
        measure_panel(tubes, [PanelLine("CD90", "PE-A", "stained", "isotype")], PositivityMethod(), seed=1)  # type: ignore[arg-type]
