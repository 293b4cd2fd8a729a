"""Wiring: where all parts meet. Opens a trial folder, picks the store, reads files, knows the time."""
