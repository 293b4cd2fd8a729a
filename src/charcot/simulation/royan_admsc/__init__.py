"""The course of the first trial (Nabavi et al. 2021): what the paper prints, filled up with synthetic detail."""

from charcot.simulation.royan_admsc.course import shipped_course

__all__ = ["shipped_course"]
