"""Command line: a thin face over wiring, conduct and report."""
