"""Simulation: an imagined trial, played through the front door."""

from charcot.simulation.acts import PlannedAct
from charcot.simulation.play import SettableClock, UnknownVerb, play
from charcot.simulation.royan_admsc import shipped_course

__all__ = ["PlannedAct", "SettableClock", "UnknownVerb", "play", "shipped_course"]
