"""Library: the trial templates that ship with Charcot, one folder each."""
