"""Figures: vector drawings made once from results, for the page and for paper."""

from charcot.report.figures.course import draw_course
from charcot.report.figures.flow import draw_flow
from charcot.report.figures.survival import draw_survival

__all__ = ["draw_course", "draw_flow", "draw_survival"]
