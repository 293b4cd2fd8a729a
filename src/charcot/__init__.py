"""Charcot runs an early-phase cell-therapy trial in ALS, from the protocol to the published tables."""

__version__ = "0.1.0"
