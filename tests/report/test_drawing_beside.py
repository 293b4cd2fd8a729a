"""Drawings that a second process makes are those that would be made here, also where that process dies."""

import os
import signal
from multiprocessing import active_children

import pytest

from charcot.report.figures import ink
from charcot.report.figures.beside import drawing_beside
from charcot.report.figures.ink import chart_of, render_drawing


@pytest.fixture
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def draw(points: int) -> str:
    rows = [{"x": n, "y": n * n % 7} for n in range(points)]
    layer = chart_of(rows).mark_point().encode(x="x:Q", y="y:Q")
    return render_drawing(layer + layer.mark_line(), "points", "Points on a line").svg


def test_what_is_drawn_beside_is_what_is_drawn_here(
    two_processors: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, before = draw(9), active_children()
    monkeypatch.setattr(ink, "draw_spec", refuse)
    with drawing_beside():
        assert len(active_children()) == len(before) + 1
        assert draw(9) == here
    assert "<svg" in here and "Points on a line" in here


def refuse(*_: object) -> str:
    raise AssertionError("this was to be drawn by the other process")


def test_a_drawing_is_made_here_where_the_other_process_died(two_processors: None) -> None:
    here, before = draw(5), active_children()
    with drawing_beside():
        (other,) = set(active_children()).difference(before)
        os.kill(other.pid or 0, signal.SIGKILL)
        other.join()
        assert draw(5) == here
    assert other not in active_children()
