"""Figures: vector drawings made once from results, for the page and for paper."""

from charcot.report.figures.course import draw_course
from charcot.report.figures.flow import draw_flow
from charcot.report.figures.ink import Drawing, spec_for_page
from charcot.report.figures.laboratory import draw_laboratory
from charcot.report.figures.profiles import draw_profiles
from charcot.report.figures.slopes import draw_slopes
from charcot.report.figures.survival import draw_survival
from charcot.report.figures.swimmer import draw_swimmers

__all__ = [
    "Drawing",
    "draw_course",
    "draw_flow",
    "draw_laboratory",
    "draw_profiles",
    "draw_slopes",
    "draw_survival",
    "draw_swimmers",
    "spec_for_page",
]
